//! Days, times of day and moments.

use domain::time::Instant;
use jiff::civil::{Date, Time};
use jiff::tz::Offset;
use serde_json::{Value, json};
use utoipa::openapi::schema::KnownFormat;

use super::field::Kind;
use crate::reader::At;
use crate::schema::{Described, Schemas, formatted, inline, string};

/// A day, as in 2025-12-01.
#[derive(Clone, Copy)]
pub struct DateKind(&'static str);

pub const fn date(example: &'static str) -> DateKind {
    DateKind(example)
}

impl Kind for DateKind {
    type Value = Date;

    fn parse(&self, value: &Value, at: &mut At<'_>) -> Option<Date> {
        let date = value.as_str().and_then(read_date);
        date.or_else(|| at.none("must be a date like 2026-03-31"))
    }

    fn schema(&self, _: &mut Schemas) -> Described {
        inline(formatted(KnownFormat::Date).examples([json!(self.0)]))
    }
}

/// A time of day, with or without seconds, with or without a UTC offset.
#[derive(Clone, Copy)]
pub struct TimeOfDay(&'static str);

pub const fn time_of_day(example: &'static str) -> TimeOfDay {
    TimeOfDay(example)
}

impl Kind for TimeOfDay {
    type Value = (Time, Option<Offset>);

    fn parse(&self, value: &Value, at: &mut At<'_>) -> Option<Self::Value> {
        let time = value.as_str().and_then(read_time);
        time.or_else(|| at.none("must be a time like 19:30 or 19:30+02:00"))
    }

    fn schema(&self, _: &mut Schemas) -> Described {
        let pattern = r"^\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{1,2}:\d{2})?$";
        inline(string().pattern(Some(pattern)).examples([json!(self.0)]))
    }
}

/// A moment with its offset (RFC 3339).
#[derive(Clone, Copy)]
pub struct Moment(&'static str);

pub const fn moment(example: &'static str) -> Moment {
    Moment(example)
}

impl Kind for Moment {
    type Value = Instant;

    fn parse(&self, value: &Value, at: &mut At<'_>) -> Option<Instant> {
        let moment = value.as_str().and_then(|text| text.parse::<jiff::Timestamp>().ok());
        moment.map(Instant::from).or_else(|| at.none(format!("must be a date and time like {}", self.0)))
    }

    fn schema(&self, _: &mut Schemas) -> Described {
        inline(formatted(KnownFormat::DateTime).examples([json!(self.0)]))
    }
}

/// Exactly `YYYY-MM-DD`.
pub fn read_date(text: &str) -> Option<Date> {
    let bytes = text.as_bytes();
    let shaped = bytes.len() == 10 && bytes.get(4) == Some(&b'-') && bytes.get(7) == Some(&b'-');
    text.parse().ok().filter(|_| shaped)
}

/// `HH:MM` or `HH:MM:SS`, then nothing, `Z` or `±HH:MM`.
pub fn read_time(text: &str) -> Option<(Time, Option<Offset>)> {
    let zone_at = text.find(['+', '-', 'Z']).unwrap_or(text.len());
    let (clock, zone) = text.split_at_checked(zone_at)?;
    let shaped = matches!(clock.len(), 5 | 8) && clock.as_bytes().get(2) == Some(&b':');
    let time: Time = clock.parse().ok().filter(|_| shaped)?;
    let offset = match zone {
        "" => None,
        "Z" => Some(Offset::UTC),
        written => Some(offset(written)?),
    };
    Some((time, offset))
}

fn offset(text: &str) -> Option<Offset> {
    let (hours, minutes) = text.get(1..)?.split_once(':')?;
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    let sign = if text.starts_with('-') { -1 } else { 1 };
    (minutes < 60).then(|| Offset::from_seconds(sign * (hours * 3_600 + minutes * 60)).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_come_with_and_without_seconds_and_offset() {
        let half_past = jiff::civil::time(19, 30, 0, 0);
        assert_eq!(read_time("19:30"), Some((half_past, None)));
        assert_eq!(read_time("19:30:00Z"), Some((half_past, Some(Offset::UTC))));
        assert_eq!(read_time("19:30+02:00"), Some((half_past, Some(jiff::tz::offset(2)))));
        for text in [
            "",
            "7:30",
            "19",
            "25:00",
            "19:30 ",
            "19:30+2",
            "19:30+02:99",
            "1930",
            "T19:30",
            "19:30:00.5",
            "é",
        ] {
            assert_eq!(read_time(text), None, "{text}");
        }
    }

    #[test]
    fn dates_are_written_in_one_way() {
        assert_eq!(read_date("2024-02-29"), Some(jiff::civil::date(2024, 2, 29)));
        for text in [
            "",
            "2023-02-29",
            "20240229",
            "2024-2-29",
            "24-02-29",
            "2024-02-29T00:00",
            "+002024-02-29",
            "ééééé",
        ] {
            assert_eq!(read_date(text), None, "{text}");
        }
    }
}
