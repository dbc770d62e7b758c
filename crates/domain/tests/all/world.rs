//! The catalogue of these tests: a hotel with linked rooms, another across the date line, a bistro with tables that
//! can be joined, a bar that never closes, a hall, a theatre with seat maps, and a shop. Everything is identified by
//! its name.

use std::sync::Arc;

use domain::catalogue::{Catalogue, Selector, VenueCatalogue};
use domain::ids::{BusinessId, OfferingId, PoolId, VenueId};
use domain::offering::{Confirmation, LengthRule, Offering, OfferingKind, Part, Recipe, SaleWindow, Seating};
use domain::opening::{Interval, OpeningExceptions, OpeningHours};
use domain::pool::{Axis, Pool, Ticks};
use domain::seats::{SeatMap, SeatRow};
use domain::time::Instant;
use domain::venue::{Venue, VenueKind};
use jiff::tz::TimeZone;
use uuid::Uuid;

/// The id for this name; names have at most 16 bytes.
pub fn id_of(name: &str) -> Uuid {
    let mut bytes = [0; 16];
    bytes[..name.len()].copy_from_slice(name.as_bytes());
    Uuid::from_bytes(bytes)
}

pub fn pool_id(name: &str) -> PoolId {
    PoolId(id_of(name))
}

pub fn code(name: &str) -> Selector {
    Selector::Code(name.to_owned())
}

pub fn at(text: &str) -> Instant {
    Instant::from(text.parse::<jiff::Timestamp>().unwrap())
}

/// The time at which these tests begin: a Sunday, an hour before noon in Berlin.
pub fn start() -> Instant {
    at("2026-03-01T10:00:00Z")
}

pub fn put_venue(catalogue: &mut Catalogue, name: &str, zone: &str, opening_hours: Option<OpeningHours>) {
    let venue = Venue {
        id: VenueId(id_of(name)),
        version: 1,
        business: BusinessId(id_of("business")),
        code: Some(name.to_owned()),
        kind: VenueKind::Hotel,
        name: name.to_owned(),
        time_zone: TimeZone::get(zone).unwrap(),
        currency: "EUR".parse().unwrap(),
        opening_hours,
        opening_exceptions: OpeningExceptions::new(),
        withdrawn_at: None,
    };
    catalogue.put(VenueCatalogue::new(venue, 0));
}

pub fn put_pool(catalogue: &mut Catalogue, venue: &str, name: &str, axis: Axis, capacity: i64) {
    let (id, venue) = (pool_id(name), VenueId(id_of(venue)));
    let pool = Pool { id, version: 1, venue, name: name.to_owned(), axis, capacity, withdrawn_at: None };
    change(catalogue, venue, |of_venue| of_venue.put_pool(pool));
}

/// An offering confirmed immediately, for one or two people, which takes one unit of each pool of the first recipe
/// that fits.
pub fn offer(
    venue: &str,
    kind: OfferingKind,
    name: &str,
    unit_price_minor: i64,
    recipes: &[&[&str]],
) -> Offering {
    let recipe =
        |pools: &&[&str]| Recipe(pools.iter().map(|pool| Part { pool: pool_id(pool), units: 1 }).collect());
    Offering {
        id: OfferingId(id_of(name)),
        version: 1,
        venue: VenueId(id_of(venue)),
        code: Some(name.to_owned()),
        kind,
        name: name.to_owned(),
        unit_price_minor,
        confirmation: Confirmation::Instant,
        party_min: 1,
        party_max: 2,
        seating: Seating { duration_minutes: 90, turn_minutes: 15 },
        lengths: LengthRule::Any,
        starts_at: None,
        sale: SaleWindow::default(),
        recipes: recipes.iter().map(recipe).collect(),
        active: true,
        withdrawn_at: None,
    }
}

pub fn hold(minutes: i64) -> Confirmation {
    Confirmation::Hold { minutes }
}

pub fn put(catalogue: &mut Catalogue, offering: Offering) {
    change(catalogue, offering.venue, |of_venue| of_venue.put_offering(offering));
}

/// Changes the snapshot of a venue.
pub fn change(catalogue: &mut Catalogue, venue: VenueId, change: impl FnOnce(&mut VenueCatalogue)) {
    let mut of_venue = VenueCatalogue::clone(catalogue.of_venue(venue).unwrap());
    change(&mut of_venue);
    catalogue.put(of_venue);
}

pub fn ticks(minutes: i64) -> Axis {
    Axis::Timed(Ticks { minutes, origin: at("2020-01-01T00:00:00Z") })
}

pub fn seat_map(rows: &[(&str, i64)]) -> Axis {
    let row = |(name, seats): &(&str, i64)| SeatRow {
        section: String::new(),
        row: (*name).to_owned(),
        seats: (1..=*seats).map(|seat| seat.to_string()).collect(),
    };
    Axis::Seated(Arc::new(SeatMap::new(rows.iter().map(row).collect()).unwrap()))
}

/// Lunch from 12:00 to 15:00 and dinner from 18:00 to 01:00, every day but Monday.
fn bistro_hours() -> OpeningHours {
    let meals = vec![
        Interval { opens_minute: 720, closes_minute: 900 },
        Interval { opens_minute: 1_080, closes_minute: 1_500 },
    ];
    let mut hours = OpeningHours { days: std::array::from_fn(|_| meals.clone()) };
    hours.days[0].clear();
    hours
}

pub fn world() -> Catalogue {
    let mut catalogue = Catalogue::default();
    hotels(&mut catalogue);
    tables(&mut catalogue);
    tickets(&mut catalogue);
    shop(&mut catalogue);
    catalogue
}

fn hotels(catalogue: &mut Catalogue) {
    use OfferingKind::{Service, Stay};
    put_venue(catalogue, "hotel", "Europe/Berlin", None);
    put_pool(catalogue, "hotel", "doubles", Axis::Nightly, 3);
    put_pool(catalogue, "hotel", "singles", Axis::Nightly, 2);
    put_pool(catalogue, "hotel", "breakfasts", Axis::Quantity, 12);
    put(catalogue, offer("hotel", Stay, "double", 10_000, &[&["doubles"]]));
    let held = Offering { confirmation: hold(30), ..offer("hotel", Stay, "held", 9_000, &[&["doubles"]]) };
    put(catalogue, held);
    // Two rooms with a door between them.
    let family = offer("hotel", Stay, "family", 18_000, &[&["doubles", "singles"]]);
    put(catalogue, Offering { party_max: 4, ..family });
    put(catalogue, Offering { active: false, ..offer("hotel", Stay, "ruin", 1, &[&["doubles"]]) });
    put(catalogue, offer("hotel", Service, "breakfast", 1_500, &[&["breakfasts"]]));
    put(catalogue, offer("hotel", Service, "transfer", 4_000, &[]));
    put_venue(catalogue, "atoll", "Pacific/Kiritimati", None);
    put_pool(catalogue, "atoll", "bungalows", Axis::Nightly, 2);
    put(catalogue, offer("atoll", Stay, "bungalow", 20_000, &[&["bungalows"]]));
}

fn tables(catalogue: &mut Catalogue) {
    use OfferingKind::{Experience, Table};
    put_venue(catalogue, "bistro", "Europe/Berlin", Some(bistro_hours()));
    put_pool(catalogue, "bistro", "twos", ticks(15), 2);
    put_pool(catalogue, "bistro", "fours", ticks(15), 1);
    put_pool(catalogue, "bistro", "sixes", ticks(15), 1);
    put_pool(catalogue, "bistro", "cellar", ticks(5), 12);
    put(catalogue, offer("bistro", Table, "for-two", 0, &[&["twos"]]));
    // A table for six, or else two tables pushed together.
    let five = offer("bistro", Table, "for-five", 500, &[&["sixes"], &["twos", "fours"]]);
    put(catalogue, Offering { party_min: 3, party_max: 6, ..five });
    let tasting = offer("bistro", Experience, "tasting", 3_500, &[&["cellar"]]);
    put(catalogue, Offering { party_max: 8, confirmation: hold(15), ..tasting });
    put_venue(catalogue, "bar", "Europe/Berlin", None);
    put_pool(catalogue, "bar", "booths", ticks(15), 2);
    let booth = offer("bar", Table, "booth", 2_000, &[&["booths"]]);
    put(catalogue, Offering { seating: Seating { duration_minutes: 120, turn_minutes: 0 }, ..booth });
}

fn tickets(catalogue: &mut Catalogue) {
    use OfferingKind::Ticket;
    put_venue(catalogue, "arena", "Europe/Berlin", None);
    put_pool(catalogue, "arena", "hall", Axis::Quantity, 10);
    let starts_at = Some(at("2026-06-20T18:00:00Z"));
    put(catalogue, Offering { starts_at, ..offer("arena", Ticket, "adult", 5_000, &[&["hall"]]) });
    let child = offer("arena", Ticket, "child", 2_500, &[&["hall"]]);
    put(catalogue, Offering { starts_at, confirmation: hold(15), ..child });
    put_venue(catalogue, "theatre", "Europe/Berlin", None);
    put_pool(catalogue, "theatre", "stalls", seat_map(&[("A", 4), ("B", 5)]), 1);
    put_pool(catalogue, "theatre", "balcony", seat_map(&[("X", 3), ("Y", 3)]), 1);
    put(catalogue, offer("theatre", Ticket, "stall", 4_000, &[&["stalls"]]));
    let held = offer("theatre", Ticket, "held-stall", 4_000, &[&["stalls"]]);
    put(catalogue, Offering { confirmation: hold(10), ..held });
    put(catalogue, offer("theatre", Ticket, "any-seat", 3_000, &[&["stalls"], &["balcony"]]));
}

fn shop(catalogue: &mut Catalogue) {
    use OfferingKind::Product;
    put_venue(catalogue, "shop", "Europe/Berlin", None);
    put_pool(catalogue, "shop", "mugs", Axis::Quantity, 10);
    put(catalogue, offer("shop", Product, "mug", 1_200, &[&["mugs"]]));
    let mut four = offer("shop", Product, "four-mugs", 4_000, &[&["mugs"]]);
    four.recipes[0].0[0].units = 4;
    put(catalogue, Offering { confirmation: hold(20), ..four });
}
