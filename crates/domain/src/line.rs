//! What a line of a booking requests, in the terms of its kind.

use jiff::civil::{Date, Time};
use jiff::tz::Offset;

use crate::catalogue::Selector;
use crate::ids::{OfferingId, VenueId};
use crate::time::Instant;

/// A line as requested: names not resolved yet, dates not checked yet.
#[derive(Debug, Clone, PartialEq)]
pub struct LineRequest {
    /// JSON pointer of the object with the line's fields, for errors.
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
    /// A specific table or experience; if absent, any of the venue that fits the party.
    pub item: Option<Selector>,
    pub date: Date,
    pub time: Time,
    pub offset: Option<Offset>,
    pub duration_minutes: Option<i64>,
    pub party_size: i64,
}

/// Which offerings a seating can use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeatingKind {
    Table,
    Experience,
    /// The request names only venue and time: tables first, then experiences.
    Either,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SeatChoice {
    /// The best seats that are free at the time of the decision.
    Best { count: i64, together: bool },
    /// Specific seats, by label.
    Named(Vec<String>),
}

/// When an add-on is wanted: an instant, or a local time of the venue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheduled {
    At(Instant),
    Local(jiff::civil::DateTime),
}

/// A line of a booking.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub number: i64,
    pub offering: OfferingId,
    pub detail: Detail,
    pub base_minor: i64,
}

/// A line as booked, in the terms of its kind. Stored with the booking.
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
    /// When the seating begins, in milliseconds since the epoch.
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

/// Changes to a booked line. Absent fields stay unchanged.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LinePatch {
    pub checkin_date: Option<Date>,
    pub checkout_date: Option<Date>,
    pub num_rooms: Option<i64>,
    pub num_guests: Option<i64>,
    pub booking_date: Option<Date>,
    pub booking_time: Option<(Time, Option<Offset>)>,
    pub duration_minutes: Option<i64>,
    pub party_size: Option<i64>,
    pub seats: Option<SeatChoice>,
    pub quantity: Option<i64>,
}

impl LinePatch {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The first given field that lines of this kind do not have.
    fn foreign(&self, detail: &Detail) -> Option<&'static str> {
        let stay = matches!(detail, Detail::Stay { .. });
        let seating = matches!(detail, Detail::Table(_) | Detail::Experience(_));
        let counted = matches!(detail, Detail::Product { .. } | Detail::Service { .. });
        [
            (self.checkin_date.is_some(), stay, "checkin_date"),
            (self.checkout_date.is_some(), stay, "checkout_date"),
            (self.num_rooms.is_some(), stay, "num_rooms"),
            (self.num_guests.is_some(), stay, "num_guests"),
            (self.booking_date.is_some(), seating, "booking_date"),
            (self.booking_time.is_some(), seating, "booking_time"),
            (self.duration_minutes.is_some(), seating, "duration_minutes"),
            (self.party_size.is_some(), seating, "party_size"),
            (self.seats.is_some(), matches!(detail, Detail::Ticket { .. }), "seat_count"),
            (self.quantity.is_some(), counted, "quantity"),
        ]
        .into_iter()
        .find_map(|(set, applies, name)| (set && !applies).then_some(name))
    }
}

impl Line {
    /// The line as a new request, changed by `patch`. Fails with the name of a field that lines of this kind do not
    /// have.
    pub fn ask_again(&self, venue: VenueId, patch: &LinePatch) -> Result<Ask, &'static str> {
        if let Some(field) = patch.foreign(&self.detail) {
            return Err(field);
        }
        let offering = Selector::Id(self.offering.0);
        Ok(match &self.detail {
            Detail::Stay { checkin_date, checkout_date, num_rooms, num_guests } => Ask::Stay {
                hotel: None,
                room_type: offering,
                dates: StayDates {
                    checkin: patch.checkin_date.unwrap_or(*checkin_date),
                    checkout: patch.checkout_date.unwrap_or(*checkout_date),
                },
                rooms: patch.num_rooms.unwrap_or(*num_rooms),
                guests: patch.num_guests.unwrap_or(*num_guests),
            },
            // A party of a different size may need a different table.
            Detail::Table(seating) if patch.party_size.is_some() => {
                seating.ask_again(None, Some(Selector::Id(venue.0)), SeatingKind::Table, patch)
            }
            Detail::Table(seating) => seating.ask_again(Some(offering), None, SeatingKind::Table, patch),
            Detail::Experience(seating) => {
                seating.ask_again(Some(offering), None, SeatingKind::Experience, patch)
            }
            Detail::Ticket { seat_count, seats } => Ask::Ticket {
                event: offering,
                ticket_type: None,
                seats: patch.seats.clone().unwrap_or_else(|| match seats.as_slice() {
                    [] => SeatChoice::Best { count: *seat_count, together: true },
                    labels => SeatChoice::Named(labels.to_vec()),
                }),
            },
            Detail::Product { quantity } => {
                Ask::Product { product: offering, quantity: patch.quantity.unwrap_or(*quantity) }
            }
            Detail::Service { quantity, scheduled_for } => Ask::Service {
                service: offering,
                quantity: patch.quantity.unwrap_or(*quantity),
                scheduled_for: scheduled_for
                    .as_deref()
                    .and_then(|text| text.parse::<jiff::Timestamp>().ok())
                    .map(|at| Scheduled::At(Instant::from(at))),
            },
        })
    }
}

impl SeatingDetail {
    fn ask_again(
        &self,
        item: Option<Selector>,
        venue: Option<Selector>,
        kind: SeatingKind,
        patch: &LinePatch,
    ) -> Ask {
        let moved = patch.booking_date.is_some() || patch.booking_time.is_some();
        let (time, offset) = patch.booking_time.unwrap_or((self.booking_time, None));
        // If not moved, the seating keeps its instant, even if its local time occurs twice that night.
        let offset = if moved { offset } else { offset.or(self.offset()) };
        Ask::Seating(SeatingAsk {
            kind,
            venue,
            item,
            date: patch.booking_date.unwrap_or(self.booking_date),
            time,
            offset,
            duration_minutes: Some(patch.duration_minutes.unwrap_or(self.duration_minutes)),
            party_size: patch.party_size.unwrap_or(self.party_size),
        })
    }

    fn offset(&self) -> Option<Offset> {
        let local = self.booking_date.to_datetime(self.booking_time);
        let as_utc = Offset::UTC.to_timestamp(local).ok()?.as_millisecond();
        let seconds = i32::try_from((as_utc - self.starts_at_ms) / 1_000).ok()?;
        Offset::from_seconds(seconds).ok()
    }
}
