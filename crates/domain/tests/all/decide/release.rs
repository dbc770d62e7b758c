//! What a booking releases, and what it keeps.

use domain::ids::BookingId;
use domain::line::{Ask, SeatingAsk};
use domain::status::Status::{Cancelled, CheckedIn, Completed, Confirmed, Expired, NoShow};
use domain::time::Instant;

use crate::ask::{booth, product, rooms, stay};
use crate::desk::Desk;
use crate::world::{at, pool_id};

/// Books four nights from 2026-03-10 of a family's linked rooms.
fn family(desk: &mut Desk) -> BookingId {
    desk.book(&[rooms("family", "2026-03-10", 4, (1, 4))])
}

fn nights(desk: &Desk) -> (Vec<i64>, Vec<i64>) {
    assert!(desk.set.miscounted().is_empty());
    (desk.taken_nights("doubles", "2026-03-10", 4), desk.taken_nights("singles", "2026-03-10", 4))
}

#[test]
fn before_check_in_a_cancellation_gives_everything_back_even_late() {
    for now in ["2026-03-02T12:00:00Z", "2026-03-12T12:00:00Z"] {
        let mut desk = Desk::new();
        let id = family(&mut desk);
        assert_eq!(nights(&desk), (vec![1; 4], vec![1; 4]));
        desk.now = at(now);
        desk.walk(id, &[Cancelled]);
        assert_eq!(nights(&desk), (vec![0; 4], vec![0; 4]));
        assert!(desk.booking(id).claims.iter().all(|claim| claim.released_at == Some(desk.now)));
    }
}

#[test]
fn after_check_in_only_the_nights_to_come_are_given_back() {
    for to in [Cancelled, Completed] {
        for (now, kept) in [
            // It is still the 10th in Berlin, and tonight has not begun.
            ("2026-03-10T22:59:59Z", [0, 0, 0, 0]),
            ("2026-03-10T23:00:00Z", [1, 0, 0, 0]),
            ("2026-03-12T12:00:00Z", [1, 1, 0, 0]),
            ("2026-03-13T12:00:00Z", [1, 1, 1, 0]),
            ("2026-03-14T09:00:00Z", [1, 1, 1, 1]),
            ("2027-03-14T09:00:00Z", [1, 1, 1, 1]),
        ] {
            let mut desk = Desk::new();
            let id = family(&mut desk);
            desk.walk(id, &[CheckedIn]);
            desk.now = at(now);
            desk.walk(id, &[to]);
            assert_eq!(nights(&desk), (kept.to_vec(), kept.to_vec()), "{to} at {now}");
        }
    }
}

#[test]
fn the_hotels_own_midnight_decides_which_nights_are_to_come() {
    let mut desk = Desk::new();
    let id = desk.book(&[stay("bungalow", "2026-03-10", 3)]);
    desk.walk(id, &[CheckedIn]);
    // Noon of the 11th on Kiritimati is still the 10th in Greenwich.
    desk.now = at("2026-03-10T22:00:00Z");
    desk.walk(id, &[Completed]);
    assert_eq!(desk.taken_nights("bungalows", "2026-03-10", 3), [1, 0, 0]);
}

#[test]
fn completing_without_check_in_keeps_only_what_is_over() {
    let mut desk = Desk::new();
    let id = family(&mut desk);
    desk.now = at("2026-03-11T12:00:00Z");
    desk.walk(id, &[Completed]);
    assert_eq!(nights(&desk).0, [1, 0, 0, 0]);
}

#[test]
fn a_claim_cut_in_two_keeps_its_number_and_the_rest_gets_the_next() {
    let mut desk = Desk::new();
    let id = family(&mut desk);
    desk.walk(id, &[CheckedIn]);
    desk.now = at("2026-03-12T12:00:00Z");
    desk.walk(id, &[Completed]);
    let first = desk.booking(id).claims[0].first;
    let claims: Vec<_> = desk
        .booking(id)
        .claims
        .iter()
        .map(|claim| (claim.number, claim.pool, claim.first - first, claim.last - first, claim.released_at))
        .collect();
    let (doubles, singles, now) = (pool_id("doubles"), pool_id("singles"), Some(desk.now));
    assert_eq!(
        claims,
        [
            (0, doubles, 0, 1, None),
            (1, singles, 0, 1, None),
            (2, doubles, 2, 3, now),
            (3, singles, 2, 3, now)
        ]
    );
}

#[test]
fn a_table_left_early_is_free_from_the_next_step() {
    for (now, kept_ticks) in [
        ("2026-03-03T18:00:00Z", 0),
        ("2026-03-03T18:00:01Z", 1),
        ("2026-03-03T18:15:00Z", 1),
        ("2026-03-03T18:16:00Z", 2),
        ("2026-03-03T20:00:00Z", 8),
        ("2026-03-04T18:00:00Z", 8),
    ] {
        for to in [Cancelled, Completed] {
            let mut desk = Desk::new();
            let id = desk.book(&[Ask::Seating(booth("2026-03-03T19:00"))]);
            desk.walk(id, &[CheckedIn]);
            desk.now = at(now);
            desk.walk(id, &[to]);
            let taken: i64 = desk.set.slots().map(|(_, slot)| slot.taken).sum();
            assert_eq!(taken, kept_ticks, "{to} at {now}");
            assert!(desk.set.miscounted().is_empty());
        }
    }
}

#[test]
fn a_table_given_back_can_be_booked_again() {
    let mut desk = Desk::new();
    let ids = [(); 2].map(|()| desk.book(&[Ask::Seating(booth("2026-03-03T19:00"))]));
    let late = Ask::Seating(SeatingAsk { duration_minutes: Some(60), ..booth("2026-03-03T20:00") });
    desk.now = at("2026-03-03T18:30:00Z");
    assert!(desk.try_book(std::slice::from_ref(&late)).is_err());
    desk.walk(ids[0], &[CheckedIn, Completed]);
    desk.book(&[late]);
}

#[test]
fn what_has_no_time_is_kept_once_it_is_in_use() {
    for (through, kept) in [
        (&[Cancelled][..], 0),
        (&[CheckedIn, Cancelled], 3),
        (&[CheckedIn, Completed], 3),
        (&[Completed], 3),
        (&[NoShow], 3),
    ] {
        let mut desk = Desk::new();
        let id = desk.book(&[product("mug", 3)]);
        desk.walk(id, through);
        assert_eq!(desk.taken("mugs", 0), kept, "{through:?}");
    }
}

#[test]
fn a_guest_who_never_came_keeps_the_rooms() {
    let mut desk = Desk::new();
    let id = family(&mut desk);
    desk.walk(id, &[NoShow]);
    assert_eq!(nights(&desk), (vec![1; 4], vec![1; 4]));
}

#[test]
fn an_expired_hold_gives_everything_back_and_a_confirmed_one_nothing() {
    for (to, taken) in [(Expired, 0), (Confirmed, 1)] {
        let mut desk = Desk::new();
        let id = desk.book(&[stay("held", "2026-03-10", 4)]);
        desk.walk(id, &[to]);
        assert_eq!(nights(&desk).0, [taken; 4]);
        desk.now = Instant(desk.now.0 + 86_400_000);
        assert!(desk.try_book(&[rooms("double", "2026-03-10", 4, (3, 3))]).is_ok() == (to == Expired));
    }
}
