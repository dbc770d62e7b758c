//! Durability settings are read back on each writing connection; without them the connection fails.

use store::seam::{Role, WriterLock};
use store::{Connection, Database, StoreError};
use testkit::TestDatabase;

fn setting(connection: &mut Connection, sql: &'static str) -> String {
    connection.optional(sql, &[], |row| row.text(0)).unwrap().unwrap()
}

#[test]
fn a_sqlite_writer_has_a_log_and_full_synchrony() {
    let database = TestDatabase::sqlite();
    let mut writer = database.writer();
    assert_eq!(setting(&mut writer, "select journal_mode from pragma_journal_mode"), "wal");
    let sql = "select synchronous from pragma_synchronous";
    assert_eq!(writer.optional(sql, &[], |row| row.int(0)).unwrap(), Some(2));
}

#[test]
fn a_sqlite_database_without_a_log_is_refused() {
    let in_memory = Database::Sqlite(":memory:".into());
    let refused = Connection::open(&in_memory, Role::Writer);
    let Err(StoreError::Unusable(reason)) = refused else { panic!("{refused:?}") };
    assert!(reason.contains("memory"), "{reason}");
}

#[test]
fn a_file_that_is_no_database_or_not_there_is_refused() {
    let database = TestDatabase::empty_sqlite();
    let text = database.directory().unwrap().join("text.db");
    std::fs::write(&text, "what somebody wrote down, at some length, about no database at all").unwrap();
    assert!(Connection::open(&Database::Sqlite(text), Role::Writer).is_err());
    let missing = database.directory().unwrap().join("nowhere").join("x.db");
    let refused = Connection::open(&Database::Sqlite(missing), Role::Writer);
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    let refused = Connection::open(database.database(), Role::Reader);
    assert!(refused.is_err(), "a reader makes no file");
}

#[test]
fn one_process_writes_a_sqlite_file() {
    let database = TestDatabase::sqlite();
    let Database::Sqlite(path) = database.database() else { unreachable!() };
    let first = WriterLock::acquire(path).unwrap();
    let second = WriterLock::acquire(path);
    let Err(StoreError::Unusable(reason)) = second else { panic!("{second:?}") };
    assert!(reason.contains("another process"), "{reason}");
    drop(first);
    WriterLock::acquire(path).unwrap();
}

const POSTGRES_SETTINGS: [(&str, &str); 3] =
    [("show synchronous_commit", "on"), ("show fsync", "on"), ("show full_page_writes", "on")];

/// Settings of the database or the role do not count: the writer sets them itself.
#[test]
fn a_postgres_writer_is_durable_whatever_the_database_says() {
    let Some(database) = TestDatabase::postgres() else { return };
    let name = database.url().rsplit_once('/').unwrap().1.to_owned();
    let lax = format!("alter database {name} set synchronous_commit = off");
    database.writer().execute_script(&lax).unwrap();
    let mut reader = database.reader();
    assert_eq!(setting(&mut reader, "show synchronous_commit"), "off");
    let mut writer = database.writer();
    for (sql, value) in POSTGRES_SETTINGS {
        assert_eq!(setting(&mut writer, sql), value, "{sql}");
    }
    assert_eq!(setting(&mut writer, "show plan_cache_mode"), "force_generic_plan");
}

#[test]
fn a_postgres_reader_writes_nothing() {
    let Some(database) = TestDatabase::postgres() else { return };
    let refused = database.reader().execute("delete from commits", &[]);
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
}
