//! Commands that need rows which are not loaded: they request them, and change nothing until then.

use domain::actor::Actor;
use domain::booking::{Notes, Person};
use domain::command::{Command, NewOrder, SetStatus, Update};
use domain::decide::NotDone;
use domain::status::Status;
use domain::working_set::{Missing, WorkingSet};

use crate::ask::{dinner, rooms, stay, together};
use crate::desk::Desk;

/// Decides a command while it is deferred, checks that nothing changes before it is done, and returns how often.
fn deferrals(desk: &mut Desk, command: &Command) -> usize {
    for count in 0..100 {
        let before = desk.snapshot();
        match desk.decide_once(command) {
            Err(NotDone::Deferred(Missing::Slot(key))) => {
                assert_eq!(desk.snapshot(), before);
                desk.load_slot(key);
            }
            Ok(_) => {
                assert!(desk.set.miscounted().is_empty());
                return count;
            }
            other => panic!("{other:?}"),
        }
    }
    panic!("never done");
}

/// Begins a batch that has loaded the bookings and none of the slots.
fn forget_slots(desk: &mut Desk) {
    desk.shelf.save(&desk.set);
    let mut set = WorkingSet::default();
    for booking in desk.shelf.bookings.values() {
        set.load_booking(booking.clone());
    }
    desk.set = set;
}

#[test]
fn a_creation_asks_for_each_slot_it_lacks() {
    let mut desk = Desk::new();
    let bookings = vec![
        desk.new_booking(&[rooms("family", "2026-03-10", 3, (1, 4))]),
        desk.new_booking(&[together("any-seat", 2)]),
        desk.new_booking(&[dinner("2026-03-03T19:00", 5)]),
    ];
    let command = Command::Create(NewOrder { bookings, grouped: true, by: Actor::System });
    // Six nights, nine seats of the first map, seven ticks of the first table.
    assert_eq!(deferrals(&mut desk, &command), 6 + 9 + 7);
}

#[test]
fn a_cancellation_asks_for_the_slots_it_gives_back() {
    let mut desk = Desk::new();
    let id = desk.book(&[rooms("family", "2026-03-10", 3, (1, 4))]);
    forget_slots(&mut desk);
    let to = Status::Cancelled;
    let command = Command::SetStatus(SetStatus {
        booking: id,
        to,
        expected_version: None,
        by: Actor::System,
        reason: None,
    });
    assert_eq!(deferrals(&mut desk, &command), 6);
}

#[test]
fn an_update_asks_for_old_and_new_slots() {
    let mut desk = Desk::new();
    let id = desk.book(&[stay("double", "2026-03-10", 3)]);
    forget_slots(&mut desk);
    let command = Command::Update(Box::new(Update {
        booking: id,
        expected_version: 1,
        plan: Some(desk.plan(&[stay("double", "2026-03-12", 3)])),
        person: Person::default(),
        notes: Notes::default(),
        by: Actor::System,
    }));
    assert_eq!(deferrals(&mut desk, &command), 5);
}

#[test]
fn the_end_of_a_hold_asks_for_its_slots() {
    let mut desk = Desk::new();
    let id = desk.book(&[stay("held", "2026-03-10", 3)]);
    desk.pass_minutes(60);
    forget_slots(&mut desk);
    assert_eq!(deferrals(&mut desk, &Command::Expire(id)), 3);
}

#[test]
fn taking_over_a_hold_asks_for_the_other_slots_of_the_hold() {
    let mut desk = Desk::new();
    desk.book(&[rooms("held", "2026-03-10", 3, (3, 3))]);
    desk.pass_minutes(60);
    forget_slots(&mut desk);
    let bookings = vec![desk.new_booking(&[stay("double", "2026-03-11", 1)])];
    let command = Command::Create(NewOrder { bookings, grouped: false, by: Actor::System });
    let Err(NotDone::Deferred(Missing::Slot(key))) = desk.decide_once(&command) else { panic!("a slot") };
    desk.load_slot(key);
    assert_eq!(desk.decide_once(&command), Err(NotDone::Deferred(Missing::HoldsOn(key))));
    desk.load_holds(key);
    assert_eq!(deferrals(&mut desk, &command), 2);
}

#[test]
fn what_needs_no_slots_is_never_deferred() {
    let mut desk = Desk::new();
    let id = desk.book(&[stay("held", "2026-03-10", 3)]);
    forget_slots(&mut desk);
    for to in [Status::Confirmed, Status::NoShow] {
        let command = Command::SetStatus(SetStatus {
            booking: id,
            to,
            expected_version: None,
            by: Actor::System,
            reason: None,
        });
        assert!(desk.decide_once(&command).is_ok());
    }
}
