//! What an operator can set about people.

use domain::limits::CODE_TTL_MS;

use super::limits::AuthLimits;

#[derive(Debug, Clone)]
pub struct IdentitySettings {
    /// How long a one-time code is valid, in milliseconds.
    pub code_ms: i64,
    pub limits: AuthLimits,
    /// Where people reach the server, without a slash at the end: links in mails begin with it.
    pub public_url: String,
    /// Passwords hashed at once; each takes 19 MiB and a processor.
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
