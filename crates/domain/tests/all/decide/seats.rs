//! Seats chosen by the decision, together or anywhere.

use domain::line::{Ask, Detail};
use domain::status::Status::{Cancelled, Confirmed, Expired, Pending};

use crate::ask::{named, tickets, together};
use crate::desk::{Desk, shortfall};

/// Books and returns the seats.
fn had(desk: &mut Desk, ask: Ask) -> Vec<String> {
    let id = desk.book(&[ask]);
    assert!(desk.set.miscounted().is_empty());
    match &desk.booking(id).lines[0].detail {
        Detail::Ticket { seats, .. } => seats.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn together_takes_the_first_row_that_has_them_side_by_side() {
    let mut desk = Desk::new();
    assert_eq!(had(&mut desk, together("stall", 3)), ["A-1", "A-2", "A-3"]);
    assert_eq!(had(&mut desk, together("stall", 2)), ["B-1", "B-2"], "A-4 has no neighbour left");
    assert_eq!(had(&mut desk, together("stall", 1)), ["A-4"]);
    assert_eq!(had(&mut desk, together("stall", 3)), ["B-3", "B-4", "B-5"]);
}

#[test]
fn together_never_splits_over_rows_though_seats_are_free() {
    let mut desk = Desk::new();
    had(&mut desk, named("stall", &["A-2", "B-3"]));
    let refused = shortfall(desk.try_book(&[together("stall", 3)]));
    assert_eq!((refused.asked, refused.free), (3, 7));
    assert_eq!(had(&mut desk, tickets("stall", 3)), ["A-1", "A-3", "A-4"], "anywhere, they are had");
}

#[test]
fn the_next_map_is_tried_when_the_first_cannot_serve() {
    let mut desk = Desk::new();
    assert_eq!(had(&mut desk, together("any-seat", 5)), ["B-1", "B-2", "B-3", "B-4", "B-5"]);
    assert_eq!(had(&mut desk, tickets("any-seat", 6)), ["X-1", "X-2", "X-3", "Y-1", "Y-2", "Y-3"]);
    assert!(desk.try_book(&[tickets("any-seat", 5)]).is_err());
}

#[test]
fn a_named_seat_is_had_once() {
    let mut desk = Desk::new();
    assert_eq!(had(&mut desk, named("stall", &["B-2", "A-1"])), ["B-2", "A-1"]);
    let before = desk.snapshot();
    for seats in [&["A-1"][..], &["A-2", "A-1"], &["B-1", "B-2"]] {
        assert_eq!(shortfall(desk.try_book(&[named("stall", seats)])).free, 0);
        assert_eq!(desk.snapshot(), before);
    }
}

#[test]
fn a_taken_seat_is_not_sold_again_through_a_map_that_does_not_know_it() {
    let mut desk = Desk::new();
    had(&mut desk, named("any-seat", &["A-1"]));
    assert_eq!(shortfall(desk.try_book(&[named("any-seat", &["A-1"])])).free, 0);
}

#[test]
fn two_lines_of_a_booking_have_different_seats() {
    let mut desk = Desk::new();
    let id = desk.book(&[together("stall", 2), together("stall", 2)]);
    let claims: Vec<_> =
        desk.booking(id).claims.iter().map(|claim| (claim.line, claim.first, claim.last)).collect();
    assert_eq!(claims, [(0, 0, 1), (1, 2, 3)]);
}

#[test]
fn seats_given_back_are_the_best_again() {
    let mut desk = Desk::new();
    let first = desk.book(&[together("stall", 4)]);
    desk.walk(first, &[Cancelled]);
    assert_eq!(had(&mut desk, together("stall", 2)), ["A-1", "A-2"]);
}

#[test]
fn seats_held_too_long_are_had_by_the_next_and_no_more_than_needed() {
    for best in [together("stall", 4), tickets("stall", 4), named("stall", &["A-1", "A-2", "A-3", "A-4"])] {
        let mut desk = Desk::new();
        let held = ["A-1", "A-2", "A-3"].map(|seat| desk.book(&[named("held-stall", &[seat])]));
        let sure = desk.book(&[named("held-stall", &["A-4"])]);
        let rest = desk.book(&[together("held-stall", 5)]);
        desk.pass_minutes(5);
        assert!(desk.try_book(std::slice::from_ref(&best)).is_err(), "{best:?}");
        desk.walk(sure, &[Confirmed]);
        desk.pass_minutes(6);
        assert!(desk.try_book(&[together("stall", 6)]).is_err());
        desk.walk(sure, &[Cancelled]);
        assert_eq!(had(&mut desk, best).len(), 4);
        assert_eq!(held.map(|id| desk.status(id)), [Expired; 3]);
        assert!(matches!(desk.status(rest), Pending | Expired));
    }
}

#[test]
fn one_seat_ends_one_hold() {
    let mut desk = Desk::new();
    let held = [(); 9].map(|()| desk.book(&[tickets("held-stall", 1)]));
    desk.pass_minutes(60);
    assert_eq!(had(&mut desk, tickets("stall", 1)), ["A-1"]);
    let ended = held.iter().filter(|id| desk.status(**id) == Expired).count();
    assert_eq!(ended, 1);
}
