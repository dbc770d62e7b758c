//! How often what may be asked, so that nobody guesses, nobody is flooded and nobody is locked out of what is theirs.
//!
//! Guesses at one account from devices that nobody knows share one small allowance, wherever they come from. A device
//! that has signed in before has an allowance of its own, which no stranger can use up.

use std::time::Duration;

use aws_lc_rs::hmac;
use backplane::limits::{Decision, Limit};

use super::IdentityRefusal;
use crate::People;

const QUARTER: Duration = Duration::from_mins(15);
const HOUR: Duration = Duration::from_hours(1);

#[derive(Debug, Clone, Copy)]
pub struct AuthLimits {
    /// Passwords tried for one account by devices unknown to it, all together; by each known one, alone.
    pub passwords_per_account: Limit,
    /// Passwords and codes tried from one address.
    pub tries_per_address: Limit,
    /// Codes sent to one number for devices unknown to it, all together; for each known one, alone.
    pub codes_per_number: Limit,
    pub codes_per_address: Limit,
    /// Between two codes to one number for one device.
    pub code_resend: Option<Limit>,
    /// Mails to one address that somebody who is not signed in asked for.
    pub mails_per_email: Limit,
    pub mails_per_address: Limit,
}

impl Default for AuthLimits {
    fn default() -> Self {
        Self {
            passwords_per_account: Limit::new(10, QUARTER),
            tries_per_address: Limit::new(60, QUARTER),
            codes_per_number: Limit::new(5, HOUR),
            codes_per_address: Limit::new(30, HOUR),
            code_resend: Some(Limit::new(1, Duration::from_mins(1))),
            mails_per_email: Limit::new(5, HOUR),
            mails_per_address: Limit::new(30, HOUR),
        }
    }
}

/// Names what is counted by a keyed hash: a backplane learns neither numbers nor addresses.
pub(super) fn key(app: &People, what: &'static str, parts: &[&[u8]]) -> String {
    let mut context = hmac::Context::with_key(&app.limit_key);
    context.update(what.as_bytes());
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    let tag = context.sign();
    let (halves, _) = tag.as_ref().as_chunks::<16>();
    let half = halves.first().copied().unwrap_or_default();
    format!("{what}:{:032x}", u128::from_be_bytes(half))
}

/// The allowance for something about one account or number: the device's own where it is known there, the strangers'
/// otherwise.
pub(super) fn key_of(app: &People, what: &'static str, subject: &[u8], known: Option<&[u8; 32]>) -> String {
    match known {
        Some(device) => key(app, what, &[subject, device]),
        None => key(app, what, &[subject]),
    }
}

/// Charges each of the limits, or none and says when to retry.
pub(super) async fn charge(app: &People, keys: &[(String, Limit)]) -> Result<(), IdentityRefusal> {
    let keys: Vec<(&str, Limit)> = keys.iter().map(|(key, limit)| (key.as_str(), *limit)).collect();
    let decisions = app.backplane.limits().check_all(&keys).await;
    if Decision::all_allowed(&decisions) {
        return Ok(());
    }
    app.metrics.auth_refused.with_label_values(&["too_often"]).inc();
    let retry_after = Decision::tightest(&decisions).and_then(|decision| decision.retry_after);
    let seconds = retry_after.map_or(3_600, |after| after.as_secs() + 1);
    Err(IdentityRefusal::TooOften { retry_after_s: seconds })
}
