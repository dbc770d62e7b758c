//! Reads the values of the catalogue that have a form of their own.

use domain::limits::{LABEL_CHARS_MAX, OPENING_EXCEPTIONS_MAX, SEAT_MAP_SEATS_MAX};
use domain::money::{Currency, NotACurrency};
use domain::offering::LengthRule;
use domain::opening::{Interval, OpeningExceptions, OpeningHours};
use domain::seats::SeatRow;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::line::SEAT_LABEL_BYTES_MAX;
use crate::kind::read_date;

/// The days of opening hours, Monday first.
pub const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

pub fn read_time_zone(value: &Value) -> Result<TimeZone, String> {
    let name = value.as_str().filter(|name| (1..=LABEL_CHARS_MAX).contains(&name.chars().count()));
    let zone = name.and_then(|name| TimeZone::get(name).ok()).filter(|zone| zone.iana_name().is_some());
    zone.ok_or_else(|| "must be a time zone such as Europe/Lisbon".to_owned())
}

pub fn read_currency(value: &Value) -> Result<Currency, String> {
    let code = value.as_str().ok_or_else(|| "must be a string".to_owned())?;
    code.parse().map_err(|error: NotACurrency| error.to_string())
}

/// `{"mon": [["12:00", "15:00"], ["18:00", "25:00"]], …}`: a day that is not named is closed, and closing may pass
/// midnight.
pub fn read_hours(value: &Value) -> Result<OpeningHours, String> {
    let hours = value.as_object().and_then(|days| {
        let mut hours = OpeningHours::default();
        for (name, intervals) in days {
            let index = WEEKDAYS.iter().position(|day| day == name)?;
            *hours.days.get_mut(index)? = day(intervals)?;
        }
        Some(hours)
    });
    hours.ok_or_else(|| {
        "must be like {\"mon\": [[\"12:00\", \"15:00\"]]}; a closing time is at most 47:59".to_owned()
    })
}

/// `{"2026-12-24": [], "2026-12-31": [["12:00", "15:00"]]}`: dates with hours of their own, or none.
pub fn read_exceptions(value: &Value) -> Result<OpeningExceptions, String> {
    let days = value.as_object().filter(|days| days.len() <= OPENING_EXCEPTIONS_MAX);
    let read = |(date, intervals): (&String, &Value)| Some((read_date(date)?, day(intervals)?));
    let exceptions = days.and_then(|days| days.iter().map(read).collect());
    exceptions.ok_or_else(|| {
        format!("must be like {{\"2026-12-24\": []}}, with at most {OPENING_EXCEPTIONS_MAX} dates")
    })
}

pub fn read_length_rule(value: &Value) -> Result<LengthRule, String> {
    let rule = serde_json::from_value::<LengthRule>(value.clone()).map_err(|error| error.to_string())?;
    rule.fault().map_or(Ok(rule), Err)
}

pub fn read_seat_rows(value: &Value) -> Result<Vec<SeatRow>, String> {
    let rows: Result<Vec<SeatRow>, _> = serde_json::from_value(value.clone());
    match rows {
        Err(error) => Err(format!("must be an array of rows {{section, row, seats}}: {error}")),
        Ok(rows) if rows.iter().any(has_bad_name) => {
            Err(format!("has a section, row or seat without a name of at most {LABEL_CHARS_MAX} bytes"))
        }
        Ok(rows) => match rows.iter().map(|row| row.seats.len()).sum::<usize>() {
            1..=SEAT_MAP_SEATS_MAX => Ok(rows),
            _ => Err(format!("must have 1 to {SEAT_MAP_SEATS_MAX} seats")),
        },
    }
}

/// A seat without a name, or one whose name cannot be asked for.
fn has_bad_name(row: &SeatRow) -> bool {
    let too_long = |name: &String| name.len() > LABEL_CHARS_MAX || name.contains('\0');
    let seats = || row.seats.iter();
    let whole = row.section.len() + row.row.len() + seats().map(String::len).max().unwrap_or(0) + 2;
    seats().any(String::is_empty)
        || [&row.section, &row.row].into_iter().chain(seats()).any(too_long)
        || whole > SEAT_LABEL_BYTES_MAX
}

fn day(intervals: &Value) -> Option<Vec<Interval>> {
    intervals.as_array()?.iter().map(interval).collect()
}

fn interval(value: &Value) -> Option<Interval> {
    let [opens, closes] = value.as_array()?.as_slice() else { return None };
    let (opens_minute, closes_minute) = (minute(opens.as_str()?)?, minute(closes.as_str()?)?);
    (opens_minute < 1_440 && opens_minute < closes_minute).then_some(Interval { opens_minute, closes_minute })
}

fn minute(text: &str) -> Option<i64> {
    let (hours, minutes) = text.split_once(':')?;
    let digits = |text: &str| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    let (hours_number, minutes_number): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    (digits(hours) && digits(minutes) && hours_number < 48 && minutes_number < 60)
        .then_some(hours_number * 60 + minutes_number)
}
