//! Readers answer questions from threads of their own and survive them.

use store::readers::Readers;
use store::{Connection, Database, StoreError};
use testkit::{TestDatabase, on_both_databases};
use tokio::runtime::Runtime;

use super::commits::commit_of;
use super::outage::terminate_others;
use super::sample::NOW;

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap()
}

fn count(connection: &mut Connection) -> store::error::Result<Option<i64>> {
    connection.optional("select count(*) from commits", &[], |row| row.int(0))
}

fn add(database: &TestDatabase, number: i64) {
    let mut writer = database.writer();
    writer.begin().unwrap();
    store::outbox::insert_commit(&mut writer, commit_of(number), NOW).unwrap();
    writer.commit().unwrap();
}

fn panic_as_answer() -> store::error::Result<i64> {
    panic!("before an answer")
}

on_both_databases! {
    fn a_question_sees_one_state(database: &TestDatabase) {
        let readers = Readers::start(database.database(), 2).unwrap();
        let url = database.url();
        let (first, second) = runtime()
            .block_on(readers.ask(move |connection| {
                let first = count(connection)?;
                let other: Database = url.parse().unwrap();
                let mut writer = Connection::open(&other, store::seam::Role::Writer)?;
                writer.begin()?;
                store::outbox::insert_commit(&mut writer, commit_of(1), NOW)?;
                writer.commit()?;
                Ok((first, count(connection)?))
            }))
            .unwrap();
        assert_eq!((first, second), (Some(0), Some(0)));
        assert_eq!(runtime().block_on(readers.ask(count)).unwrap(), Some(1));
    }

    fn a_panic_in_a_question_fails_that_question_alone(database: &TestDatabase) {
        let readers = Readers::start(database.database(), 1).unwrap();
        for panics_while_reading in [false, true] {
            let failed = runtime().block_on(readers.ask(move |connection| {
                if panics_while_reading {
                    connection
                        .each("select number from schema_migrations", &[], |_| panic!("while reading"))?;
                }
                panic_as_answer()
            }));
            assert!(matches!(failed, Err(StoreError::Statement(_))), "{failed:?}");
            assert_eq!(runtime().block_on(readers.ask(count)).unwrap(), Some(0));
        }
    }

    fn an_error_fails_that_question_alone(database: &TestDatabase) {
        let readers = Readers::start(database.database(), 1).unwrap();
        let failed = runtime().block_on(
            readers
                .ask(|connection| connection.optional("select nothing from nowhere", &[], |row| row.int(0))),
        );
        assert!(matches!(failed, Err(StoreError::Statement(_))), "{failed:?}");
        add(database, 1);
        assert_eq!(runtime().block_on(readers.ask(count)).unwrap(), Some(1));
    }
}

#[test]
fn a_reader_whose_session_was_ended_opens_another() {
    let Some(database) = TestDatabase::postgres() else { return };
    let readers = Readers::start(database.database(), 1).unwrap();
    for _ in 0..3 {
        assert_eq!(runtime().block_on(readers.ask(count)).unwrap(), Some(0));
        terminate_others(&database);
    }
    assert_eq!(runtime().block_on(readers.ask(count)).unwrap(), Some(0));
}

#[test]
fn without_a_database_questions_are_answered_as_unavailable() {
    let readers = Readers::start(&Database::Sqlite("/nowhere/x.db".into()), 1).unwrap();
    let failed = runtime().block_on(readers.ask(count));
    assert!(matches!(failed, Err(StoreError::Unavailable(_))), "{failed:?}");
}
