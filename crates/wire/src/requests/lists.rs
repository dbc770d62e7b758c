//! The parameters of lists: page length, cursor and filters.

use app::audit::{AuditWriter, Cursor as AuditCursor};
use app::bookings::{Cursor, Filter, ListAsked};
use app::jobs::{JobsAsked, State};
use domain::ids::{BookingId, JobId};
use domain::limits::LABEL_CHARS_MAX;
use domain::status::Status;
use domain::time::{Instant, day_number};
use jiff::civil::Date;
use serde_json::{Value, json};

use crate::declare::request;
use crate::kind::{Integer, Kind, date, integer, maybe, or, text, word};
use crate::reader::At;
use crate::schema::{Described, Schemas, inline, string};

/// Elements of one page.
pub const LIMIT_MAX: i64 = 100;
pub const LIMIT_DEFAULT: i64 = 20;

pub const fn limit() -> Integer {
    integer(1, LIMIT_MAX, LIMIT_DEFAULT)
}

/// The start of a page, as given by the previous page. Opaque to callers.
pub struct CursorOf<T> {
    pub read: fn(&str) -> Option<T>,
    pub example: &'static str,
}

impl<T> Kind for CursorOf<T> {
    type Value = T;

    fn parse(&self, value: &Value, at: &mut At<'_>) -> Option<T> {
        value.as_str().and_then(self.read).or_else(|| at.none("invalid cursor"))
    }

    fn schema(&self, _: &mut Schemas) -> Described {
        inline(string().examples([json!(self.example)]))
    }
}

request! {
    /// A list of bookings.
    pub struct BookingList {
        /// The maximum number of bookings on the page.
        limit: i64 = or(limit(), LIMIT_DEFAULT),
        /// The `next_cursor` of the previous page.
        cursor: Option<Cursor> = maybe(CursorOf { read: read_cursor, example: "4f5b.0190f5c41b0a7c3e8a41d2f07b6c9e55" }),
        /// Only bookings in this state.
        status: Option<Status> = maybe(word()),
        /// Only bookings on or after this day.
        date_from: Option<Date> = maybe(date("2025-12-01")),
        /// Only bookings on or before this day.
        date_to: Option<Date> = maybe(date("2025-12-24")),
    }
}

impl From<BookingList> for ListAsked {
    fn from(asked: BookingList) -> Self {
        let filter = Filter {
            status: asked.status,
            from_day: asked.date_from.map(day_number),
            to_day: asked.date_to.map(day_number),
        };
        Self { filter, after: asked.cursor, count_max: asked.limit }
    }
}

pub fn write_cursor(cursor: Cursor) -> String {
    format!("{:x}.{}", cursor.day.cast_unsigned(), cursor.booking.0.as_simple())
}

fn read_cursor(text: &str) -> Option<Cursor> {
    let (day, booking) = text.split_once('.')?;
    let day = u64::from_str_radix(day, 16).ok()?.cast_signed();
    Some(Cursor { day, booking: BookingId(uuid::Uuid::try_parse(booking).ok()?) })
}

request! {
    /// A range of slots.
    pub struct SlotList {
        /// The first slot: a date of a nightly pool, a moment of a timed pool. Other pools need none.
        from: Option<String> = maybe(text(1, LABEL_CHARS_MAX, "2025-12-01")),
        /// The last slot, in the same form.
        to: Option<String> = maybe(text(1, LABEL_CHARS_MAX, "2025-12-24")),
    }
}

request! {
    /// A list of jobs.
    pub struct JobList {
        /// The maximum number of jobs on the page.
        limit: i64 = or(limit(), LIMIT_DEFAULT),
        /// The `next_cursor` of the previous page.
        cursor: Option<JobId> = maybe(CursorOf { read: |text| text.parse().ok(), example: "job_0190f5c41b0a7c3e8a41d2f07b6c9e55" }),
        /// Only jobs in this state.
        state: Option<State> = maybe(word()),
    }
}

impl From<JobList> for JobsAsked {
    fn from(asked: JobList) -> Self {
        Self { state: asked.state, before: asked.cursor, count_max: asked.limit }
    }
}

request! {
    /// The audit log.
    pub struct AuditList {
        /// The maximum number of entries on the page.
        limit: i64 = or(limit(), LIMIT_DEFAULT),
        /// The `next_cursor` of the previous page.
        cursor: Option<AuditCursor> = maybe(CursorOf { read: read_audit_cursor, example: "1764547200000.1.42" }),
    }
}

pub fn write_audit_cursor(cursor: AuditCursor) -> String {
    format!("{}.{}.{}", cursor.at.0, cursor.writer.0, cursor.number)
}

fn read_audit_cursor(text: &str) -> Option<AuditCursor> {
    let mut parts = text.split('.').map(|part| part.parse::<i64>().ok());
    let (at, writer, number) = (parts.next()??, parts.next()??, parts.next()??);
    let cursor = AuditCursor { at: Instant(at), writer: AuditWriter(writer), number };
    parts.next().is_none().then_some(cursor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::read_query;

    fn wrong(query: &str) -> Vec<String> {
        let read = read_query::<JobList>(&format!("/api/v1/jobs?{query}").parse().unwrap());
        read.err()
            .map(|problem| problem.errors())
            .unwrap_or_default()
            .into_iter()
            .map(|error| error.pointer)
            .collect()
    }

    #[test]
    fn each_wrong_parameter_is_named() {
        let none: [&str; 0] = [];
        assert_eq!(wrong("limit=100&state=dead&cursor=job_0190f5c41b0a7c3e8a41d2f07b6c9e55"), none);
        assert_eq!(wrong("limit=1&limit=2"), ["query:limit"]);
        assert_eq!(wrong("page=1"), ["query:page"]);
        assert_eq!(
            wrong("limit=0&cursor=x&state=lost&page=1"),
            ["query:limit", "query:cursor", "query:state", "query:page"]
        );
        assert_eq!(wrong("limit=101"), ["query:limit"]);
        assert_eq!(wrong("limit=ten"), ["query:limit"]);
    }
}
