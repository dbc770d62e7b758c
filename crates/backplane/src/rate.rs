//! A rate by the generic cell rate algorithm: one number a key, no bursts at the edges of windows.
//!
//! A key has a backlog: the time until it would be full again without further requests. Each unit of cost adds an
//! interval to it, and time reduces it. A request that would exceed the burst is refused and costs nothing.

use std::time::Duration;

/// A quota per window, spread evenly, and a burst. Limits come from the program and its settings, never from a
/// request, so there are few.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Limit {
    interval_us: u64,
    burst: u32,
}

impl Limit {
    /// `quota` per `window`, with a burst of the same size. A quota of 0 allows nothing. More than a million per
    /// second counts as a million.
    pub const fn new(quota: u32, window: Duration) -> Self {
        let quota_or_1 = if quota == 0 { 1 } else { quota };
        let seconds = if window.as_secs() < SECONDS_MAX { window.as_secs() } else { SECONDS_MAX };
        let window_us = seconds * 1_000_000 + window.subsec_micros() as u64;
        let interval_us = window_us / quota_or_1 as u64;
        Self { interval_us: if interval_us == 0 { 1 } else { interval_us }, burst: quota }
    }

    /// Sets a burst that differs from the quota.
    #[must_use]
    pub const fn with_burst(self, burst: u32) -> Self {
        Self { burst, ..self }
    }

    /// The burst.
    pub const fn burst(&self) -> u32 {
        self.burst
    }

    /// The largest backlog.
    pub(crate) const fn backlog_us_max(&self) -> u64 {
        self.cost_us(self.burst)
    }

    pub(crate) const fn cost_us(&self, cost: u32) -> u64 {
        let cost_us = self.interval_us.saturating_mul(cost as u64);
        if cost_us < BACKLOG_US_MAX { cost_us } else { BACKLOG_US_MAX }
    }

    pub(crate) fn fits(&self, backlog_us: u64, cost: u32) -> bool {
        cost <= self.burst && backlog_us.saturating_add(self.cost_us(cost)) <= self.backlog_us_max()
    }

    /// The decision for a key with this backlog, after its cost was charged or refused.
    pub(crate) fn decision(&self, backlog_us: u64, cost: u32, charged: bool) -> Decision {
        let allowed = self.fits(backlog_us, cost);
        let after_us = if charged { backlog_us + self.cost_us(cost) } else { backlog_us };
        let room = self.backlog_us_max().saturating_sub(after_us) / self.interval_us;
        let excess_us = backlog_us.saturating_add(self.cost_us(cost)).saturating_sub(self.backlog_us_max());
        let later = !allowed && cost <= self.burst;
        Decision {
            allowed,
            limit: self.burst,
            remaining: u32::try_from(room).unwrap_or(u32::MAX),
            reset_after: Duration::from_micros(after_us),
            retry_after: later.then_some(Duration::from_micros(excess_us)),
        }
    }
}

/// A longer window counts as one year.
const SECONDS_MAX: u64 = 366 * 24 * 3_600;
/// A century. Added to the current time, it is still exact in Redis scripts, which only have `f64`.
const BACKLOG_US_MAX: u64 = 100 * 366 * 24 * 3_600 * 1_000_000;

/// The decision for one request, in the terms of the `RateLimit` headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    pub allowed: bool,
    /// The burst.
    pub limit: u32,
    /// How many more requests would be allowed now.
    pub remaining: u32,
    /// Time until the whole burst is available again.
    pub reset_after: Duration,
    /// Time until the same request would be allowed. `None` if it was allowed, or never will be.
    pub retry_after: Option<Duration>,
}

impl Decision {
    /// The decision to report for several limits: among refusals the one with the longest wait, otherwise the one
    /// with the least remaining.
    pub fn tightest(decisions: &[Self]) -> Option<&Self> {
        let longest = |refusal: &&Self| refusal.retry_after.unwrap_or(Duration::MAX);
        let refusal = decisions.iter().filter(|decision| !decision.allowed).max_by_key(longest);
        refusal.or_else(|| decisions.iter().min_by_key(|decision| decision.remaining))
    }

    pub fn all_allowed(decisions: &[Self]) -> bool {
        decisions.iter().all(|decision| decision.allowed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEN_A_MINUTE: Limit = Limit::new(10, Duration::from_mins(1));

    #[test]
    fn a_decision_tells_what_is_left_and_when() {
        let first = TEN_A_MINUTE.decision(0, 1, true);
        let expected = Decision {
            allowed: true,
            limit: 10,
            remaining: 9,
            reset_after: Duration::from_secs(6),
            retry_after: None,
        };
        assert_eq!(first, expected);
        let refused = TEN_A_MINUTE.decision(59_000_000, 1, false);
        assert!(!refused.allowed);
        assert_eq!(
            (refused.remaining, refused.reset_after, refused.retry_after),
            (0, Duration::from_secs(59), Some(Duration::from_secs(5)))
        );
    }

    #[test]
    fn a_request_that_never_fits_has_no_retry_time() {
        let refused = TEN_A_MINUTE.decision(0, 11, false);
        assert_eq!((refused.allowed, refused.remaining, refused.retry_after), (false, 10, None));
        let nothing = Limit::new(0, Duration::from_secs(1)).decision(0, 1, false);
        assert_eq!((nothing.allowed, nothing.remaining, nothing.retry_after), (false, 0, None));
    }

    #[test]
    fn absurd_limits_do_not_overflow() {
        let endless = Limit::new(1, Duration::MAX).with_burst(u32::MAX);
        assert!(endless.decision(0, u32::MAX, true).allowed);
        assert!(!endless.fits(u64::MAX, u32::MAX));
        assert_eq!(Limit::new(u32::MAX, Duration::from_secs(1)).interval_us, 1);
        assert_eq!(Limit::new(1, Duration::ZERO).interval_us, 1);
    }

    #[test]
    fn the_longest_refusal_is_the_one_to_tell() {
        let open = TEN_A_MINUTE.decision(0, 1, false);
        let nearly = TEN_A_MINUTE.decision(40_000_000, 1, false);
        let refused = TEN_A_MINUTE.decision(59_000_000, 1, false);
        let refused_longer = TEN_A_MINUTE.decision(60_000_000, 1, false);
        assert_eq!(Decision::tightest(&[open, nearly]), Some(&nearly));
        assert_eq!(Decision::tightest(&[refused, refused_longer, open]), Some(&refused_longer));
        assert_eq!(Decision::tightest(&[]), None);
    }
}
