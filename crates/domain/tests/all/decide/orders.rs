//! Orders: all bookings or none, and only at the expected price.

use domain::actor::Actor;
use domain::command::{Command, NewBooking, NewOrder};
use domain::decide::Done;
use domain::refusal::Refusal;
use domain::status::Status::{Expired, Pending};

use crate::ask::{dinner, product, stay, tickets, together};
use crate::desk::{Desk, shortfall};

fn cart(desk: &Desk) -> Vec<NewBooking> {
    vec![
        desk.new_booking(&[stay("family", "2026-03-10", 2)]),
        desk.new_booking(&[dinner("2026-03-10T19:00", 2)]),
        desk.new_booking(&[together("stall", 2), together("stall", 3)]),
    ]
}

#[test]
fn a_cart_becomes_bookings_of_their_own_with_one_order() {
    let mut desk = Desk::new();
    let bookings = cart(&desk);
    let command = Command::Create(NewOrder { bookings, grouped: true, by: Actor::System });
    let Ok(Done::Created { order: Some(order), bookings }) = desk.drive(&command) else { panic!("an order") };
    let venues: Vec<_> = bookings.iter().map(|id| desk.booking(*id).venue).collect();
    assert_eq!(venues.len(), 3);
    assert!(bookings.iter().all(|id| desk.booking(*id).order == Some(order)));
    let mut references: Vec<_> = bookings.iter().map(|id| desk.booking(*id).reference).collect();
    references.dedup();
    assert_eq!(references.len(), 3);
    assert!(desk.set.miscounted().is_empty());
}

#[test]
fn when_any_booking_fails_none_is_created() {
    for place in 0..=3 {
        let mut desk = Desk::new();
        desk.book(&[product("mug", 10)]);
        let before = desk.snapshot();
        let mut bookings = cart(&desk);
        bookings.insert(place, desk.new_booking(&[product("mug", 1)]));
        let refused = shortfall(desk.try_order(bookings));
        assert_eq!((refused.booking, refused.line), (place, 0));
        assert_eq!(desk.snapshot(), before, "failing at {place}");
        assert!(desk.set.miscounted().is_empty());
    }
}

#[test]
fn the_bookings_of_an_order_compete_with_each_other() {
    let mut desk = Desk::new();
    let six = |desk: &Desk| desk.new_booking(&[tickets("adult", 6)]);
    let bookings = vec![six(&desk), six(&desk)];
    let refused = shortfall(desk.try_order(bookings));
    assert_eq!((refused.booking, refused.free), (1, 4));
    assert_eq!(desk.taken("hall", 0), 0);
}

#[test]
fn a_price_that_changed_leaves_no_trace() {
    for (expected_minor, place) in [(35_999, 0), (36_001, 0), (0, 0), (i64::MAX, 0), (35_999, 2)] {
        let mut desk = Desk::new();
        let before = desk.snapshot();
        let mut bookings = cart(&desk);
        let mut priced = desk.new_booking(&[stay("family", "2026-04-10", 2)]);
        priced.expected_total_minor = Some(expected_minor);
        bookings.insert(place, priced);
        assert_eq!(
            desk.try_order(bookings),
            Err(Refusal::PriceChanged { booking: place, expected_minor, actual_minor: 36_000 })
        );
        assert_eq!(desk.snapshot(), before);
    }
}

#[test]
fn a_price_that_holds_is_the_price() {
    let mut desk = Desk::new();
    let mut priced = desk.new_booking(&[stay("family", "2026-04-10", 2)]);
    priced.expected_total_minor = Some(36_000);
    let id = desk.try_order(vec![priced]).unwrap()[0];
    let price = desk.booking(id).price;
    assert_eq!((price.base_minor, price.total_minor, price.currency.code()), (36_000, 36_000, "EUR"));
    assert_eq!((price.tax_minor, price.discount_minor), (0, 0));
}

#[test]
fn a_refused_order_may_have_ended_holds_but_keeps_nothing_else() {
    let mut desk = Desk::new();
    let hold = desk.book(&[tickets("child", 10)]);
    let waiting = desk.book(&[stay("held", "2026-03-10", 1)]);
    desk.pass_minutes(20);
    let bookings = vec![desk.new_booking(&[tickets("adult", 4)]), desk.new_booking(&[tickets("adult", 7)])];
    assert_eq!(shortfall(desk.try_order(bookings)).free, 6);
    assert_eq!((desk.status(hold), desk.status(waiting)), (Expired, Pending));
    assert_eq!(desk.taken("hall", 0), 0);
    assert_eq!(desk.set.bookings().count(), 2);
}

#[test]
fn an_import_names_its_bookings_itself() {
    let mut desk = Desk::new();
    let id = domain::ids::BookingId(crate::world::id_of("row-1"));
    let named = NewBooking { id: Some(id), ..desk.new_booking(&[product("mug", 1)]) };
    assert_eq!(desk.try_order(vec![named]), Ok(vec![id]));
}
