//! Readers execute queries on their own threads and survive them.

use store::readers::{Gathered, Readers};
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

/// Each key with the number of commits and of the keys in its query; panics for a negative one.
fn with_commits_and_keys(
    connection: &mut Connection,
    keys: &[i64],
) -> store::error::Result<Vec<(i64, i64, usize)>> {
    assert!(keys.iter().all(|key| *key >= 0), "before an answer");
    let commits = count(connection)?.unwrap_or(0);
    Ok(keys.iter().map(|key| (*key, commits, keys.len())).collect())
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

    fn what_is_asked_while_a_query_is_under_way_is_asked_together(database: &TestDatabase) {
        let readers = Readers::start(database.database(), 1).unwrap();
        let gathered = Gathered::new(&readers, with_commits_and_keys);
        let (free, held) = std::sync::mpsc::channel::<()>();
        let answers = runtime().block_on(async {
            let busy = readers.ask(move |_| held.recv().map_err(|_| StoreError::Statement("let go".to_owned())));
            // The only reader is busy with the first query; all further keys wait for the next one.
            let asked = futures_util::future::join_all((0..600).map(|key| gathered.ask(key)));
            let let_go = async { free.send(()).unwrap() };
            futures_util::future::join3(busy, asked, let_go).await.1
        });
        let answers: Vec<(i64, i64, usize)> = answers.into_iter().map(Result::unwrap).collect();
        let expected = (0..600).map(|key| (key, 0, if key < 512 { 512 } else { 88 }));
        assert_eq!(answers, expected.collect::<Vec<_>>());
        add(database, 1);
        assert_eq!(runtime().block_on(gathered.ask(7)).unwrap(), (7, 1, 1));
    }

    fn a_query_that_fails_fails_for_all_who_asked_and_nobody_after(database: &TestDatabase) {
        let readers = Readers::start(database.database(), 1).unwrap();
        let gathered = Gathered::new(&readers, with_commits_and_keys);
        let failed = runtime().block_on(gathered.ask(-1));
        assert!(matches!(failed.unwrap_err().as_ref(), StoreError::Statement(_)));
        assert_eq!(runtime().block_on(gathered.ask(3)).unwrap(), (3, 0, 1));
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
