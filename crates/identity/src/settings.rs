//! The settings of identity.

use std::time::Duration;

use backplane::limits::Limit;
use domain::limits::CODE_TTL_MS;

const QUARTER: Duration = Duration::from_mins(15);
const HOUR: Duration = Duration::from_hours(1);

#[derive(Debug, Clone)]
pub struct IdentitySettings {
    /// Lifetime of a one-time code, in milliseconds.
    pub code_ms: i64,
    pub limits: AuthLimits,
    /// The server's public URL, without a trailing slash. Links in emails begin with it.
    pub public_url: String,
    /// Maximum number of concurrent password hashes; each takes 19 MiB and a processor.
    pub hashing_at_once: usize,
}

impl Default for IdentitySettings {
    fn default() -> Self {
        Self {
            code_ms: CODE_TTL_MS,
            limits: AuthLimits::default(),
            public_url: "http://127.0.0.1:8080".to_owned(),
            hashing_at_once: std::thread::available_parallelism().map_or(1, usize::from),
        }
    }
}

/// How often something may be tried or sent.
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
