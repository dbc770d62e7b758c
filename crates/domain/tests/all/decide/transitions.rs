//! The statuses of a booking, as changed by commands.

use domain::actor::Actor;
use domain::booking::Cancellation;
use domain::command::{Command, SetStatus};
use domain::decide::Done;
use domain::ids::BookingId;
use domain::refusal::Refusal;
use domain::status::{ALL, Status};
use domain::time::MINUTE_MS;

use crate::ask::stay;
use crate::desk::Desk;
use crate::world::id_of;

/// A booking that has reached `status` in the shortest way.
fn booking_in(desk: &mut Desk, status: Status) -> BookingId {
    let id = desk.book(&[stay("held", "2026-03-10", 2)]);
    desk.walk(
        id,
        match status {
            Status::Pending => &[],
            Status::Confirmed => &[Status::Confirmed],
            Status::CheckedIn => &[Status::Confirmed, Status::CheckedIn],
            Status::Completed => &[Status::Confirmed, Status::Completed],
            Status::Cancelled => &[Status::Cancelled],
            Status::NoShow => &[Status::Confirmed, Status::NoShow],
            Status::Expired => &[Status::Expired],
        },
    );
    id
}

#[test]
fn every_way_that_exists_is_open_and_every_other_is_refused_without_a_trace() {
    for from in ALL {
        for to in ALL {
            let mut desk = Desk::new();
            let id = booking_in(&mut desk, from);
            let before = desk.snapshot();
            let outcome = desk.become_status(id, to);
            if from.may_become(to) {
                assert_eq!(outcome, Ok(Done::Changed(id)), "{from} to {to}");
                assert_eq!(desk.status(id), to);
                assert_eq!(desk.booking(id).version, before.bookings[&id].version + 1);
            } else {
                assert_eq!(outcome, Err(Refusal::TransitionRefused { from, to }));
                assert_eq!(desk.snapshot(), before, "{from} to {to}");
            }
            assert!(desk.set.miscounted().is_empty());
        }
    }
}

#[test]
fn a_status_is_changed_only_from_the_version_that_was_seen() {
    let mut desk = Desk::new();
    let id = booking_in(&mut desk, Status::Confirmed);
    let change = |expected| SetStatus {
        booking: id,
        to: Status::Cancelled,
        expected_version: Some(expected),
        by: Actor::System,
        reason: None,
    };
    let before = desk.snapshot();
    for stale in [i64::MIN, 0, 1, 3, i64::MAX] {
        let refusal = desk.drive(&Command::SetStatus(change(stale)));
        assert_eq!(refusal, Err(Refusal::VersionConflict { expected: stale, actual: 2 }));
        assert_eq!(desk.snapshot(), before);
    }
    assert_eq!(desk.drive(&Command::SetStatus(change(2))), Ok(Done::Changed(id)));
}

#[test]
fn a_booking_that_is_not_there_is_not_found() {
    let mut desk = Desk::new();
    let nobody = BookingId(id_of("nobody"));
    for to in ALL {
        assert_eq!(desk.become_status(nobody, to), Err(Refusal::NotFound));
    }
    assert_eq!(desk.drive(&Command::Expire(nobody)), Ok(Done::Nothing));
}

#[test]
fn each_state_is_stamped_with_its_moment() {
    let mut desk = Desk::new();
    let id = desk.book(&[stay("held", "2026-03-10", 2)]);
    let made = desk.now;
    for to in [Status::Confirmed, Status::CheckedIn, Status::Completed] {
        desk.pass_minutes(1);
        desk.walk(id, &[to]);
        assert_eq!(desk.booking(id).times.updated, desk.now);
    }
    let times = desk.booking(id).times;
    assert_eq!((times.created, times.expires), (made, Some(made + 30 * MINUTE_MS)));
    assert_eq!(times.confirmed, Some(made + MINUTE_MS));
    assert_eq!(times.checked_in, Some(made + 2 * MINUTE_MS));
    assert_eq!(times.completed, Some(made + 3 * MINUTE_MS));
    assert_eq!(times.cancelled, None);
}

#[test]
fn a_cancellation_says_who_and_why() {
    let mut desk = Desk::new();
    let id = desk.book(&[stay("double", "2026-03-10", 2)]);
    let guest = desk.booking(id).guest;
    let change = SetStatus {
        booking: id,
        to: Status::Cancelled,
        expected_version: None,
        by: Actor::Guest(guest),
        reason: Some("ill".to_owned()),
    };
    desk.drive(&Command::SetStatus(change)).unwrap();
    let expected = Cancellation { by: guest.to_string(), reason: Some("ill".to_owned()) };
    assert_eq!(desk.booking(id).cancellation, Some(expected));
    assert_eq!(desk.booking(id).times.cancelled, Some(desk.now));
}
