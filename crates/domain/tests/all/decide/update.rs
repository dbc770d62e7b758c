//! Updates: new claims replace the old ones, or everything stays as it was.

use domain::actor::Actor;
use domain::booking::{Notes, Person};
use domain::command::{Command, Update};
use domain::decide::Done;
use domain::line::{Ask, SeatingAsk, SeatingKind};
use domain::refusal::Refusal;
use domain::status::Status::{self, CheckedIn, Confirmed, Expired, Pending};
use domain::time::MINUTE_MS;

use crate::ask::{dinner, rooms, stay, table, together};
use crate::desk::{Desk, shortfall};
use crate::world::at;

#[test]
fn new_dates_are_claimed_and_priced_and_the_old_given_back() {
    let mut desk = Desk::new();
    let id = desk.book(&[stay("double", "2026-03-10", 2)]);
    assert_eq!(desk.update(id, &[rooms("double", "2026-03-11", 3, (2, 3))]), Ok(Done::Changed(id)));
    assert_eq!(desk.taken_nights("doubles", "2026-03-10", 4), [0, 2, 2, 2]);
    let booking = desk.booking(id);
    assert_eq!((booking.version, booking.status), (2, Confirmed));
    assert_eq!((booking.price.total_minor, booking.party_size), (60_000, 3));
    assert_eq!(booking.starts_on.to_string(), "2026-03-11");
    assert_eq!(booking.lines.len(), 1);
    let claims: Vec<_> =
        booking.claims.iter().map(|claim| (claim.number, claim.units, claim.released_at)).collect();
    assert_eq!(claims, [(0, 1, Some(desk.now)), (1, 2, None)]);
    assert!(desk.set.miscounted().is_empty());
}

#[test]
fn a_booking_may_keep_what_only_it_has() {
    let mut desk = Desk::new();
    let id = desk.book(&[rooms("double", "2026-03-10", 2, (3, 3))]);
    assert_eq!(desk.update(id, &[rooms("double", "2026-03-11", 2, (3, 4))]), Ok(Done::Changed(id)));
    assert_eq!(desk.taken_nights("doubles", "2026-03-10", 3), [0, 3, 3]);
}

#[test]
fn an_update_that_is_refused_leaves_everything_as_it_was() {
    let mut desk = Desk::new();
    desk.book(&[rooms("double", "2026-03-12", 1, (2, 2))]);
    for status in [Pending, Confirmed] {
        let id = desk.book(&[stay("held", "2026-03-10", 2)]);
        if status == Confirmed {
            desk.walk(id, &[Confirmed]);
        }
        let before = desk.snapshot();
        let refused = shortfall(desk.update(id, &[rooms("double", "2026-03-11", 2, (2, 2))]));
        assert_eq!((refused.asked, refused.free), (2, 1));
        assert_eq!(desk.snapshot(), before);
        desk.walk(id, &[Status::Cancelled]);
    }
    assert!(desk.set.miscounted().is_empty());
}

#[test]
fn an_update_of_people_and_notes_keeps_lines_and_price() {
    let mut desk = Desk::new();
    let id = desk.book(&[stay("double", "2026-03-10", 2)]);
    desk.pass_minutes(1);
    let before = desk.booking(id).clone();
    let person = Person { name: Some("Ada".to_owned()), ..Person::default() };
    let notes = Notes { special_requests: Some("a cot".to_owned()), ..Notes::default() };
    let by = Actor::Guest(before.guest);
    let update = Update { booking: id, expected_version: 1, plan: None, person, notes, by };
    desk.drive(&Command::Update(Box::new(update.clone()))).unwrap();
    let mut expected = before;
    expected.version = 2;
    expected.times.updated = desk.now;
    expected.person = update.person;
    expected.notes = update.notes;
    assert_eq!(desk.booking(id), &expected);
}

#[test]
fn an_update_is_made_only_of_the_version_that_was_seen() {
    let mut desk = Desk::new();
    let id = desk.book(&[stay("double", "2026-03-10", 2)]);
    desk.update(id, &[]).unwrap();
    let before = desk.snapshot();
    let stale = Update {
        booking: id,
        expected_version: 1,
        plan: Some(desk.plan(&[stay("double", "2026-03-20", 1)])),
        person: Person::default(),
        notes: Notes::default(),
        by: Actor::System,
    };
    let refusal = desk.drive(&Command::Update(Box::new(stale)));
    assert_eq!(refusal, Err(Refusal::VersionConflict { expected: 1, actual: 2 }));
    assert_eq!(desk.snapshot(), before);
}

#[test]
fn only_what_is_pending_or_confirmed_can_be_changed() {
    for through in [
        &[CheckedIn][..],
        &[Status::Completed],
        &[Status::Cancelled],
        &[Status::NoShow],
        &[CheckedIn, Status::Cancelled],
    ] {
        let mut desk = Desk::new();
        let id = desk.book(&[stay("double", "2026-03-10", 2)]);
        desk.walk(id, through);
        let before = desk.snapshot();
        let refusal = desk.update(id, &[stay("double", "2026-03-20", 1)]);
        assert_eq!(refusal, Err(Refusal::NotChangeable(*through.last().unwrap())));
        assert_eq!(desk.snapshot(), before);
    }
}

#[test]
fn an_updated_hold_waits_no_longer_than_before() {
    let mut desk = Desk::new();
    let id = desk.book(&[rooms("held", "2026-03-10", 1, (3, 3))]);
    let ends = desk.now + 30 * MINUTE_MS;
    desk.pass_minutes(20);
    desk.update(id, &[rooms("held", "2026-03-20", 1, (3, 3))]).unwrap();
    assert_eq!((desk.status(id), desk.booking(id).times.expires), (Pending, Some(ends)));
    desk.pass_minutes(11);
    desk.next_batch();
    desk.book(&[stay("double", "2026-03-20", 1)]);
    assert_eq!(desk.status(id), Expired);
}

#[test]
fn an_update_may_take_over_another_hold() {
    let mut desk = Desk::new();
    let mine = desk.book(&[stay("double", "2026-03-10", 1)]);
    let theirs = desk.book(&[rooms("held", "2026-03-12", 2, (3, 3))]);
    desk.pass_minutes(31);
    desk.update(mine, &[stay("double", "2026-03-12", 2)]).unwrap();
    assert_eq!(desk.status(theirs), Expired);
    assert_eq!(desk.taken_nights("doubles", "2026-03-10", 4), [0, 0, 1, 1]);
}

#[test]
fn a_seat_may_be_exchanged_and_a_table_moved() {
    let mut desk = Desk::new();
    let seats = desk.book(&[together("stall", 4)]);
    desk.update(seats, &[together("stall", 5)]).unwrap();
    assert_eq!(desk.booking(seats).claims.iter().filter(|claim| claim.stands()).count(), 1);
    let table = desk.book(&[dinner("2026-03-03T19:00", 5)]);
    desk.update(table, &[dinner("2026-03-03T19:30", 5)]).unwrap();
    let standing: Vec<_> = desk.booking(table).claims.iter().filter(|claim| claim.stands()).collect();
    assert_eq!(standing.len(), 1, "the six-top was its own to take again");
    assert!(desk.set.miscounted().is_empty());
}

#[test]
fn claims_keep_numbers_of_their_own_through_any_number_of_changes() {
    let mut desk = Desk::new();
    let id = desk.book(&[rooms("family", "2026-03-10", 4, (1, 4))]);
    for checkin in ["2026-03-11", "2026-03-12", "2026-03-13"] {
        desk.update(id, &[rooms("family", checkin, 4, (1, 4))]).unwrap();
    }
    desk.walk(id, &[CheckedIn]);
    desk.now = at("2026-03-15T12:00:00Z");
    desk.walk(id, &[Status::Cancelled]);
    let numbers: Vec<_> = desk.booking(id).claims.iter().map(|claim| claim.number).collect();
    assert_eq!(numbers, (0..10).collect::<Vec<_>>());
    assert_eq!(desk.taken_nights("singles", "2026-03-13", 4), [1, 1, 0, 0]);
}

#[test]
fn a_way_that_did_not_fit_uses_up_no_claim_numbers() {
    let mut desk = Desk::new();
    for _ in 0..2 {
        desk.book(&[dinner("2026-03-03T19:00", 5)]);
    }
    // The table for two is free and could be joined, but the other one is not, so the cellar is used.
    let either = SeatingAsk { kind: SeatingKind::Either, ..table("2026-03-03T19:00", 5) };
    let id = desk.book(&[Ask::Seating(either)]);
    for day in ["2026-03-04T19:00", "2026-03-05T19:00"] {
        desk.update(id, &[dinner(day, 5)]).unwrap();
    }
    let numbers: Vec<_> = desk.booking(id).claims.iter().map(|claim| claim.number).collect();
    assert_eq!(numbers, [0, 1, 2]);
}
