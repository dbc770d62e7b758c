//! Rate limits on attempts and messages. They prevent guessing and flooding without locking out owners.
//!
//! Guesses for one account from unknown devices share one small limit, wherever they come from. A device that has
//! signed in before has a separate limit, which strangers cannot use up.

use aws_lc_rs::hmac;
use backplane::limits::{Decision, Limit};

use super::IdentityRefusal;
use crate::People;

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

/// The limit for an account or number: that of the device if it is known, otherwise that of unknown devices.
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
