//! The query of a list: filters, page length, cursor.

use app::bookings::{Cursor, Filter, ListAsked};
use axum::extract::Query;
use axum::http::Uri;
use domain::field::FieldErrors;
use domain::ids::BookingId;
use domain::time::day_number;

use crate::form::date;
use wire::problem::Problem;

/// Bookings of one page.
pub const LIMIT_MAX: i64 = 100;
pub const LIMIT_DEFAULT: i64 = 20;

/// All parameters of a query, in their order.
pub fn pairs(uri: &Uri) -> Result<Vec<(String, String)>, Problem> {
    let pairs = Query::<Vec<(String, String)>>::try_from_uri(uri);
    pairs.map(|Query(pairs)| pairs).map_err(|_| Problem::invalid_field("query:", "cannot be read"))
}

/// The last page that can be asked for by its number.
pub const PAGE_MAX: i64 = 10_000;

/// `page`, counted from 1, and `page_size`.
pub fn numbered_page(uri: &Uri) -> Result<(i64, i64), Problem> {
    let (mut page, mut page_size) = (1, LIMIT_DEFAULT);
    let mut errors = FieldErrors::default();
    let mut given: Vec<String> = Vec::new();
    for (name, value) in pairs(uri)? {
        let (place, max) = match name.as_str() {
            "page" => (&mut page, PAGE_MAX),
            "page_size" => (&mut page_size, LIMIT_MAX),
            _ => {
                errors.add(format!("query:{name}"), "unknown parameter");
                continue;
            }
        };
        match value.parse() {
            Ok(number) if (1..=max).contains(&number) && !given.contains(&name) => *place = number,
            Ok(_) | Err(_) => {
                errors.add(format!("query:{name}"), format!("must be given once, from 1 to {max}"))
            }
        }
        given.push(name);
    }
    errors.or((page, page_size)).map_err(|errors| Problem::invalid(&errors))
}

pub fn list(uri: &Uri) -> Result<ListAsked, Problem> {
    let mut asked = ListAsked { filter: Filter::default(), after: None, count_max: LIMIT_DEFAULT };
    let mut errors = FieldErrors::default();
    for (name, value) in pairs(uri)? {
        let read = match name.as_str() {
            "limit" => match value.parse() {
                Ok(limit @ 1..=LIMIT_MAX) => {
                    asked.count_max = limit;
                    Ok(())
                }
                Ok(_) | Err(_) => Err(format!("must be from 1 to {LIMIT_MAX}")),
            },
            "cursor" => set(&mut asked.after, cursor(&value), "invalid cursor"),
            "status" => set(&mut asked.filter.status, value.parse().ok(), "must be a status of a booking"),
            "date_from" => set(
                &mut asked.filter.from_day,
                date(&value).map(day_number),
                "must be a date like 2026-03-31",
            ),
            "date_to" => {
                set(&mut asked.filter.to_day, date(&value).map(day_number), "must be a date like 2026-03-31")
            }
            _ => Err("unknown parameter".to_owned()),
        };
        if let Err(detail) = read {
            errors.add(format!("query:{name}"), detail);
        }
    }
    errors.or(asked).map_err(|errors| Problem::invalid(&errors))
}

fn set<T>(place: &mut Option<T>, value: Option<T>, wrong: &str) -> Result<(), String> {
    let found = value.is_some();
    *place = value;
    if found { Ok(()) } else { Err(wrong.to_owned()) }
}

/// A cursor's written form: opaque to callers.
pub fn write_cursor(cursor: Cursor) -> String {
    format!("{:x}.{}", cursor.day.cast_unsigned(), cursor.booking.0.as_simple())
}

fn cursor(text: &str) -> Option<Cursor> {
    let (day, booking) = text.split_once('.')?;
    let day = u64::from_str_radix(day, 16).ok()?.cast_signed();
    Some(Cursor { day, booking: BookingId(uuid::Uuid::try_parse(booking).ok()?) })
}
