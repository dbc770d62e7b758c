//! The events of a booking. They hold ids and numbers only, and no personal data.

use crate::booking::Booking;
use crate::ids::{BookingId, GuestId, OrderId, VenueId};
use crate::money::Money;
use crate::reference::ReferenceKey;
use crate::status::Status;
use crate::time::Instant;
use crate::venue::words;

words! {
    EventKind {
        Created = "booking.created",
        Updated = "booking.updated",
        StatusChanged = "booking.status_changed",
        Confirmed = "booking.confirmed",
        CheckedIn = "booking.checked_in",
        Completed = "booking.completed",
        Cancelled = "booking.cancelled",
        Expired = "booking.expired",
    }
}

impl EventKind {
    /// The specific event that entering `status` raises, in addition to `booking.status_changed`.
    pub fn of_status(status: Status) -> Option<Self> {
        match status {
            Status::Confirmed => Some(Self::Confirmed),
            Status::CheckedIn => Some(Self::CheckedIn),
            Status::Completed => Some(Self::Completed),
            Status::Cancelled => Some(Self::Cancelled),
            Status::Expired => Some(Self::Expired),
            Status::Pending | Status::NoShow => None,
        }
    }
}

/// One event, as stored in the outbox.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    pub kind: EventKind,
    pub booking: BookingId,
    /// The booking's version. The events of one booking are delivered in this order.
    pub sequence: i64,
    /// JSON.
    pub payload: String,
    pub at: Instant,
}

impl Event {
    /// What its subject is, in the outbox.
    pub const SUBJECT_KIND: &'static str = "booking";
    /// The version of the form that [`payload`] writes.
    pub const PAYLOAD_VERSION: i64 = 1;
}

#[derive(serde::Serialize)]
struct Payload<'a> {
    booking_id: BookingId,
    booking_reference: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    order_id: Option<OrderId>,
    guest_id: GuestId,
    venue_id: VenueId,
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_status: Option<Status>,
    version: i64,
    starts_on: jiff::civil::Date,
    party_size: i64,
    total_price: Money,
}

/// Writes the payload shared by all events of one change.
pub fn payload(booking: &Booking, previous: Option<Status>, key: ReferenceKey) -> String {
    let payload = Payload {
        booking_id: booking.id,
        booking_reference: &key.show(booking.reference),
        order_id: booking.order,
        guest_id: booking.guest,
        venue_id: booking.venue,
        status: booking.status,
        previous_status: previous.filter(|status| *status != booking.status),
        version: booking.version,
        starts_on: booking.starts_on,
        party_size: booking.party_size,
        total_price: Money { amount: booking.price.total_minor, currency: booking.price.currency },
    };
    serde_json::to_string(&payload).expect("ids, numbers and dates are always JSON")
}
