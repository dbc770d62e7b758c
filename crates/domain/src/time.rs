//! Instants as unix milliseconds and nights as day numbers: the units of the database and of claims.

use std::fmt;
use std::ops::{Add, Sub};

use jiff::Timestamp;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;

/// An instant, in milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(pub i64);

pub const MINUTE_MS: i64 = 60_000;
pub const DAY_MS: i64 = 86_400_000;

impl Instant {
    pub fn timestamp(self) -> Timestamp {
        let bounded = self.0.clamp(Timestamp::MIN.as_millisecond(), Timestamp::MAX.as_millisecond());
        Timestamp::from_millisecond(bounded).expect("clamped to the range of a timestamp")
    }

    /// The calendar day of this instant in `zone`.
    pub fn date_in(self, zone: &TimeZone) -> Date {
        zone.to_datetime(self.timestamp()).date()
    }
}

impl From<Timestamp> for Instant {
    fn from(timestamp: Timestamp) -> Self {
        Self(timestamp.as_millisecond())
    }
}

impl Add<i64> for Instant {
    type Output = Self;
    fn add(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }
}

impl Sub<i64> for Instant {
    type Output = Self;
    fn sub(self, ms: i64) -> Self {
        Self(self.0.saturating_sub(ms))
    }
}

impl fmt::Display for Instant {
    /// RFC 3339 in UTC, with milliseconds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", self.timestamp())
    }
}

impl serde::Serialize for Instant {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Instant {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Timestamp::deserialize(deserializer).map(Self::from)
    }
}

const EPOCH: Date = date(1970, 1, 1);

/// Days since 1970-01-01: the slot number of a night.
pub fn day_number(day: Date) -> i64 {
    EPOCH.duration_until(day).as_hours() / 24
}

/// The day with this number; `None` if no date can represent it.
pub fn day_from_number(number: i64) -> Option<Date> {
    let days = i32::try_from(number).ok()?;
    EPOCH.checked_add(jiff::Span::new().try_days(days).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn day_numbers_count_from_1970_in_both_directions() {
        for (day, number) in [
            (date(1970, 1, 1), 0),
            (date(1970, 1, 2), 1),
            (date(1969, 12, 31), -1),
            (date(2024, 2, 29), 19782),
        ] {
            assert_eq!(day_number(day), number, "{day}");
            assert_eq!(day_from_number(number), Some(day));
        }
        assert_eq!(day_from_number(i64::MAX), None);
        assert_eq!(day_from_number(100_000_000), None);
    }

    #[test]
    fn an_instant_is_written_with_milliseconds() {
        assert_eq!(Instant(1_700_000_000_005).to_string(), "2023-11-14T22:13:20.005Z");
        assert_eq!(Instant(0).to_string(), "1970-01-01T00:00:00.000Z");
    }
}
