//! The kinds of jobs, with their time limits and numbers of attempts.

/// Every kind, by its name in the database, metrics and responses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    SendCode,
    SendSms,
    SendMail,
}

/// The limits of a kind of job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub attempts_max: i64,
    /// Maximum duration of an attempt, in milliseconds.
    pub run_ms_max: i64,
    /// Pause before the second attempt, in milliseconds. Each further pause is twice as long …
    pub pause_ms_min: i64,
    /// … up to this.
    pub pause_ms_max: i64,
}

/// How much longer a claim lasts than its attempt, in milliseconds, so that the outcome can be recorded.
const SETTLE_MS_MAX: i64 = 15_000;
/// How long a claim lasts on a job of an unknown kind.
const UNKNOWN_HELD_MS: i64 = 60_000;

impl Kind {
    pub const ALL: [Self; 3] = [Self::SendCode, Self::SendSms, Self::SendMail];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::SendCode => "send_code",
            Self::SendSms => "send_sms",
            Self::SendMail => "send_mail",
        }
    }

    pub(super) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    pub(super) fn limits(self) -> Limits {
        match self {
            // A person is waiting for it, and after five minutes it is useless.
            Self::SendCode => {
                Limits { attempts_max: 6, run_ms_max: 45_000, pause_ms_min: 2_000, pause_ms_max: 60_000 }
            }
            Self::SendSms => {
                Limits { attempts_max: 8, run_ms_max: 45_000, pause_ms_min: 10_000, pause_ms_max: 1_800_000 }
            }
            // A mail server can be down for hours. RFC 5321 §4.5.4.1 recommends retrying for days; this is about one
            // day.
            Self::SendMail => {
                Limits { attempts_max: 16, run_ms_max: 60_000, pause_ms_min: 30_000, pause_ms_max: 7_200_000 }
            }
        }
    }
}

/// Duration of a claim on a job of this kind, in milliseconds.
pub(super) fn held_ms(kind: &str) -> i64 {
    Kind::from_word(kind).map_or(UNKNOWN_HELD_MS, |kind| kind.limits().run_ms_max + SETTLE_MS_MAX)
}

impl Limits {
    /// The pause after an attempt; attempts count from 1.
    pub fn pause_ms(&self, attempt: i64) -> i64 {
        let doublings = attempt.saturating_sub(1).clamp(0, 30);
        self.pause_ms_min.saturating_mul(1 << doublings).min(self.pause_ms_max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_their_limit() {
        let limits = Kind::SendCode.limits();
        let pauses: Vec<i64> = (1..=7).map(|attempt| limits.pause_ms(attempt)).collect();
        assert_eq!(pauses, [2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
        for kind in Kind::ALL {
            assert_eq!(kind.limits().pause_ms(i64::MAX), kind.limits().pause_ms_max);
            assert_eq!(Kind::from_word(kind.as_str()), Some(kind));
        }
    }

    #[test]
    fn a_mail_is_tried_for_about_a_day() {
        let limits = Kind::SendMail.limits();
        let hours = (1..limits.attempts_max).map(|attempt| limits.pause_ms(attempt)).sum::<i64>() / 3_600_000;
        assert!((14..=30).contains(&hours), "{hours} hours");
    }
}
