//! Rows read `for update` are locked, also by the statement over arrays, in the order of its keys. PostgreSQL only; a
//! write transaction on SQLite has exclusive access.

use domain::slot::SlotKey;
use store::{Connection, StoreError, slots};
use testkit::TestDatabase;

use super::desk::Desk;
use super::sample::{self, NIGHT, ROOMS};

fn night(number: i64) -> SlotKey {
    SlotKey { pool: ROOMS, slot: NIGHT + number }
}

/// A database whose first three nights have rows, and a session that has locked the second.
fn with_the_second_locked() -> Option<(TestDatabase, Connection)> {
    let database = TestDatabase::postgres()?;
    let mut desk = Desk::open(&database);
    desk.must(&sample::stay(1, NIGHT, 3));
    let mut holder = desk.connection;
    holder.begin().unwrap();
    assert_eq!(slots::lock(&mut holder, &[night(1)]).unwrap().len(), 1);
    Some((database, holder))
}

/// Waits until this many sessions of the database are waiting for a lock.
pub fn wait_for_waiters(database: &TestDatabase, count: i64) {
    let mut reader = database.reader();
    let sql = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    for _ in 0..100_000 {
        if reader.optional(sql, &[], |row| row.int(0)).unwrap() == Some(count) {
            return;
        }
    }
    panic!("nobody waits");
}

/// Whether a session holds a lock on the slot's row.
fn is_locked(database: &TestDatabase, key: SlotKey) -> bool {
    let mut connection = database.writer();
    connection.execute_script("set lock_timeout = '1ms'").unwrap();
    connection.begin().unwrap();
    match slots::lock(&mut connection, &[key]) {
        Ok(_) => false,
        Err(StoreError::Unavailable(_)) => true,
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn the_second_waits_and_then_sees_what_the_first_wrote() {
    let Some((database, mut holder)) = with_the_second_locked() else { return };
    std::thread::scope(|scope| {
        let waiter = scope.spawn(|| {
            let mut connection = database.writer();
            connection.begin().unwrap();
            slots::lock(&mut connection, &[night(0), night(1), night(2)]).unwrap()
        });
        wait_for_waiters(&database, 1);
        assert!(is_locked(&database, night(0)), "the first key is locked before the second is waited for");
        assert!(is_locked(&database, night(1)));
        assert!(!is_locked(&database, night(2)), "the third key waits for its turn");
        let sql = "update slots set taken = 3 where pool_id = $1 and slot = $2";
        holder.execute(sql, &[ROOMS.0.into(), night(1).slot.into()]).unwrap();
        holder.commit().unwrap();
        let seen: Vec<_> = waiter.join().unwrap().into_iter().map(|(key, slot)| (key, slot.taken)).collect();
        assert_eq!(seen, [(night(0), 1), (night(1), 3), (night(2), 1)]);
    });
}

#[test]
fn a_late_response_is_an_error_and_its_connection_is_abandoned() {
    let Some((database, holder)) = with_the_second_locked() else { return };
    let mut waiter = database.writer();
    waiter.execute_script("set lock_timeout = '1ms'").unwrap();
    waiter.begin().unwrap();
    let refused = slots::lock(&mut waiter, &[night(0), night(1)]);
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    assert!(waiter.is_broken());
    waiter.rollback();
    assert!(!is_locked(&database, night(0)), "the rollback gives back what was locked");
    drop(holder);
}

#[test]
fn a_write_that_waited_too_long_is_known_not_to_be_committed() {
    let Some((database, holder)) = with_the_second_locked() else { return };
    let mut waiter = database.writer();
    waiter.execute_script("set lock_timeout = '1ms'").unwrap();
    waiter.begin().unwrap();
    let mut rows = store::seam::Rows::new(2, 1);
    rows.push([ROOMS.0.into(), night(1).slot.into()]);
    waiter.write_many("update slots set taken = 2 where pool_id = $1 and slot = $2", &rows).unwrap();
    let outcome = waiter.commit();
    assert!(matches!(outcome, Err(StoreError::Unavailable(_))), "{outcome:?}");
    drop(holder);
}

#[test]
fn a_deadlock_is_to_be_tried_again() {
    let Some((database, mut holder)) = with_the_second_locked() else { return };
    std::thread::scope(|scope| {
        let other = scope.spawn(|| {
            let mut connection = database.writer();
            connection.begin().unwrap();
            slots::lock(&mut connection, &[night(0)]).unwrap();
            slots::lock(&mut connection, &[night(1)]).map(drop)
        });
        wait_for_waiters(&database, 1);
        let mine = slots::lock(&mut holder, &[night(0)]).map(drop);
        // Dropped, so that the other session need not wait for the end of the test.
        drop(holder);
        let outcomes = [mine, other.join().unwrap()];
        let victims =
            outcomes.iter().filter(|outcome| matches!(outcome, Err(StoreError::TryAgain(_)))).count();
        assert_eq!(victims, 1, "{outcomes:?}");
    });
}
