//! Request numbers, each used once, until the run ends.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use crate::load::Stop;

pub struct Supply {
    next: AtomicU64,
    limit: u64,
    deadline: Option<Instant>,
}

impl Supply {
    pub fn new(stop: Stop, started: Instant) -> Self {
        let (limit, deadline) = match stop {
            Stop::After(duration) => (u64::MAX, started.checked_add(duration)),
            Stop::Requests(requests) => (requests, None),
        };
        Supply { next: AtomicU64::new(0), limit, deadline }
    }

    /// The next number, or nothing if no further request is to be started.
    pub fn take(&self, now: Instant) -> Option<u64> {
        if self.deadline.is_some_and(|deadline| now >= deadline) {
            return None;
        }
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        (number < self.limit).then_some(number)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn gives_each_number_once_up_to_the_limit() {
        let now = Instant::now();
        let supply = Supply::new(Stop::Requests(2), now);
        assert_eq!([supply.take(now), supply.take(now), supply.take(now)], [Some(0), Some(1), None]);
    }

    #[test]
    fn ends_at_the_deadline() {
        let now = Instant::now();
        let supply = Supply::new(Stop::After(Duration::from_secs(1)), now);
        assert_eq!(supply.take(now), Some(0));
        assert_eq!(supply.take(now + Duration::from_secs(1)), None);
    }
}
