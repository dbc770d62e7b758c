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
    /// Starts at 1 and grows by one with each change.
    pub version: i64,
    /// The first day of the booking, in the venue's time zone.
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
    /// The status as shown to callers: a hold past its expiry is EXPIRED, even if that is not stored yet.
    pub fn status_at(&self, now: Instant) -> Status {
        match (self.status, self.times.expires) {
            (Status::Pending, Some(expires)) if expires <= now => Status::Expired,
            (status, _) => status,
        }
    }

    /// The last day of the booking, in the venue's time zone: of a stay, the day of departure.
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

    /// Whether the booking is still to come or in progress on `today`, in the venue's time zone.
    pub fn is_open(&self, now: Instant, today: Date) -> bool {
        match self.status_at(now) {
            Status::Pending | Status::CheckedIn => true,
            Status::Confirmed => self.ends_on() >= today,
            Status::Completed | Status::Cancelled | Status::NoShow | Status::Expired => false,
        }
    }

    /// The person whose data the booking contains: its guest, or `None` if it has no personal data.
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

/// When each change happened. `expires` is set while the booking is, or was, a hold.
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

/// The data that identifies a guest. It is separate, so that it can be sealed and erased on its own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Person {
    pub name: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    /// The guests of the booking with age and identity document, as a JSON array.
    pub companions: Option<String>,
}

/// Free texts about the booking, and its source.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Notes {
    pub special_requests: Option<String>,
    /// Visible only to the venue.
    pub internal_notes: Option<String>,
    pub source: Option<String>,
    /// A JSON object that the caller may use freely.
    pub metadata: Option<String>,
}

/// One change of a booking, as recorded in its history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEntry {
    pub booking: BookingId,
    /// The version after the change.
    pub version: i64,
    /// `None` for the creation.
    pub from: Option<Status>,
    pub to: Status,
    pub by: Actor,
    pub reason: Option<String>,
    pub at: Instant,
}
