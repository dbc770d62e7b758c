//! A booking: one venue, one currency, one state, and the lines that claim units for it.

use jiff::civil::Date;

use crate::actor::Actor;
use crate::ids::{BookingId, GuestId, OrderId, PersonId, VenueId};
use crate::line::{Detail, Line};
use crate::money::Price;
use crate::reference::ReferenceNumber;
use crate::slot::Claim;
use crate::status::Status;
use crate::time::Instant;

#[derive(Debug, Clone, PartialEq)]
pub struct Booking {
    pub id: BookingId,
    pub reference: ReferenceNumber,
    pub order: Option<OrderId>,
    pub venue: VenueId,
    pub guest: GuestId,
    pub status: Status,
    /// 1 when it is made, one more with every change.
    pub version: i64,
    /// The venue's local day on which it begins.
    pub starts_on: Date,
    pub party_size: i64,
    pub price: Price,
    pub times: Times,
    pub cancellation: Option<Cancellation>,
    pub person: Person,
    pub notes: Notes,
    pub lines: Vec<Line>,
    pub claims: Vec<Claim>,
}

impl Booking {
    /// The state as anybody sees it: a hold whose time is over has expired, whether or not that was written down yet.
    pub fn status_at(&self, now: Instant) -> Status {
        match (self.status, self.times.expires) {
            (Status::Pending, Some(expires)) if expires <= now => Status::Expired,
            (status, _) => status,
        }
    }

    /// The venue's local day on which it is over: of a stay, the morning of departure.
    pub fn ends_on(&self) -> Date {
        let ends = self.lines.iter().map(|line| match &line.detail {
            Detail::Stay { checkout_date, .. } => *checkout_date,
            Detail::Table(_)
            | Detail::Experience(_)
            | Detail::Ticket { .. }
            | Detail::Product { .. }
            | Detail::Service { .. } => self.starts_on,
        });
        ends.fold(self.starts_on, Date::max)
    }

    /// Whether somebody is still to come for it or is there, on the venue's local day `today`.
    pub fn is_open(&self, now: Instant, today: Date) -> bool {
        match self.status_at(now) {
            Status::Pending | Status::CheckedIn => true,
            Status::Confirmed => self.ends_on() >= today,
            Status::Completed | Status::Cancelled | Status::NoShow | Status::Expired => false,
        }
    }

    /// Whom the booking says anything about: its guest, unless nothing personal stands in it.
    pub fn about(&self) -> Option<PersonId> {
        let Notes { special_requests, internal_notes, metadata, source: _ } = &self.notes;
        let notes = [special_requests, internal_notes, metadata];
        let says_something = self.person != Person::default() || notes.into_iter().any(Option::is_some);
        says_something.then(|| self.guest.into())
    }

    /// Whether another buyer may take this hold's units.
    pub fn is_due(&self, now: Instant) -> bool {
        self.status_at(now - crate::limits::CLOCK_SKEW_MS_MAX) == Status::Expired
            && self.status == Status::Pending
    }
}

/// When what happened. `expires` is set while the booking is, or was, a hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    pub created: Instant,
    pub updated: Instant,
    pub confirmed: Option<Instant>,
    pub checked_in: Option<Instant>,
    pub completed: Option<Instant>,
    pub cancelled: Option<Instant>,
    pub expires: Option<Instant>,
}

impl Times {
    pub fn made(now: Instant) -> Self {
        Self {
            created: now,
            updated: now,
            confirmed: None,
            checked_in: None,
            completed: None,
            cancelled: None,
            expires: None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cancellation {
    pub by: String,
    pub reason: Option<String>,
}

/// What identifies a guest: kept apart from everything else, so that it can be sealed and erased alone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Person {
    pub name: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    /// The guests of the booking with age and document, as a JSON array.
    pub companions: Option<String>,
}

/// What people wrote about the booking, and where it came from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Notes {
    pub special_requests: Option<String>,
    /// For the venue's eyes only.
    pub internal_notes: Option<String>,
    pub source: Option<String>,
    /// A JSON object of the caller's own.
    pub metadata: Option<String>,
}

/// One change of a booking, as its history tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEntry {
    pub booking: BookingId,
    /// The version the change led to.
    pub version: i64,
    /// `None` for the first.
    pub from: Option<Status>,
    pub to: Status,
    pub by: Actor,
    pub reason: Option<String>,
    pub at: Instant,
}
