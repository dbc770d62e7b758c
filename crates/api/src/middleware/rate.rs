//! Request rates.

use std::fmt;
use std::str::FromStr;

/// A number of requests in a number of seconds, written `COUNT/SECONDS`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    pub count: u32,
    pub seconds: u32,
}

/// Maximum requests and seconds in a rate.
const COUNT_MAX: u32 = 100_000_000;
const SECONDS_MAX: u32 = 86_400;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotARate;

impl fmt::Display for NotARate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "must be COUNT/SECONDS, such as 600/60, with at most {COUNT_MAX} requests in at most {SECONDS_MAX} s"
        )
    }
}

impl FromStr for Rate {
    type Err = NotARate;

    fn from_str(text: &str) -> Result<Self, NotARate> {
        let (count, seconds) = text.split_once('/').ok_or(NotARate)?;
        let within = |text: &str, max| text.trim().parse().ok().filter(|value| (1..=max).contains(value));
        match (within(count, COUNT_MAX), within(seconds, SECONDS_MAX)) {
            (Some(count), Some(seconds)) => Ok(Self { count, seconds }),
            _ => Err(NotARate),
        }
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.count, self.seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_a_count_and_seconds() {
        assert_eq!("600/60".parse(), Ok(Rate { count: 600, seconds: 60 }));
        assert_eq!("5 / 1".parse(), Ok(Rate { count: 5, seconds: 1 }));
        for text in ["", "600", "0/60", "600/0", "-1/60", "1/86401", "1/60/2", "a/b"] {
            assert_eq!(text.parse::<Rate>(), Err(NotARate), "{text}");
        }
    }
}
