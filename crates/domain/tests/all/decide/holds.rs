//! Holds: PENDING until they are confirmed, and what happens to their units if they are not.

use domain::command::{Command, NewOrder};
use domain::decide::{Done, NotDone};
use domain::limits::CLOCK_SKEW_MS_MAX;
use domain::line::{Ask, SeatingAsk, SeatingKind};
use domain::refusal::Refusal;
use domain::slot::SlotKey;
use domain::status::Status::{Cancelled, Confirmed, Expired, Pending};
use domain::time::{MINUTE_MS, day_number};
use domain::working_set::Missing;

use crate::ask::{day, product, rooms, stay, table, tickets};
use crate::desk::{Desk, shortfall};
use crate::world::{pool_id, start};

const HOLD_MS: i64 = 30 * MINUTE_MS;

fn held(count: i64) -> [Ask; 1] {
    [rooms("held", "2026-03-10", 2, (count, count))]
}

fn wanted(count: i64) -> [Ask; 1] {
    [rooms("double", "2026-03-11", 1, (count, count))]
}

#[test]
fn an_offering_that_waits_for_payment_is_held_and_another_is_confirmed() {
    let mut desk = Desk::new();
    let hold = desk.book(&held(1));
    let sure = desk.book(&wanted(1));
    let hold = desk.booking(hold);
    assert_eq!((hold.status, hold.times.expires), (Pending, Some(desk.now + HOLD_MS)));
    assert_eq!(hold.times.confirmed, None);
    let sure = desk.booking(sure);
    assert_eq!((sure.status, sure.times.expires, sure.times.confirmed), (Confirmed, None, Some(desk.now)));
}

#[test]
fn a_booking_waits_as_its_most_impatient_line() {
    let mut desk = Desk::new();
    let mixed = desk.book(&[tickets("adult", 1), tickets("child", 1)]);
    assert_eq!(desk.booking(mixed).times.expires, Some(desk.now + 15 * MINUTE_MS));
    let packs = desk.book(&[product("four-mugs", 1), product("mug", 1)]);
    assert_eq!(desk.booking(packs).times.expires, Some(desk.now + 20 * MINUTE_MS));
}

#[test]
fn only_the_choice_that_is_served_says_whether_it_is_a_hold() {
    let mut desk = Desk::new();
    let either = Ask::Seating(SeatingAsk { kind: SeatingKind::Either, ..table("2026-03-03T19:00", 2) });
    let at_tables = [(); 2].map(|()| desk.book(std::slice::from_ref(&either)));
    for id in at_tables {
        let booking = desk.booking(id);
        assert_eq!(
            (booking.status, booking.times.expires),
            (Confirmed, None),
            "a table is confirmed at once"
        );
    }
    let in_the_cellar = desk.book(&[either]);
    let booking = desk.booking(in_the_cellar);
    assert_eq!(booking.lines[0].detail.kind(), "experience");
    assert_eq!((booking.status, booking.times.expires), (Pending, Some(desk.now + 15 * MINUTE_MS)));
}

#[test]
fn a_hold_can_be_confirmed_until_its_last_millisecond() {
    for (passed_ms, expected) in [
        (0, Ok(())),
        (HOLD_MS - 1, Ok(())),
        (HOLD_MS, Err(Refusal::HoldEnded)),
        (HOLD_MS + CLOCK_SKEW_MS_MAX, Err(Refusal::HoldEnded)),
        (i64::MAX / 4, Err(Refusal::HoldEnded)),
    ] {
        let mut desk = Desk::new();
        let id = desk.book(&held(1));
        desk.pass_ms(passed_ms);
        let outcome = desk.become_status(id, Confirmed).map(|_| ());
        assert_eq!(outcome, expected, "after {passed_ms} ms");
    }
}

#[test]
fn a_hold_past_its_time_reads_as_expired_and_goes_nowhere() {
    let mut desk = Desk::new();
    let id = desk.book(&held(1));
    desk.pass_ms(HOLD_MS);
    assert_eq!(desk.booking(id).status_at(desk.now), Expired);
    for to in [Cancelled, Expired] {
        assert_eq!(desk.become_status(id, to), Err(Refusal::TransitionRefused { from: Expired, to }));
    }
    assert_eq!(desk.update(id, &[]), Err(Refusal::NotChangeable(Expired)));
}

#[test]
fn a_hold_is_never_taken_over_before_clocks_must_agree_that_it_ended() {
    for (passed_ms, taken_over) in [
        (HOLD_MS - 1, false),
        (HOLD_MS, false),
        (HOLD_MS + CLOCK_SKEW_MS_MAX - 1, false),
        (HOLD_MS + CLOCK_SKEW_MS_MAX, true),
        (HOLD_MS * 100, true),
    ] {
        let mut desk = Desk::new();
        let hold = desk.book(&held(3));
        desk.pass_ms(passed_ms);
        let buyer = desk.try_book(&wanted(1));
        assert_eq!(buyer.is_ok(), taken_over, "after {passed_ms} ms");
        assert_eq!(desk.status(hold) == Expired, taken_over);
        assert!(desk.set.miscounted().is_empty());
    }
}

#[test]
fn a_confirmed_hold_is_not_taken_over() {
    let mut desk = Desk::new();
    let hold = desk.book(&held(3));
    desk.walk(hold, &[Confirmed]);
    desk.pass_minutes(10_000);
    assert_eq!(shortfall(desk.try_book(&wanted(1))).free, 0);
    assert_eq!(desk.status(hold), Confirmed);
}

#[test]
fn only_as_many_holds_end_as_are_needed_oldest_first() {
    let mut desk = Desk::new();
    let holds = [0, 1, 2].map(|_| {
        desk.pass_minutes(1);
        desk.book(&held(1))
    });
    desk.pass_minutes(60);
    desk.book(&wanted(2));
    assert_eq!(holds.map(|id| desk.status(id)), [Expired, Expired, Pending]);
}

#[test]
fn a_due_hold_that_was_not_needed_is_found_by_the_next_buyer() {
    for batches in [false, true] {
        let mut desk = Desk::new();
        let holds = [(); 3].map(|()| desk.book(&held(1)));
        desk.pass_minutes(60);
        for (buyers, _) in holds.iter().enumerate() {
            if batches {
                desk.next_batch();
            }
            desk.pass_ms(1);
            desk.try_book(&wanted(1)).unwrap_or_else(|refusal| panic!("buyer {buyers}: {refusal}"));
        }
        assert!(desk.try_book(&wanted(1)).is_err());
    }
}

#[test]
fn a_look_at_holds_that_nobody_used_is_not_remembered_as_if_they_had_ended() {
    let mut desk = Desk::new();
    let hold = desk.book(&held(3));
    desk.pass_minutes(60);
    let key = SlotKey { pool: pool_id("doubles"), slot: day_number(day("2026-03-11")) };
    desk.load_holds(key);
    desk.next_batch();
    assert_eq!(desk.status(hold), Pending);
    desk.book(&wanted(1));
}

#[test]
fn holds_made_after_a_look_are_found_by_the_next_look() {
    let mut desk = Desk::new();
    desk.book(&held(2));
    desk.pass_minutes(60);
    // This one searches, expires the first hold, and is a hold itself.
    desk.book(&held(3));
    desk.pass_minutes(60);
    desk.next_batch();
    desk.book(&wanted(3));
}

#[test]
fn a_look_that_found_too_few_of_many_is_followed_by_another() {
    let mut desk = Desk::new();
    let holds = [(); 3].map(|()| desk.book(&held(1)));
    desk.pass_minutes(60);
    let command = Command::Create(NewOrder {
        bookings: vec![desk.new_booking(&wanted(3))],
        grouped: false,
        by: domain::actor::Actor::System,
    });
    let key = SlotKey { pool: pool_id("doubles"), slot: day_number(day("2026-03-11")) };
    let ends = desk.booking(holds[0]).times.expires;
    desk.set.load_hold_search(key, vec![holds[0]], ends);
    assert_eq!(desk.decide_once(&command), Err(NotDone::Deferred(Missing::HoldsOn(key))));
    assert!(desk.drive(&command).is_ok());
    assert_eq!(holds.map(|id| desk.status(id)), [Expired; 3]);
}

#[test]
fn holds_that_ended_for_a_buyer_who_is_refused_have_ended_all_the_same() {
    let mut desk = Desk::new();
    desk.book(&[stay("double", "2026-03-11", 1)]);
    let hold = desk.book(&held(2));
    desk.pass_minutes(60);
    let refused = shortfall(desk.try_book(&wanted(4)));
    assert_eq!((refused.asked, refused.free), (4, 2));
    assert_eq!(desk.status(hold), Expired);
    assert!(desk.set.miscounted().is_empty());
}

#[test]
fn a_hold_ends_by_itself_only_when_it_is_due() {
    for (passed_ms, done) in [
        (0, false),
        (HOLD_MS, false),
        (HOLD_MS + CLOCK_SKEW_MS_MAX - 1, false),
        (HOLD_MS + CLOCK_SKEW_MS_MAX, true),
    ] {
        let mut desk = Desk::new();
        let id = desk.book(&held(2));
        desk.pass_ms(passed_ms);
        let before = desk.snapshot();
        let outcome = desk.drive(&Command::Expire(id));
        if done {
            assert_eq!((outcome, desk.status(id)), (Ok(Done::Changed(id)), Expired));
            assert_eq!(desk.taken_nights("doubles", "2026-03-10", 2), [0, 0]);
            assert_eq!(desk.drive(&Command::Expire(id)), Ok(Done::Nothing), "once is enough");
        } else {
            assert_eq!((outcome, desk.snapshot()), (Ok(Done::Nothing), before));
        }
    }
}

#[test]
fn a_full_slot_without_due_holds_is_refused_without_a_look() {
    let mut desk = Desk::new();
    desk.book(&held(3));
    desk.next_batch();
    let command = Command::Create(NewOrder {
        bookings: vec![desk.new_booking(&wanted(1))],
        grouped: false,
        by: domain::actor::Actor::System,
    });
    assert!(matches!(desk.decide_once(&command), Err(NotDone::Refused(Refusal::Unavailable(_)))));
    assert!(desk.set.changed_slots().is_empty(), "and nothing need be written");
    assert_eq!(desk.now, start());
}
