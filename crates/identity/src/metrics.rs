//! What is counted about people.

use engine::metrics::{counter, counters};
use prometheus::{IntCounter, IntCounterVec, Registry};

pub struct Metrics {
    pub sessions_opened: IntCounter,
    /// Refresh tokens that were used twice, and ended their sessions.
    pub refresh_replayed: IntCounter,
    pub codes_sent: IntCounter,
    /// Times that the keys of the external issuer could not be read.
    pub external_issuer_keys_failed: IntCounter,
    /// Attempts to sign in or to be sent something that were refused, by reason.
    pub auth_refused: IntCounterVec,
}

impl Metrics {
    pub fn new(registry: &Registry) -> Self {
        let count = |name, help| counter(registry, name, help);
        Self {
            sessions_opened: count("holdfast_sessions_opened_total", "Sessions opened"),
            refresh_replayed: count("holdfast_refresh_replayed_total", "Refresh tokens used twice"),
            codes_sent: count("holdfast_codes_sent_total", "One-time codes sent"),
            external_issuer_keys_failed: count(
                "holdfast_external_issuer_keys_failed_total",
                "Attempts to read the external issuer's keys that failed",
            ),
            auth_refused: counters(
                registry,
                ("holdfast_auth_refused_total", "Attempts to sign in or to be sent something, refused"),
                &["reason"],
            ),
        }
    }
}
