//! When the keys of tokens were last read anew.

use std::sync::atomic::{AtomicI64, Ordering};

use domain::time::Instant;

/// How often keys are read anew for tokens of unknown keys, in milliseconds: anybody can name an unknown key.
const RELOAD_EVERY_MS: i64 = 1_000;

/// When the keys were last read anew.
#[derive(Debug, Default)]
pub struct KeyReload(AtomicI64);

impl KeyReload {
    /// Whether it is time again; the caller that hears so does it.
    pub(super) fn is_due(&self, now: Instant) -> bool {
        let last = self.0.load(Ordering::Relaxed);
        now.0 - last >= RELOAD_EVERY_MS
            && self.0.compare_exchange(last, now.0, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }
}
