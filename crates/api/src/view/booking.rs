//! A booking in JSON: every field of the founding documents, absent ones as null.

use app::bookings::StoredHistory;
use app::lanes::{Render, Seen};
use domain::actor::Actor;
use domain::booking::Booking;
use domain::catalogue::Catalogue;
use domain::ids::{BookingId, GuestId, OfferingId, OrderId, VenueId};
use domain::line::{Detail, Line, SeatingDetail};
use domain::money::{Currency, Money};
use domain::permission::Permission;
use domain::reference::ReferenceKey;
use domain::status::Status;
use domain::time::Instant;
use jiff::civil::{Date, Time};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
#[schema(as = Booking)]
pub struct BookingView<'a> {
    #[schema(value_type = String, example = "bkg_0190f5c41b0a7c3e8a41d2f07b6c9e55")]
    id: BookingId,
    #[schema(example = "BR-20241225-K7QXM2RD9A")]
    booking_reference: String,
    #[schema(value_type = Option<String>)]
    order_id: Option<OrderId>,
    #[schema(value_type = String)]
    guest_id: GuestId,
    guest_name: Option<&'a str>,
    guest_email: Option<&'a str>,
    guest_phone: Option<&'a str>,
    #[schema(value_type = Option<Vec<Object>>)]
    guests: Option<&'a RawValue>,
    #[schema(value_type = String)]
    venue_id: VenueId,
    venue_type: Option<&'static str>,
    venue_name: Option<&'a str>,
    #[schema(value_type = String, format = Date)]
    booking_date: Date,
    #[schema(value_type = Option<String>)]
    booking_time: Option<Time>,
    duration_minutes: Option<i64>,
    #[schema(value_type = Option<String>)]
    end_time: Option<Time>,
    party_size: i64,
    #[schema(value_type = crate::view::booking::StatusView)]
    status: Status,
    /// Send it back as `expected_version`.
    version: i64,
    #[schema(value_type = crate::view::booking::MoneyView)]
    base_price: Money,
    #[schema(value_type = crate::view::booking::MoneyView)]
    tax_amount: Money,
    #[schema(value_type = crate::view::booking::MoneyView)]
    discount_amount: Money,
    #[schema(value_type = crate::view::booking::MoneyView)]
    total_price: Money,
    #[schema(value_type = String, example = "EUR")]
    currency: &'static str,
    payment_intent_id: Option<&'a str>,
    payment_status: &'static str,
    inventory_reservation_id: Option<&'a str>,
    #[schema(value_type = Option<String>)]
    inventory_item_id: Option<OfferingId>,
    special_requests: Option<&'a str>,
    /// Only the venue sees it; absent for guests.
    #[serde(skip_serializing_if = "Option::is_none")]
    internal_notes: Option<&'a str>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Instant,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Instant,
    #[schema(value_type = Option<String>, format = DateTime)]
    confirmed_at: Option<Instant>,
    #[schema(value_type = Option<String>, format = DateTime)]
    checked_in_at: Option<Instant>,
    #[schema(value_type = Option<String>, format = DateTime)]
    completed_at: Option<Instant>,
    #[schema(value_type = Option<String>, format = DateTime)]
    cancelled_at: Option<Instant>,
    /// When the hold ends; null unless the booking is, or was, one.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Instant>,
    cancellation_reason: Option<&'a str>,
    cancelled_by: Option<&'a str>,
    source: Option<&'a str>,
    #[schema(value_type = Option<Object>)]
    metadata: Option<&'a RawValue>,
    lines: Vec<LineView<'a>>,
}

/// A booking's state.
#[derive(ToSchema)]
#[schema(as = BookingStatus, rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(dead_code, reason = "only describes how a state is written")]
pub enum StatusView {
    Pending,
    Confirmed,
    CheckedIn,
    Completed,
    Cancelled,
    NoShow,
    Expired,
}

/// Money: `amount` in minor units, so that 12950 EUR is 129.50 euro.
#[derive(ToSchema)]
#[schema(as = Money)]
#[expect(dead_code, reason = "only describes how money is written")]
pub struct MoneyView {
    #[schema(example = 12950)]
    amount: i64,
    #[schema(example = "EUR")]
    currency: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = BookingLine)]
pub struct LineView<'a> {
    #[schema(value_type = String)]
    offering_id: OfferingId,
    name: Option<&'a str>,
    #[schema(value_type = crate::view::booking::MoneyView)]
    base_price: Money,
    /// `kind` and the fields of that kind.
    #[serde(flatten)]
    #[schema(ignore)]
    detail: DetailView<'a>,
}

/// A line's detail, in the words of its kind. A twin of the stored form, without what is only for the server.
#[derive(Serialize, ToSchema)]
#[schema(as = LineDetail)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum DetailView<'a> {
    Stay {
        #[schema(value_type = String, format = Date)]
        checkin_date: Date,
        #[schema(value_type = String, format = Date)]
        checkout_date: Date,
        num_rooms: i64,
        num_guests: i64,
    },
    Table(SeatingView),
    Experience(SeatingView),
    Ticket {
        seat_count: i64,
        seats: &'a [String],
    },
    Product {
        quantity: i64,
    },
    Service {
        quantity: i64,
        scheduled_for: Option<&'a str>,
    },
}

#[derive(Serialize, ToSchema)]
#[schema(as = Seating)]
pub struct SeatingView {
    #[schema(value_type = String, format = Date)]
    booking_date: Date,
    #[schema(value_type = String)]
    booking_time: Time,
    #[schema(value_type = String)]
    end_time: Time,
    duration_minutes: i64,
    party_size: i64,
    /// The moment it begins, whatever the clocks say.
    #[schema(value_type = String, format = DateTime)]
    starts_at: Instant,
}

impl<'a> DetailView<'a> {
    pub fn new(detail: &'a Detail) -> Self {
        match detail {
            Detail::Stay { checkin_date, checkout_date, num_rooms, num_guests } => Self::Stay {
                checkin_date: *checkin_date,
                checkout_date: *checkout_date,
                num_rooms: *num_rooms,
                num_guests: *num_guests,
            },
            Detail::Table(seating) => Self::Table(seating.into()),
            Detail::Experience(seating) => Self::Experience(seating.into()),
            Detail::Ticket { seat_count, seats } => Self::Ticket { seat_count: *seat_count, seats },
            Detail::Product { quantity } => Self::Product { quantity: *quantity },
            Detail::Service { quantity, scheduled_for } => {
                Self::Service { quantity: *quantity, scheduled_for: scheduled_for.as_deref() }
            }
        }
    }
}

impl From<&SeatingDetail> for SeatingView {
    fn from(seating: &SeatingDetail) -> Self {
        Self {
            booking_date: seating.booking_date,
            booking_time: seating.booking_time,
            end_time: seating.end_time,
            duration_minutes: seating.duration_minutes,
            party_size: seating.party_size,
            starts_at: Instant(seating.starts_at_ms),
        }
    }
}

/// Who looks, and with what at hand.
#[derive(Clone, Copy)]
pub struct ViewContext<'a> {
    pub actor: Actor,
    pub catalogue: &'a Catalogue,
    pub reference_key: ReferenceKey,
    pub now: Instant,
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

impl<'a> LineView<'a> {
    fn new(line: &'a Line, currency: Currency, context: ViewContext<'a>) -> Self {
        Self {
            offering_id: line.offering,
            name: context.catalogue.offering(line.offering).map(|offering| offering.name.as_str()),
            base_price: Money { amount: line.base_minor, currency },
            detail: DetailView::new(&line.detail),
        }
    }
}

/// JSON that was checked when it was stored is passed on as it is.
fn raw(text: Option<&str>) -> Option<&RawValue> {
    text.and_then(|text| serde_json::from_str(text).ok())
}

#[derive(Serialize, ToSchema)]
#[schema(as = Order)]
pub struct OrderView<'a> {
    #[schema(value_type = String)]
    id: OrderId,
    bookings: Vec<BookingView<'a>>,
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

#[derive(Serialize, ToSchema)]
#[schema(as = BookingPage)]
pub struct PageView<'a> {
    pub bookings: Vec<BookingView<'a>>,
    /// Send it back as `cursor` for the next page; null on the last.
    pub next_cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = HistoryEntry)]
pub struct HistoryView {
    version: i64,
    /// Null for the first.
    #[schema(value_type = Option<crate::view::booking::StatusView>)]
    from_status: Option<Status>,
    #[schema(value_type = crate::view::booking::StatusView)]
    to_status: Status,
    changed_by: String,
    reason: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Instant,
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

/// Writes answers for the lanes.
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
