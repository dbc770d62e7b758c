//! The hotel of a replay: a pool of rooms and an offering for each room type.

use std::collections::HashMap;

use anyhow::Context as _;
use app::App;
use app::catalogue::Additions;
use app::chance::SystemChance;
use domain::decide::Chance as _;
use domain::ids::{BusinessId, OfferingId, PoolId, VenueId};
use domain::offering::{Confirmation, LengthRule, Offering, OfferingKind, Part, Recipe, SaleWindow, Seating};
use domain::opening::OpeningExceptions;
use domain::pool::{Axis, Pool};
use domain::venue::{Venue, VenueKind};
use jiff::tz::TimeZone;
use uuid::Uuid;

use super::capacities::Capacities;

/// The owner of the imported data.
const BUSINESS: BusinessId = BusinessId(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0010));
const CURRENCY: &str = "EUR";

pub struct Hotel {
    venue: VenueId,
    rooms: HashMap<String, Room>,
}

#[derive(Clone, Copy)]
pub struct Room {
    pub offering: OfferingId,
    pub pool: PoolId,
}

impl Hotel {
    /// Adds the hotel to the catalogue. It has no code, so that a database can contain several imports.
    pub async fn open(
        app: &App,
        chance: &mut SystemChance,
        name: String,
        capacities: &Capacities,
    ) -> anyhow::Result<Self> {
        let mut generate = || chance.id(app.clock.now(), 0);
        let mut hotel = Self { venue: VenueId(generate()), rooms: HashMap::new() };
        let mut additions = Additions { venues: vec![venue(hotel.venue, name)?], ..Additions::default() };
        for (room_type, capacity) in capacities {
            let room = Room { offering: OfferingId(generate()), pool: PoolId(generate()) };
            additions.pools.push(pool(hotel.venue, room, room_type, *capacity));
            additions.offerings.push(offering(hotel.venue, room, room_type));
            hotel.rooms.insert(room_type.clone(), room);
        }
        app::catalogue::add(app, additions).await.context("cannot add the hotel to the catalogue")?;
        Ok(hotel)
    }

    /// `None` if the hotel has no such room, so that none is ever available.
    pub fn room(&self, room_type: &str) -> Option<Room> {
        self.rooms.get(room_type).copied()
    }

    /// The common bits of the ids of the hotel's bookings.
    pub fn id_hint(&self) -> u16 {
        let [.., high, low] = *self.venue.0.as_bytes();
        u16::from_be_bytes([high, low])
    }
}

/// A history has days only, so UTC is sufficient.
fn venue(id: VenueId, name: String) -> anyhow::Result<Venue> {
    Ok(Venue {
        id,
        version: 1,
        business: BUSINESS,
        code: None,
        kind: VenueKind::Hotel,
        name,
        time_zone: TimeZone::UTC,
        currency: CURRENCY.parse()?,
        opening_hours: None,
        opening_exceptions: OpeningExceptions::new(),
        withdrawn_at: None,
    })
}

fn pool(venue: VenueId, room: Room, room_type: &str, capacity: i64) -> Pool {
    let name = format!("Rooms of type {room_type}");
    Pool { id: room.pool, version: 1, venue, name, axis: Axis::Nightly, capacity, withdrawn_at: None }
}

/// A stay without a price, because prices are not replayed.
fn offering(venue: VenueId, room: Room, room_type: &str) -> Offering {
    Offering {
        id: room.offering,
        version: 1,
        venue,
        code: None,
        kind: OfferingKind::Stay,
        name: format!("Room type {room_type}"),
        unit_price_minor: 0,
        confirmation: Confirmation::Instant,
        party_min: 1,
        party_max: domain::limits::GUESTS_MAX,
        seating: Seating { duration_minutes: 0, turn_minutes: 0 },
        lengths: LengthRule::Any,
        starts_at: None,
        sale: SaleWindow::default(),
        recipes: vec![Recipe(vec![Part { pool: room.pool, units: 1 }])],
        active: true,
        withdrawn_at: None,
    }
}
