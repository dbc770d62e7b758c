//! A booked line requested again, changed or not.

use domain::line::{Ask, LinePatch, SeatChoice, SeatingAsk};
use jiff::tz::offset;

use crate::ask::{
    booth, day, dinner, named, product, rooms, service, stay, table, tasting, tickets, together,
};
use crate::desk::Desk;

fn again(desk: &Desk, id: domain::ids::BookingId, patch: &LinePatch) -> Result<Ask, &'static str> {
    let booking = desk.booking(id);
    booking.lines[0].ask_again(booking.venue, patch)
}

fn every_kind() -> Vec<Ask> {
    let twice = SeatingAsk { offset: Some(offset(1)), ..booth("2026-10-25T02:30") };
    vec![
        rooms("family", "2026-03-10", 3, (2, 7)),
        dinner("2026-03-03T19:00", 5),
        Ask::Seating(SeatingAsk { duration_minutes: Some(45), ..table("2026-03-03T23:30", 2) }),
        Ask::Seating(booth("2026-03-28T23:00")),
        Ask::Seating(twice),
        tasting("2026-03-03T19:05", 4),
        tickets("child", 3),
        together("any-seat", 5),
        tickets("stall", 5),
        named("stall", &["B-2", "A-1"]),
        product("four-mugs", 2),
        service("breakfast", 2, Some(domain::line::Scheduled::Local("2026-03-10T08:00".parse().unwrap()))),
    ]
}

#[test]
fn a_line_asked_for_again_unchanged_has_what_it_had() {
    for ask in every_kind() {
        let mut desk = Desk::new();
        let id = desk.book(std::slice::from_ref(&ask));
        let before = desk.booking(id).clone();
        let same = again(&desk, id, &LinePatch::default()).unwrap();
        desk.update(id, &[same]).unwrap();
        let after = desk.booking(id);
        assert_eq!((&after.lines, after.price), (&before.lines, before.price), "{ask:?}");
        assert_eq!((after.starts_on, after.party_size), (before.starts_on, before.party_size));
        let held = |booking: &domain::booking::Booking| -> Vec<_> {
            let standing = booking.claims.iter().filter(|claim| claim.stands());
            let mut slots: Vec<_> =
                standing.flat_map(|claim| claim.slots().map(|key| (key, claim.units))).collect();
            slots.sort_unstable();
            slots
        };
        assert_eq!(held(after), held(&before), "{ask:?}");
    }
}

#[test]
fn a_field_that_the_kind_does_not_have_is_named() {
    let patches = [
        (LinePatch { checkin_date: Some(day("2026-04-01")), ..LinePatch::default() }, "checkin_date"),
        (LinePatch { checkout_date: Some(day("2026-04-01")), ..LinePatch::default() }, "checkout_date"),
        (LinePatch { num_rooms: Some(1), ..LinePatch::default() }, "num_rooms"),
        (LinePatch { num_guests: Some(1), ..LinePatch::default() }, "num_guests"),
        (LinePatch { booking_date: Some(day("2026-04-01")), ..LinePatch::default() }, "booking_date"),
        (
            LinePatch { booking_time: Some((jiff::civil::time(19, 0, 0, 0), None)), ..LinePatch::default() },
            "booking_time",
        ),
        (LinePatch { duration_minutes: Some(60), ..LinePatch::default() }, "duration_minutes"),
        (LinePatch { party_size: Some(2), ..LinePatch::default() }, "party_size"),
        (LinePatch { seats: Some(SeatChoice::Named(Vec::new())), ..LinePatch::default() }, "seat_count"),
        (LinePatch { quantity: Some(2), ..LinePatch::default() }, "quantity"),
    ];
    for ask in every_kind() {
        let mut desk = Desk::new();
        let id = desk.book(std::slice::from_ref(&ask));
        let has: &[&str] = match ask {
            Ask::Stay { .. } => &["checkin_date", "checkout_date", "num_rooms", "num_guests"],
            Ask::Seating(_) => &["booking_date", "booking_time", "duration_minutes", "party_size"],
            Ask::Ticket { .. } => &["seat_count"],
            Ask::Product { .. } | Ask::Service { .. } => &["quantity"],
        };
        for (patch, field) in &patches {
            let outcome = again(&desk, id, patch).err();
            assert_eq!(outcome, (!has.contains(field)).then_some(*field), "{ask:?}");
        }
    }
}

#[test]
fn what_is_absent_stays_and_what_is_given_changes() {
    let mut desk = Desk::new();
    let id = desk.book(&[stay("double", "2026-03-10", 2)]);
    let longer = LinePatch { checkout_date: Some(day("2026-03-14")), ..LinePatch::default() };
    let ask = again(&desk, id, &longer).unwrap();
    desk.update(id, &[ask]).unwrap();
    assert_eq!(desk.taken_nights("doubles", "2026-03-10", 5), [1, 1, 1, 1, 0]);
}

#[test]
fn a_party_that_grew_may_sit_at_another_table() {
    let mut desk = Desk::new();
    let id = desk.book(&[dinner("2026-03-03T19:00", 2)]);
    let grown = LinePatch { party_size: Some(5), ..LinePatch::default() };
    let ask = again(&desk, id, &grown).unwrap();
    desk.update(id, &[ask]).unwrap();
    let standing: Vec<_> = desk.booking(id).claims.iter().filter(|claim| claim.stands()).collect();
    assert_eq!((standing.len(), standing[0].pool), (1, crate::world::pool_id("sixes")));
    assert_eq!(desk.booking(id).party_size, 5);
}
