//! A small catalogue: one venue with a pool of each kind and an offering of each kind.

use std::sync::Arc;

use domain::actor::Actor;
use domain::booking::{Notes, Person};
use domain::catalogue::{Catalogue, VenueCatalogue};
use domain::command::{Command, NewBooking, NewOrder};
use domain::ids::{BookingId, BusinessId, GuestId, OfferingId, PoolId, VenueId};
use domain::line::{Detail, SeatingDetail};
use domain::offering::{Confirmation, LengthRule, Offering, OfferingKind, Part, Recipe, SaleWindow, Seating};
use domain::opening::{Interval, OpeningHours};
use domain::plan::{Choice, Need, Plan, PlannedLine};
use domain::pool::{Axis, Pool, Ticks};
use domain::seats::{SeatMap, SeatRow};
use domain::time::{Instant, day_from_number};
use domain::venue::{Venue, VenueKind};
use jiff::civil::{date, time};
use jiff::tz::TimeZone;
use uuid::Uuid;

/// 2025-10-09T08:53:20Z.
pub const NOW: Instant = Instant(1_760_000_000_000);
/// A night some weeks later, as a slot.
pub const NIGHT: i64 = 20_400;

pub const VENUE: VenueId = VenueId(id(0x0a, 1));
pub const OWNER: BusinessId = BusinessId(id(0x0b, 1));
pub const ROOMS: PoolId = PoolId(id(0x0c, 1));
pub const TABLES: PoolId = PoolId(id(0x0c, 2));
pub const HALL: PoolId = PoolId(id(0x0c, 3));
pub const SEATS: PoolId = PoolId(id(0x0c, 4));

/// Units of each night, tick and hall.
pub const ROOMS_CAPACITY: i64 = 3;
pub const TABLES_CAPACITY: i64 = 2;
pub const HALL_CAPACITY: i64 = 100;

/// Ids of one kind sort by their number.
pub const fn id(kind: u64, number: u64) -> Uuid {
    Uuid::from_u64_pair(0x0190_0000_0000_7000 | (kind << 16), 0x8000_0000_0000_0000 | number)
}

pub const fn guest(number: u64) -> GuestId {
    GuestId(id(0x0d, number))
}

pub const fn booking(number: u64) -> BookingId {
    BookingId(id(0x0e, number))
}

pub const fn offering_of(kind: OfferingKind) -> OfferingId {
    OfferingId(id(0x0f, kind as u64))
}

pub fn venue() -> Venue {
    let always = vec![Interval { opens_minute: 0, closes_minute: 1_500 }];
    Venue {
        id: VENUE,
        version: 1,
        business: OWNER,
        code: Some("the-pier".to_owned()),
        kind: VenueKind::Hotel,
        name: "The Pier — Küste".to_owned(),
        time_zone: TimeZone::get("Europe/Berlin").unwrap(),
        currency: "EUR".parse().unwrap(),
        opening_hours: Some(OpeningHours { days: std::array::from_fn(|_| always.clone()) }),
        opening_exceptions: [(date(2025, 12, 24), vec![]), (date(2025, 12, 31), always)].into(),
        withdrawn_at: None,
    }
}

pub fn pools() -> Vec<Pool> {
    let pool = |id, name: &str, axis, capacity| {
        let name = name.to_owned();
        Pool { id, version: 1, venue: VENUE, name, axis, capacity, withdrawn_at: None }
    };
    vec![
        pool(ROOMS, "Double rooms", Axis::Nightly, ROOMS_CAPACITY),
        pool(TABLES, "Tables", Axis::Timed(Ticks { minutes: 15, origin: Instant(0) }), TABLES_CAPACITY),
        pool(HALL, "Hall", Axis::Quantity, HALL_CAPACITY),
        pool(SEATS, "Stalls", Axis::Seated(Arc::new(seat_map())), 1),
    ]
}

pub fn seat_map() -> SeatMap {
    let row = |row: &str| SeatRow {
        section: "Stalls".to_owned(),
        row: row.to_owned(),
        seats: ["1", "2", "3"].map(str::to_owned).to_vec(),
    };
    SeatMap::new(vec![row("A"), row("B")]).unwrap()
}

pub fn offerings() -> Vec<Offering> {
    let offering = |kind: OfferingKind, pools: &[PoolId]| Offering {
        id: offering_of(kind),
        version: 1,
        venue: VENUE,
        code: (kind == OfferingKind::Stay).then(|| "double".to_owned()),
        kind,
        name: format!("The {}", kind.as_str()),
        unit_price_minor: 10_000,
        confirmation: Confirmation::Instant,
        party_min: 1,
        party_max: 4,
        seating: Seating { duration_minutes: 90, turn_minutes: 15 },
        lengths: LengthRule::Any,
        starts_at: None,
        sale: SaleWindow::default(),
        recipes: pools.iter().map(|pool| Recipe(vec![Part { pool: *pool, units: 1 }])).collect(),
        active: true,
        withdrawn_at: None,
    };
    vec![
        offering(OfferingKind::Stay, &[ROOMS]),
        Offering {
            lengths: LengthRule::Choice { minutes: vec![90, 120] },
            sale: SaleWindow { from: Some(NOW), until: Some(NOW + 86_400_000_000) },
            ..offering(OfferingKind::Table, &[TABLES])
        },
        Offering { active: false, ..offering(OfferingKind::Experience, &[TABLES]) },
        Offering {
            confirmation: Confirmation::Hold { minutes: 15 },
            starts_at: Some(NOW + 86_400_000),
            ..offering(OfferingKind::Ticket, &[SEATS, HALL])
        },
        offering(OfferingKind::Product, &[HALL]),
        offering(OfferingKind::Service, &[]),
    ]
}

pub fn catalogue() -> Catalogue {
    let mut catalogue = Catalogue::default();
    let mut of_venue = VenueCatalogue::new(venue(), 1);
    for pool in pools() {
        of_venue.put_pool(pool);
    }
    // All of them are sold in these tests.
    for offering in offerings() {
        of_venue.put_offering(Offering { active: true, ..offering });
    }
    catalogue.put(of_venue);
    catalogue
}

/// One unit of `count` nights from `first` on.
pub fn nights(first: i64, count: i64) -> Choice {
    Choice {
        offering: offering_of(OfferingKind::Stay),
        detail: Detail::Stay {
            checkin_date: day_from_number(first).unwrap(),
            checkout_date: day_from_number(first + count).unwrap(),
            num_rooms: 1,
            num_guests: 2,
        },
        base_minor: 10_000 * count,
        hold_ms: None,
        needs: vec![Need::Range { pool: ROOMS, first, last: first + count - 1, units: 1 }],
    }
}

/// One of each kind of line, on all pools.
pub fn one_of_each() -> Vec<Choice> {
    let choice = |kind, detail, needs| Choice {
        offering: offering_of(kind),
        detail,
        base_minor: 12_345,
        hold_ms: None,
        needs,
    };
    let seating = SeatingDetail {
        booking_date: date(2025, 11, 8),
        booking_time: time(19, 30, 0, 0),
        end_time: time(21, 0, 0, 0),
        duration_minutes: 90,
        party_size: 2,
        starts_at_ms: 1_762_626_600_000,
    };
    let ticks = |first| vec![Need::Range { pool: TABLES, first, last: first + 6, units: 1 }];
    let seats = Need::BestSeats { pool: SEATS, map: Arc::new(seat_map()), count: 2, together: true };
    vec![
        nights(NIGHT, 3),
        choice(OfferingKind::Table, Detail::Table(seating.clone()), ticks(1_958_474)),
        choice(OfferingKind::Experience, Detail::Experience(seating), ticks(1_958_500)),
        choice(OfferingKind::Ticket, Detail::Ticket { seat_count: 2, seats: Vec::new() }, vec![seats]),
        choice(
            OfferingKind::Product,
            Detail::Product { quantity: 4 },
            vec![Need::Range { pool: HALL, first: 0, last: 0, units: 4 }],
        ),
        choice(
            OfferingKind::Service,
            Detail::Service { quantity: 1, scheduled_for: Some("2025-11-08T18:00:00Z".to_owned()) },
            Vec::new(),
        ),
    ]
}

/// A booking with one line for each choice.
pub fn new_booking(number: u64, choices: Vec<Choice>) -> NewBooking {
    let starts_on = day_from_number(NIGHT).unwrap();
    let line = |choice| PlannedLine { choices: vec![choice], starts_on, party_size: 2 };
    NewBooking {
        id: Some(booking(number)),
        plan: Plan {
            venue: Arc::new(venue()),
            lines: choices.into_iter().map(line).collect(),
            starts_on,
            party_size: 2,
        },
        guest: Some(guest(number)),
        person: Person::default(),
        notes: Notes::default(),
        expected_total_minor: None,
    }
}

pub fn order(bookings: Vec<NewBooking>) -> Command {
    Command::Create(NewOrder { bookings, grouped: false, by: Actor::System })
}

/// A stay of one room.
pub fn stay(number: u64, first: i64, count: i64) -> Command {
    order(vec![new_booking(number, vec![nights(first, count)])])
}

/// A stay that is held for `hold_ms`.
pub fn hold(number: u64, first: i64, count: i64, hold_ms: i64) -> Command {
    let choice = Choice { hold_ms: Some(hold_ms), ..nights(first, count) };
    order(vec![new_booking(number, vec![choice])])
}
