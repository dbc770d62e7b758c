//! What is counted about people.

use engine::metrics::{counter, counters};
use prometheus::{IntCounter, IntCounterVec, Registry};

pub struct Metrics {
    pub sessions_opened: IntCounter,
    /// Refresh tokens that were used twice, which ended their sessions.
    pub refresh_replayed: IntCounter,
    pub codes_sent: IntCounter,
    /// Failed attempts to fetch the keys of the external issuer.
    pub external_issuer_keys_failed: IntCounter,
    /// Refused sign-in attempts and message requests, by reason.
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
                "Failed attempts to fetch the external issuer's keys",
            ),
            auth_refused: counters(
                registry,
                ("holdfast_auth_refused_total", "Sign-in attempts and message requests refused"),
                &["reason"],
            ),
        }
    }
}
