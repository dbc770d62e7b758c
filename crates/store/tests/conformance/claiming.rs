//! Unlocked slots: a second writer adds to what the first has taken, up to the capacity.

use domain::slot::SlotKey;
use store::changes::Claiming;
use store::keys::Answers;
use store::{Constraint, StoreError, slots};
use testkit::{TestDatabase, on_both_databases};

use super::desk::Desk;
use super::sample::{self, NIGHT, NOW, ROOMS, ROOMS_CAPACITY};

const FIRST_NIGHT: SlotKey = SlotKey { pool: ROOMS, slot: NIGHT };

on_both_databases! {
    fn what_was_taken_without_locks_is_what_locks_would_leave(database: &TestDatabase) {
        let mut desk = Desk::open(database);
        desk.claiming = Claiming::Optimistic;
        desk.must(&sample::hold(1, NIGHT, 1, 60_000));
        desk.must(&sample::hold(2, NIGHT, 1, 30_000));
        desk.must(&sample::stay(3, NIGHT, 1));
        let found = slots::read(&mut desk.connection, &[FIRST_NIGHT]).unwrap();
        let told: Vec<_> = found.iter().map(|(_, slot)| (slot.taken, slot.holds_until)).collect();
        assert_eq!(told, [(3, Some(NOW + 30_000))]);
    }
}

/// Two desks that have both read the first night with `taken` units taken and have both taken one more, and neither
/// has committed.
fn two_at_once(taken: i64) -> Option<(Desk, Desk, TestDatabase)> {
    let database = TestDatabase::postgres()?;
    let mut one = Desk::open(&database);
    let before = u64::try_from(taken).unwrap();
    (1..=before).for_each(|number| drop(one.must(&sample::stay(number, NIGHT, 1))));
    let mut other = Desk::open_unstocked(&database, 2);
    for (desk, number) in [(&mut one, before + 1), (&mut other, before + 2)] {
        desk.claiming = Claiming::Optimistic;
        desk.connection.begin().unwrap();
        let done = desk.attempt(&sample::stay(number, NIGHT, 1), &Answers::default(), &[]).unwrap();
        done.expect("both read that a unit is free");
    }
    Some((one, other, database))
}

#[test]
fn the_second_adds_to_what_the_first_took() {
    let Some((mut one, mut other, _database)) = two_at_once(1) else { return };
    one.connection.commit().unwrap();
    other.connection.commit().unwrap();
    assert_eq!(one.taken(FIRST_NIGHT), 3);
}

#[test]
fn the_last_unit_goes_to_one_of_two() {
    let Some((mut one, mut other, _database)) = two_at_once(ROOMS_CAPACITY - 1) else { return };
    one.connection.commit().unwrap();
    match other.connection.commit() {
        Err(StoreError::Constraint(refused)) => assert_eq!(refused, Constraint::SlotsTakenWithinCapacity),
        done => panic!("the last unit was sold twice: {done:?}"),
    }
    assert_eq!(one.taken(FIRST_NIGHT), ROOMS_CAPACITY);
    let stored = store::verify::stored_bookings(&mut one.connection).unwrap();
    assert_eq!(stored, ROOMS_CAPACITY, "the second left nothing behind");
}
