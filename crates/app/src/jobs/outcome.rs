//! The outcome of an attempt, and what happens to its job.

use domain::ids::JobId;
use domain::time::Instant;
use store::jobs::{Claimed, Verdict};

use super::limits::{Kind, Limits};

/// What a job knows about its attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    pub job: JobId,
    /// An earlier attempt may have done the job; its outcome is unknown.
    pub in_doubt: bool,
    /// When the job was enqueued.
    pub created_at: Instant,
}

/// The outcome of an attempt. Operators read the reasons, which contain no personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// It was not done, or possibly was (`in_doubt`), and can be retried, not before `after_ms`.
    Again {
        after_ms: Option<i64>,
        in_doubt: bool,
        reason: String,
    },
    /// It was not done and will not be.
    Dead {
        reason: String,
    },
    /// It may have been done and must not be done twice.
    Unclear {
        reason: String,
    },
}

impl Outcome {
    /// The outcome of an attempt that did not return one.
    pub(super) fn broken_off(reason: &str) -> Self {
        Self::Again { after_ms: None, in_doubt: true, reason: reason.to_owned() }
    }

    pub(super) fn dead(reason: impl Into<String>) -> Self {
        Self::Dead { reason: reason.into() }
    }

    /// The word used in metrics.
    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Again { .. } => "failed",
            Self::Dead { .. } => "dead",
            Self::Unclear { .. } => "unclear",
        }
    }
}

/// What happens to a job. There is no retry after the last attempt; a job in doubt then ends as unclear.
pub(super) fn verdict(outcome: Outcome, job: &Claimed, now: Instant) -> Verdict {
    match outcome {
        Outcome::Done => Verdict::Done,
        Outcome::Dead { reason } => Verdict::Dead { reason },
        Outcome::Unclear { reason } => Verdict::Unclear { reason },
        Outcome::Again { in_doubt, reason, .. } if job.attempt >= job.attempts_max => {
            if in_doubt {
                Verdict::Unclear { reason }
            } else {
                Verdict::Dead { reason }
            }
        }
        Outcome::Again { after_ms, in_doubt, reason } => {
            let pause_ms = limits_of(job).pause_ms(job.attempt).max(after_ms.unwrap_or(0));
            Verdict::Again { at: now + pause_ms, in_doubt, reason }
        }
    }
}

fn limits_of(job: &Claimed) -> Limits {
    // A kind that only a newer program knows waits for one, with the longest pauses.
    Kind::from_word(&job.kind).unwrap_or(Kind::SendMail).limits()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant(1_000_000);

    fn claimed(attempt: i64) -> Claimed {
        Claimed {
            id: JobId(uuid::Uuid::nil()),
            kind: "send_sms".to_owned(),
            payload: Vec::new(),
            attempt,
            attempts_max: 8,
            in_doubt: false,
            created_at: NOW,
        }
    }

    fn again(after_ms: Option<i64>, in_doubt: bool) -> Outcome {
        Outcome::Again { after_ms, in_doubt, reason: "busy".to_owned() }
    }

    fn at(verdict: &Verdict) -> Option<i64> {
        match verdict {
            Verdict::Again { at, .. } => Some(at.0 - NOW.0),
            Verdict::Done | Verdict::Dead { .. } | Verdict::Unclear { .. } => None,
        }
    }

    #[test]
    fn a_failed_attempt_comes_back_after_a_pause_or_when_it_was_told_to() {
        assert_eq!(at(&verdict(again(None, false), &claimed(1), NOW)), Some(10_000));
        assert_eq!(at(&verdict(again(None, false), &claimed(3), NOW)), Some(40_000));
        assert_eq!(at(&verdict(again(Some(60_000), false), &claimed(1), NOW)), Some(60_000));
        assert_eq!(at(&verdict(again(Some(1), false), &claimed(1), NOW)), Some(10_000));
    }

    #[test]
    fn the_last_attempt_ends_as_dead_or_unclear() {
        let reason = "busy".to_owned();
        assert_eq!(verdict(again(None, false), &claimed(8), NOW), Verdict::Dead { reason: reason.clone() });
        assert_eq!(verdict(again(None, true), &claimed(8), NOW), Verdict::Unclear { reason });
        assert_eq!(verdict(Outcome::Done, &claimed(8), NOW), Verdict::Done);
    }
}
