//! Events in JSON.

use app::catalogue::events::Event;
use app::catalogue::offerings::Priced;
use domain::ids::{OfferingId, VenueId};
use domain::money::Money;
use domain::time::Instant;

use crate::shape::view;

view! {
    /// A ticketed offering and its seats.
    pub struct EventView<'a> as "Event" {
        id: OfferingId,
        venue_id: VenueId,
        code: Option<&'a str>,
        title: &'a str,
        starts_at: Option<Instant>,
        /// When its sale begins; null if it has no beginning.
        on_sale_from: Option<Instant>,
        /// When its sale ends; null if it has no end.
        on_sale_until: Option<Instant>,
        /// The price of one ticket.
        unit_price: Money,
        /// All seats; null if they are not limited.
        seat_count: Option<i64>,
        /// The seats that can be bought; null if they are not limited.
        available_seats: Option<i64>,
        /// The version of the offering.
        version: i64,
    }

    /// A page of events.
    pub struct EventPage<'a> as "EventPage" {
        events: Vec<EventView<'a>>,
        page: i64,
        page_size: i64,
        /// The number of events on all pages.
        total: usize,
    }
}

impl<'a> From<&'a Event> for EventView<'a> {
    fn from(event: &'a Event) -> Self {
        let Priced { offering, currency } = &event.ticket;
        Self {
            id: offering.id,
            venue_id: offering.venue,
            code: offering.code.as_deref(),
            title: &offering.name,
            starts_at: offering.starts_at,
            on_sale_from: offering.sale.from,
            on_sale_until: offering.sale.until,
            unit_price: Money { amount: offering.unit_price_minor, currency: *currency },
            seat_count: event.seats.map(|seats| seats.capacity),
            available_seats: event.seats.map(|seats| seats.free),
            version: offering.version,
        }
    }
}
