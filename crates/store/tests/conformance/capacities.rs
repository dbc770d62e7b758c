//! Capacities change under the same locks as claims, and never fall below the units taken.

use domain::ids::PoolId;
use domain::slot::SlotKey;
use store::slots::{
    CapacityChange, change_pool_capacity, change_seats, change_slot_capacity, first_unused, in_range, lock,
    make,
};
use store::{Connection, Constraint, StoreError};
use testkit::{TestDatabase, on_both_databases};

use super::desk::Desk;
use super::sample::{self, HALL, NIGHT, ROOMS, SEATS};

const NOWHERE: PoolId = PoolId(sample::id(0x0c, 99));

fn capacities(connection: &mut Connection) -> Vec<(i64, i64)> {
    let found = in_range(connection, ROOMS, NIGHT, NIGHT + 7).unwrap();
    found.into_iter().map(|(key, slot)| (key.slot - NIGHT, slot.capacity)).collect()
}

/// The examined nights: all have this capacity except the given ones. Rows are created in blocks, so all of them have
/// one.
fn nights_of(capacity: i64, others: &[(i64, i64)]) -> Vec<(i64, i64)> {
    let of = |night| others.iter().find(|(other, _)| *other == night).map_or(capacity, |(_, own)| *own);
    (0..=7).map(|night| (night, of(night))).collect()
}

fn booked(database: &TestDatabase) -> Desk {
    let mut desk = Desk::open(database);
    desk.must(&sample::stay(1, NIGHT, 3));
    desk.must(&sample::stay(2, NIGHT + 1, 1));
    desk
}

on_both_databases! {
    fn seats_that_are_taken_cannot_be_removed(database: &TestDatabase) {
        let mut desk = Desk::open(database);
        desk.must(&sample::order(vec![sample::new_booking(1, vec![sample::one_of_each().remove(3)])]));
        let mut connection = desk.connection;
        let seats = |connection: &mut Connection| {
            let found = in_range(connection, SEATS, 0, 99).unwrap();
            found.into_iter().map(|(key, slot)| (key.slot, slot.capacity, slot.taken)).collect::<Vec<_>>()
        };
        let before = seats(&mut connection);
        let taken = before.iter().find(|(_, _, taken)| *taken > 0).unwrap().0;
        let refused = change_seats(&mut connection, SEATS, &[], &[taken], 1).unwrap();
        assert_eq!(refused, CapacityChange::BelowTaken { slot: taken, taken: 1 });
        assert_eq!(seats(&mut connection), before);
        let free = before.iter().rev().find(|(_, _, taken)| *taken == 0).unwrap().0;
        let unused = first_unused(&mut connection, SEATS).unwrap();
        let changed = change_seats(&mut connection, SEATS, &[unused], &[free], 1).unwrap();
        assert_eq!(changed, CapacityChange::Done);
        let after = seats(&mut connection);
        assert!(after.contains(&(free, 0, 0)) && after.contains(&(unused, 1, 0)), "{after:?}");
        assert_eq!(first_unused(&mut connection, SEATS).unwrap(), unused + 1);
        // A removed seat stays without capacity when the pool gets another.
        change_pool_capacity(&mut connection, SEATS, 1).unwrap();
        assert!(seats(&mut connection).contains(&(free, 0, 0)));
    }

    fn a_pools_capacity_reaches_its_slots_and_those_to_come(database: &TestDatabase) {
        let mut connection = booked(database).connection;
        assert_eq!(change_pool_capacity(&mut connection, ROOMS, 7).unwrap(), CapacityChange::Done);
        make(&mut connection, &[SlotKey { pool: ROOMS, slot: NIGHT + 40 }]).unwrap();
        assert_eq!(capacities(&mut connection), nights_of(7, &[]));
        let later = in_range(&mut connection, ROOMS, NIGHT + 40, NIGHT + 40).unwrap();
        assert_eq!(later[0].1.capacity, 7);
        assert_eq!(change_pool_capacity(&mut connection, ROOMS, 2).unwrap(), CapacityChange::Done);
        let hall = in_range(&mut connection, HALL, 0, 0).unwrap();
        assert_eq!(hall[0].1.capacity, sample::HALL_CAPACITY, "other pools keep theirs");
        assert_eq!(change_pool_capacity(&mut connection, NOWHERE, 2).unwrap(), CapacityChange::NoSuchPool);
    }

    fn below_what_is_taken_nothing_changes(database: &TestDatabase) {
        let mut connection = booked(database).connection;
        connection.begin().unwrap();
        let refused = change_pool_capacity(&mut connection, ROOMS, 1).unwrap();
        assert_eq!(refused, CapacityChange::BelowTaken { slot: NIGHT + 1, taken: 2 });
        connection.rollback();
        connection.begin().unwrap();
        let refused = change_slot_capacity(&mut connection, ROOMS, (NIGHT, NIGHT + 2), 1).unwrap();
        assert_eq!(refused, CapacityChange::BelowTaken { slot: NIGHT + 1, taken: 2 });
        connection.rollback();
        assert_eq!(capacities(&mut connection), nights_of(3, &[]));
        let pool = store::catalogue::load(&mut connection).unwrap().pool(ROOMS).unwrap().capacity;
        assert_eq!(pool, 3);
    }

    fn a_slots_own_capacity_outlasts_its_pools(database: &TestDatabase) {
        let mut connection = booked(database).connection;
        let own = change_slot_capacity(&mut connection, ROOMS, (NIGHT + 2, NIGHT + 3), 5).unwrap();
        assert_eq!(own, CapacityChange::Done);
        assert_eq!(change_pool_capacity(&mut connection, ROOMS, 9).unwrap(), CapacityChange::Done);
        assert_eq!(capacities(&mut connection), nights_of(9, &[(2, 5), (3, 5)]));
        assert_eq!(
            change_slot_capacity(&mut connection, NOWHERE, (0, 1), 5).unwrap(),
            CapacityChange::NoSuchPool
        );
    }

    fn a_claim_keeps_its_slots_own_capacity(database: &TestDatabase) {
        let mut desk = booked(database);
        change_slot_capacity(&mut desk.connection, ROOMS, (NIGHT, NIGHT), 8).unwrap();
        desk.must(&sample::stay(3, NIGHT, 1));
        change_pool_capacity(&mut desk.connection, ROOMS, 4).unwrap();
        assert_eq!(capacities(&mut desk.connection), nights_of(4, &[(0, 8)]));
        assert_eq!(desk.taken(SlotKey { pool: ROOMS, slot: NIGHT }), 2);
    }

    fn the_schema_refuses_what_the_code_would_not_notice(database: &TestDatabase) {
        let mut connection = booked(database).connection;
        let refused =
            connection.execute("update slots set capacity = 1 where pool_id = $1", &[ROOMS.0.into()]);
        let Err(StoreError::Constraint(constraint)) = refused else { panic!("{refused:?}") };
        assert_eq!(constraint, Constraint::SlotsTakenWithinCapacity);
    }
}

/// Buyers and an operator use the same rows: the second sees the first's changes, nothing is oversold, and there is
/// no deadlock.
#[test]
fn changes_and_claims_at_the_same_time_wait_for_each_other() {
    let Some(database) = TestDatabase::postgres() else { return };
    let mut operator = Desk::open(&database).connection;
    std::thread::scope(|scope| {
        for lane in 0..3 {
            let mut desk = Desk::open_unstocked(&database, 10 + lane);
            scope.spawn(move || {
                for round in 0..20 {
                    let number = u64::try_from(lane * 100 + round).unwrap();
                    book(&mut desk, number, round % 4);
                }
            });
        }
        for round in 0..60 {
            change(&mut operator, 1 + round % 40);
        }
    });
    let report = store::verify::verify(&mut operator).unwrap();
    assert!(report.is_ok(), "{:?}", report.differences);
    assert!(report.bookings > 0);
}

fn book(desk: &mut Desk, number: u64, night: i64) {
    let command = sample::stay(number, NIGHT + night, 2);
    // Refused or done are both valid. A deadlock would be an error.
    let _ = desk.submit(&command);
}

fn change(connection: &mut Connection, capacity: i64) {
    connection.begin().unwrap();
    match change_pool_capacity(connection, ROOMS, capacity).unwrap() {
        CapacityChange::Done => connection.commit().unwrap(),
        CapacityChange::BelowTaken { taken, .. } => {
            assert!(taken > capacity);
            connection.rollback();
        }
        CapacityChange::NoSuchPool => panic!("the pool is there"),
    }
}

/// A slot created while the pool's capacity changes has the old or the new one, and never keeps an outdated one.
#[test]
fn a_slot_being_made_and_its_pools_change_wait_for_each_other() {
    let Some(database) = TestDatabase::postgres() else { return };
    let mut maker = Desk::open(&database).connection;
    let night = SlotKey { pool: ROOMS, slot: NIGHT };
    maker.begin().unwrap();
    make(&mut maker, &[night]).unwrap();
    assert_eq!(lock(&mut maker, &[night]).unwrap().len(), 1);
    std::thread::scope(|scope| {
        let change = scope.spawn(|| {
            let mut operator = database.writer();
            operator.begin().unwrap();
            assert_eq!(change_pool_capacity(&mut operator, ROOMS, 9).unwrap(), CapacityChange::Done);
            operator.commit().unwrap();
        });
        super::locks::wait_for_waiters(&database, 1);
        maker.commit().unwrap();
        change.join().unwrap();
    });
    assert_eq!(capacities(&mut maker), nights_of(9, &[]));
}
