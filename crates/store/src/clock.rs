//! The system clock. Only this module reads it.

use std::time::{SystemTime, UNIX_EPOCH};

use domain::time::Instant;

/// The current time of this machine.
#[expect(clippy::disallowed_methods, reason = "everybody else gets the time from here, as a value")]
pub fn system_now() -> Instant {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Instant(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
