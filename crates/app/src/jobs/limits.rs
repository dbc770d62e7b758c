//! The kinds of jobs, and how long and how often each is tried.

/// Every kind by its name in the database, in metrics and in answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    SendCode,
    SendSms,
    SendMail,
}

/// How a kind of job is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub attempts_max: i64,
    /// How long one attempt may take, in milliseconds.
    pub run_ms_max: i64,
    /// How long after the first attempt the second begins, in milliseconds; each further pause is twice as long …
    pub pause_ms_min: i64,
    /// … up to this.
    pub pause_ms_max: i64,
}

/// How much longer a claim holds than its attempt may take, in milliseconds: time to write down how it ended.
const SETTLE_MS_MAX: i64 = 15_000;
/// How long a claim holds on a job of a kind that only a newer program knows.
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
            // Somebody waits for it, and after five minutes nobody needs it.
            Self::SendCode => {
                Limits { attempts_max: 6, run_ms_max: 45_000, pause_ms_min: 2_000, pause_ms_max: 60_000 }
            }
            Self::SendSms => {
                Limits { attempts_max: 8, run_ms_max: 45_000, pause_ms_min: 10_000, pause_ms_max: 1_800_000 }
            }
            // A mail server may be away for hours: RFC 5321 §4.5.4.1 wants it tried for days, this is about a day.
            Self::SendMail => {
                Limits { attempts_max: 16, run_ms_max: 60_000, pause_ms_min: 30_000, pause_ms_max: 7_200_000 }
            }
        }
    }
}

/// How long a claim on a job of this kind holds, in milliseconds.
pub(super) fn held_ms(kind: &str) -> i64 {
    Kind::from_word(kind).map_or(UNKNOWN_HELD_MS, |kind| kind.limits().run_ms_max + SETTLE_MS_MAX)
}

impl Limits {
    /// The pause after an attempt, which counts from 1.
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
