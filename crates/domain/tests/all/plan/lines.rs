//! Several lines in one booking.

use domain::offering::{Offering, OfferingKind};
use domain::plan::Rules;
use domain::pool::Axis;

use super::{plan, wrong_at};
use crate::ask::{product, rooms, service, stay, tickets};
use crate::desk::planned;
use crate::world::{offer, put, put_pool, put_venue, seat_map, start, world};

#[test]
fn a_booking_begins_with_its_first_line() {
    let plan = plan(&[rooms("double", "2026-03-10", 2, (2, 3)), service("breakfast", 3, None)]);
    assert_eq!((plan.starts_on.to_string().as_str(), plan.party_size), ("2026-03-10", 3));
    assert_eq!(plan.estimate_minor(), 40_000 + 4_500);
}

#[test]
fn a_booking_has_1_to_20_lines() {
    let of = |count| wrong_at(start(), Rules::Guest, &vec![product("mug", 1); count]);
    assert_eq!(of(0), ["/lines: must have 1 to 20 lines"]);
    assert!(of(20).is_empty());
    assert_eq!(of(21), ["/lines: must have 1 to 20 lines"]);
}

#[test]
fn a_booking_has_one_venue() {
    let errors = wrong_at(start(), Rules::Guest, &[stay("double", "2026-03-10", 1), product("mug", 1)]);
    assert_eq!(errors, ["/lines/1: belongs to a different venue than the first line; book it in an order"]);
}

#[test]
fn the_errors_of_all_lines_come_at_once() {
    let asks = [stay("palace", "2026-03-10", 1), product("mug", 0), tickets("adult", 0)];
    assert_eq!(
        wrong_at(start(), Rules::Guest, &asks),
        [
            "/lines/0/room_type_id: no room type has this id or code",
            "/lines/1/quantity: must be from 1 to 10000",
            "/lines/2/seat_count: must be from 1 to 100",
            "/lines/2: belongs to a different venue than the first line; book it in an order",
        ]
    );
}

#[test]
fn a_booking_claims_at_most_20000_slots() {
    let mut catalogue = world();
    put_pool(&mut catalogue, "theatre", "arena-seats", seat_map(&[("A", 15_000)]), 1);
    put(&mut catalogue, offer("theatre", OfferingKind::Ticket, "big", 1, &[&["arena-seats"]]));
    let of = |count| planned(&catalogue, start(), Rules::Guest, &vec![tickets("big", 1); count]);
    assert!(of(1).is_ok());
    let errors = of(2).unwrap_err();
    assert_eq!((errors[0].pointer.as_str(), errors.len()), ("", 1));
}

#[test]
fn an_offering_whose_pool_is_not_there_is_refused_and_never_decided() {
    let mut catalogue = world();
    put_venue(&mut catalogue, "ghost", "UTC", None);
    put_pool(&mut catalogue, "ghost", "nights", Axis::Nightly, 1);
    for (name, pool) in [("lost", "nowhere"), ("wrong-kind", "nights")] {
        put(&mut catalogue, offer("ghost", OfferingKind::Ticket, name, 1, &[&[pool]]));
        let errors = planned(&catalogue, start(), Rules::Guest, &[tickets(name, 1)]).unwrap_err();
        assert_eq!(errors[0].detail, "cannot be booked as requested", "{name}");
    }
}

#[test]
fn the_greatest_amounts_of_money_do_not_overflow() {
    let mut catalogue = world();
    let price =
        |name| Offering { unit_price_minor: i64::MAX, ..offer("shop", OfferingKind::Product, name, 0, &[]) };
    put(&mut catalogue, price("diamond"));
    let plan = planned(&catalogue, start(), Rules::Guest, &vec![product("diamond", 10_000); 20]).unwrap();
    assert_eq!(plan.estimate_minor(), i64::MAX);
}
