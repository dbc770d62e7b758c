//! A booking in JSON. Absent fields are null.

use app::bookings::StoredHistory;
use app::lanes::{Render, Seen};
use domain::booking::Booking;
use domain::ids::{BookingId, GuestId, OfferingId, OrderId, VenueId};
use domain::line::Detail;
use domain::money::Money;
use domain::permission::Permission;
use domain::status::Status;
use domain::time::Instant;
use jiff::civil::{Date, Time};
use serde_json::value::RawValue;

pub use super::context::ViewContext;
use super::line::LineView;
use crate::shape::{AnyObject, CurrencyText, ReferenceText, view};

view! {
    pub struct BookingView<'a> as "Booking" {
        id: BookingId,
        booking_reference: String as ReferenceText,
        order_id: Option<OrderId>,
        guest_id: GuestId,
        guest_name: Option<&'a str>,
        guest_email: Option<&'a str>,
        guest_phone: Option<&'a str>,
        guests: Option<&'a RawValue> as Option<Vec<AnyObject>>,
        venue_id: VenueId,
        venue_type: Option<&'static str>,
        venue_name: Option<&'a str>,
        booking_date: Date,
        booking_time: Option<Time>,
        duration_minutes: Option<i64>,
        end_time: Option<Time>,
        party_size: i64,
        status: Status,
        /// Send it as `expected_version` with a change.
        version: i64,
        base_price: Money,
        tax_amount: Money,
        discount_amount: Money,
        total_price: Money,
        currency: &'static str as CurrencyText,
        payment_intent_id: Option<&'a str>,
        payment_status: &'static str,
        inventory_reservation_id: Option<&'a str>,
        inventory_item_id: Option<OfferingId>,
        special_requests: Option<&'a str>,
        /// Notes for the venue. Absent for guests.
        #[serde(skip_serializing_if = "Option::is_none")]
        internal_notes: Option<&'a str>,
        created_at: Instant,
        updated_at: Instant,
        confirmed_at: Option<Instant>,
        checked_in_at: Option<Instant>,
        completed_at: Option<Instant>,
        cancelled_at: Option<Instant>,
        /// When the hold ends. Null if the booking never was a hold.
        expires_at: Option<Instant>,
        cancellation_reason: Option<&'a str>,
        cancelled_by: Option<&'a str>,
        source: Option<&'a str>,
        metadata: Option<&'a RawValue>,
        lines: Vec<LineView<'a>>,
    }
}

impl<'a> BookingView<'a> {
    pub fn new(booking: &'a Booking, context: ViewContext<'a>) -> Self {
        let venue = context.catalogue.venue(booking.venue);
        let seating = booking.lines.first().and_then(|line| match &line.detail {
            Detail::Table(seating) | Detail::Experience(seating) => Some(seating),
            Detail::Stay { .. } | Detail::Ticket { .. } | Detail::Product { .. } | Detail::Service { .. } => {
                None
            }
        });
        let currency = booking.price.currency;
        let money = |amount| Money { amount, currency };
        let status = booking.status_at(context.now);
        Self {
            id: booking.id,
            booking_reference: context.reference_key.show(booking.reference),
            order_id: booking.order,
            guest_id: booking.guest,
            guest_name: booking.person.name.as_deref(),
            guest_email: booking.person.email.as_deref(),
            guest_phone: booking.person.phone.as_deref(),
            guests: raw(booking.person.companions.as_deref()),
            venue_id: booking.venue,
            venue_type: venue.map(|venue| venue.kind.as_str()),
            venue_name: venue.map(|venue| venue.name.as_str()),
            booking_date: booking.starts_on,
            booking_time: seating.map(|seating| seating.booking_time),
            duration_minutes: seating.map(|seating| seating.duration_minutes),
            end_time: seating.map(|seating| seating.end_time),
            party_size: booking.party_size,
            status,
            version: booking.version,
            base_price: money(booking.price.base_minor),
            tax_amount: money(booking.price.tax_minor),
            discount_amount: money(booking.price.discount_minor),
            total_price: money(booking.price.total_minor),
            currency: currency.code(),
            payment_intent_id: None,
            payment_status: "NOT_REQUIRED",
            inventory_reservation_id: None,
            inventory_item_id: booking.lines.first().map(|line| line.offering),
            special_requests: booking.notes.special_requests.as_deref(),
            internal_notes: booking
                .notes
                .internal_notes
                .as_deref()
                .filter(|_| context.actor.may(Permission::ReadInternalNotes)),
            created_at: booking.times.created,
            updated_at: booking.times.updated,
            confirmed_at: booking.times.confirmed,
            checked_in_at: booking.times.checked_in,
            completed_at: booking.times.completed,
            cancelled_at: booking.times.cancelled,
            expires_at: booking.times.expires,
            cancellation_reason: booking.cancellation.as_ref().and_then(|said| said.reason.as_deref()),
            cancelled_by: booking.cancellation.as_ref().map(|said| said.by.as_str()),
            source: booking.notes.source.as_deref(),
            metadata: raw(booking.notes.metadata.as_deref()),
            lines: booking.lines.iter().map(|line| LineView::new(line, currency, context)).collect(),
        }
    }
}

/// JSON that was checked when it was stored is passed on unchanged.
fn raw(text: Option<&str>) -> Option<&RawValue> {
    text.and_then(|text| serde_json::from_str(text).ok())
}

view! {
    pub struct OrderView<'a> as "Order" {
        id: OrderId,
        bookings: Vec<BookingView<'a>>,
    }
}

impl<'a> OrderView<'a> {
    pub fn new(
        id: OrderId,
        bookings: impl IntoIterator<Item = &'a Booking>,
        context: ViewContext<'a>,
    ) -> Self {
        Self {
            id,
            bookings: bookings.into_iter().map(|booking| BookingView::new(booking, context)).collect(),
        }
    }
}

view! {
    pub struct PageView<'a> as "BookingPage" {
        bookings: Vec<BookingView<'a>>,
        /// Send it as `cursor` to read the next page. Null on the last page.
        next_cursor: Option<String>,
    }

    pub struct HistoryView as "HistoryEntry" {
        version: i64,
        /// Null in the first entry.
        from_status: Option<Status>,
        to_status: Status,
        changed_by: String,
        reason: Option<String>,
        created_at: Instant,
    }
}

impl From<StoredHistory> for HistoryView {
    fn from(entry: StoredHistory) -> Self {
        Self {
            version: entry.version,
            from_status: entry.from,
            to_status: entry.to,
            changed_by: entry.by,
            reason: entry.reason,
            created_at: entry.at,
        }
    }
}

/// Renders answers for the lanes.
pub struct JsonRender;

impl Render for JsonRender {
    fn answer(&self, seen: &Seen<'_>) -> (u16, Vec<u8>) {
        let Seen { actor, catalogue, reference_key, now, .. } = *seen;
        let context = ViewContext { actor, catalogue, reference_key, now };
        let status = if seen.created { 201 } else { 200 };
        let mut body = Vec::with_capacity(1_536);
        let written = match (seen.order, seen.bookings.as_slice()) {
            (Some(order), bookings) => {
                serde_json::to_writer(&mut body, &OrderView::new(order, bookings.iter().copied(), context))
            }
            (None, [booking]) => serde_json::to_writer(&mut body, &BookingView::new(booking, context)),
            (None, _) => serde_json::to_writer(&mut body, &serde_json::json!({})),
        };
        written.expect("a booking is always JSON");
        (status, body)
    }
}
