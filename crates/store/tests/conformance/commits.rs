//! A transaction is all or nothing, including statements whose results were not awaited.

use domain::time::Instant;
use store::clock::system_now;
use store::outbox::{CommitId, Writer, insert_commit};
use store::seam::Connection;
use store::{Constraint, StoreError, outbox};
use testkit::{TestDatabase, on_both_databases};

const NOW: Instant = Instant(1_760_000_000_000);

pub fn commit_of(number: i64) -> CommitId {
    CommitId { writer: Writer(7), number }
}

fn write(connection: &mut Connection, number: i64) -> store::error::Result<()> {
    insert_commit(connection, commit_of(number), NOW)
}

fn commits(database: &TestDatabase) -> Vec<i64> {
    let sql = "select number from commits order by number";
    database.reader().all(sql, &[], |row| row.int(0)).unwrap()
}

on_both_databases! {
    fn what_is_committed_is_there_and_what_is_rolled_back_is_not(database: &TestDatabase) {
        let mut connection = database.writer();
        connection.begin().unwrap();
        write(&mut connection, 1).unwrap();
        write(&mut connection, 2).unwrap();
        assert_eq!(commits(database), Vec::<i64>::new());
        connection.commit().unwrap();
        connection.begin().unwrap();
        write(&mut connection, 3).unwrap();
        connection.rollback();
        connection.rollback();
        assert_eq!(commits(database), [1, 2]);
        connection.begin().unwrap();
        connection.commit().unwrap();
    }

    fn begin_returns_the_time(database: &TestDatabase) {
        let mut connection = database.writer();
        let before = system_now();
        let told = connection.begin().unwrap();
        // PostgreSQL returns the server's time, and both run on this machine here.
        assert!(before <= told && told <= system_now(), "{before} {told}");
        connection.rollback();
    }

    fn a_failed_write_commits_nothing(database: &TestDatabase) {
        let mut connection = database.writer();
        write(&mut connection, 5).unwrap();
        connection.begin().unwrap();
        write(&mut connection, 4).unwrap();
        // On PostgreSQL this fails on the server while the next statements are already in transit.
        let written = write(&mut connection, 5).and_then(|()| write(&mut connection, 6));
        let outcome = written.and_then(|()| connection.commit());
        assert!(matches!(outcome, Err(StoreError::Constraint(Constraint::CommitsPrimaryKey))), "{outcome:?}");
        connection.rollback();
        assert_eq!(commits(database), [5]);
        assert!(!connection.is_broken());
        connection.begin().unwrap();
        write(&mut connection, 6).unwrap();
        connection.commit().unwrap();
        assert_eq!(commits(database), [5, 6]);
    }

    fn the_first_error_is_returned(database: &TestDatabase) {
        let mut connection = database.writer();
        write(&mut connection, 1).unwrap();
        connection.begin().unwrap();
        let outcome = write(&mut connection, 1)
            .and_then(|()| outbox::of_writer(&mut connection, Writer(7), 0, 10).map(drop));
        assert!(matches!(outcome, Err(StoreError::Constraint(Constraint::CommitsPrimaryKey))), "{outcome:?}");
        connection.rollback();
    }

    fn a_snapshot_sees_one_state(database: &TestDatabase) {
        let mut writer = database.writer();
        write(&mut writer, 1).unwrap();
        // On PostgreSQL a write outside a transaction is pending until something waits for it.
        writer.begin().unwrap();
        writer.rollback();
        let mut reader = database.reader();
        let count = |reader: &mut Connection| {
            reader.optional("select count(*) from commits", &[], |row| row.int(0)).unwrap()
        };
        reader.begin_snapshot().unwrap();
        assert_eq!(count(&mut reader), Some(1));
        writer.begin().unwrap();
        write(&mut writer, 2).unwrap();
        writer.commit().unwrap();
        assert_eq!(count(&mut reader), Some(1));
        reader.rollback();
        assert_eq!(count(&mut reader), Some(2));
        let refused = reader.execute("delete from commits", &[]);
        assert!(refused.is_err(), "a reader writes nothing");
    }
}

/// Only there can a failure be overlooked and the commit be sent anyway.
#[test]
fn an_overlooked_failure_commits_nothing() {
    let Some(database) = TestDatabase::postgres() else { return };
    let mut connection = database.writer();
    connection.begin().unwrap();
    write(&mut connection, 1).unwrap();
    assert!(connection.execute("select no_such_function()", &[]).is_err());
    let outcome = connection.commit();
    assert!(matches!(outcome, Err(StoreError::Statement(_))), "{outcome:?}");
    assert_eq!(commits(&database), Vec::<i64>::new());
    connection.begin().unwrap();
    write(&mut connection, 2).unwrap();
    connection.commit().unwrap();
}
