//! What a line of a booking asks for, in the words of its kind.

use jiff::civil::{Date, Time};
use jiff::tz::Offset;

use crate::catalogue::Selector;
use crate::time::Instant;

/// A line as it is asked for: names not yet resolved, dates not yet checked.
#[derive(Debug, Clone, PartialEq)]
pub struct LineRequest {
    /// JSON pointer of the object that holds the line's fields, for errors.
    pub base: String,
    pub ask: Ask,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Ask {
    Stay { hotel: Option<Selector>, room_type: Selector, dates: StayDates, rooms: i64, guests: i64 },
    Seating(SeatingAsk),
    Ticket { event: Selector, ticket_type: Option<Selector>, seats: SeatChoice },
    Product { product: Selector, quantity: i64 },
    Service { service: Selector, quantity: i64, scheduled_for: Option<Scheduled> },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StayDates {
    pub checkin: Date,
    pub checkout: Date,
}

/// A table or an experience.
#[derive(Debug, Clone, PartialEq)]
pub struct SeatingAsk {
    pub kind: SeatingKind,
    pub venue: Option<Selector>,
    /// A certain table type or experience; without it, whichever of the venue fits the party.
    pub item: Option<Selector>,
    pub date: Date,
    pub time: Time,
    pub offset: Option<Offset>,
    pub duration_minutes: Option<i64>,
    pub party_size: i64,
}

/// Which offerings a seating looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeatingKind {
    Table,
    Experience,
    /// The flat body of seed 003 says only venue and time: tables first, then experiences.
    Either,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SeatChoice {
    /// The best that are free when it is decided.
    Best { count: i64, together: bool },
    /// These very seats, by label.
    Named(Vec<String>),
}

/// When an add-on is wanted: a moment, or a local time of the venue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheduled {
    At(Instant),
    Local(jiff::civil::DateTime),
}

/// A line as it was booked, in the words of its kind; stored with the booking.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Detail {
    Stay {
        checkin_date: Date,
        checkout_date: Date,
        num_rooms: i64,
        num_guests: i64,
    },
    Table(SeatingDetail),
    Experience(SeatingDetail),
    Ticket {
        seat_count: i64,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        seats: Vec<String>,
    },
    Product {
        quantity: i64,
    },
    Service {
        quantity: i64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        scheduled_for: Option<String>,
    },
}

#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct SeatingDetail {
    pub booking_date: Date,
    pub booking_time: Time,
    pub end_time: Time,
    pub duration_minutes: i64,
    pub party_size: i64,
    /// Milliseconds since the epoch at which the seating begins.
    pub starts_at_ms: i64,
}

impl Detail {
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Stay { .. } => "stay",
            Self::Table(_) => "table",
            Self::Experience(_) => "experience",
            Self::Ticket { .. } => "ticket",
            Self::Product { .. } => "product",
            Self::Service { .. } => "service",
        }
    }
}
