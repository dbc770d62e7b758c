//! A database that is down, locked, full or unresponsive is quickly reported as unavailable, and everything works
//! again after it recovers.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use store::error::Result;
use store::outbox::insert_commit;
use store::seam::Role;
use store::{Connection, Database, StoreError};
use testkit::{OwnServer, TestDatabase, on_this_machine};

use super::commits::commit_of;
use super::sample::NOW;

const SOON: Duration = Duration::from_secs(1);

/// The result, and whether it arrived within the timeout.
fn timed<T>(act: impl FnOnce() -> T) -> (T, bool) {
    let began = Instant::now();
    let done = act();
    (done, began.elapsed() < on_this_machine(SOON))
}

fn write(connection: &mut Connection, number: i64) -> Result<()> {
    connection.begin()?;
    let written = insert_commit(connection, commit_of(number), NOW).and_then(|()| connection.commit());
    connection.rollback();
    written
}

fn is_unavailable<T: std::fmt::Debug>(outcome: &Result<T>) -> bool {
    outcome.as_ref().is_err_and(StoreError::is_unavailable)
}

#[test]
fn a_server_that_is_not_there_is_unavailable_at_once() {
    let free = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
    let database = Database::Postgres(format!("postgres://holdfast@{free}/postgres"));
    let (refused, soon) = timed(|| Connection::open(&database, Role::Writer));
    assert!(is_unavailable(&refused) && soon, "{refused:?}");
}

#[test]
fn a_server_that_says_nothing_is_unavailable_within_the_time_for_connecting() {
    let silent = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let database =
        Database::Postgres(format!("postgres://holdfast@{}/postgres", silent.local_addr().unwrap()));
    let began = Instant::now();
    let refused = Connection::open(&database, Role::Writer);
    assert!(is_unavailable(&refused), "{refused:?}");
    assert!(began.elapsed() < on_this_machine(2 * SOON));
}

#[test]
fn a_database_or_url_that_is_wrong_is_unusable() {
    let malformed = Connection::open(&Database::Postgres("postgres://host:port/x".to_owned()), Role::Writer);
    assert!(matches!(malformed, Err(StoreError::Unusable(_))), "{malformed:?}");
    let Some(database) = TestDatabase::postgres() else { return };
    let missing = Connection::open(&Database::Postgres(format!("{}_not", database.url())), Role::Writer);
    assert!(matches!(missing, Err(StoreError::Unusable(_))), "{missing:?}");
}

#[test]
fn process_a_server_that_stops_is_unavailable_until_it_is_back() {
    let Some(server) = OwnServer::start(&[]) else { return };
    let mut connection = Connection::open(&server.database(), Role::Writer).unwrap();
    store::migrations::up(&mut connection).unwrap();
    write(&mut connection, 1).unwrap();
    let mut idle = Connection::open(&server.database(), Role::Reader).unwrap();
    connection.begin().unwrap();
    insert_commit(&mut connection, commit_of(2), NOW).unwrap();
    server.stop();
    let (outcome, soon) = timed(|| connection.commit());
    assert!(is_unavailable(&outcome) && soon, "{outcome:?}");
    assert!(connection.is_broken() && idle.is_broken());
    connection.rollback();
    idle.rollback();
    let (again, soon) = timed(|| Connection::open(&server.database(), Role::Writer));
    assert!(is_unavailable(&again) && soon, "{again:?}");
    server.start_again();
    let mut connection = Connection::open(&server.database(), Role::Writer).unwrap();
    write(&mut connection, 2).unwrap();
}

/// However many statements are pending, the caller waits for at most one missing response.
#[test]
fn process_an_unresponsive_server_is_awaited_once() {
    let Some(server) = OwnServer::start(&[]) else { return };
    let mut connection = Connection::open(&server.database(), Role::Writer).unwrap();
    store::migrations::up(&mut connection).unwrap();
    connection.begin().unwrap();
    insert_commit(&mut connection, commit_of(1), NOW).unwrap();
    connection.optional("select count(*) from commits", &[], |row| row.int(0)).unwrap();
    let frozen = server.freeze();
    for number in 2..9 {
        insert_commit(&mut connection, commit_of(number), NOW).unwrap();
    }
    let began = Instant::now();
    let outcome = connection.commit();
    assert!(matches!(outcome, Err(StoreError::CommitUnknown(_))), "{outcome:?}");
    assert!(connection.is_broken());
    connection.rollback();
    assert!(is_unavailable(&connection.begin()));
    assert!(began.elapsed() < on_this_machine(8 * SOON), "one answer is waited for five seconds");
    drop(frozen);
}

#[test]
fn process_a_server_that_does_not_sync_takes_no_writer() {
    let Some(server) = OwnServer::start(&["fsync=off"]) else { return };
    let refused = Connection::open(&server.database(), Role::Writer);
    let Err(StoreError::Unusable(reason)) = refused else { panic!("{refused:?}") };
    assert!(reason.contains("fsync is off"), "{reason}");
    Connection::open(&server.database(), Role::Reader).unwrap();
}

#[test]
fn a_terminated_session_is_noticed_before_it_is_used() {
    let Some(database) = TestDatabase::postgres() else { return };
    let mut connection = database.writer();
    write(&mut connection, 1).unwrap();
    assert!(!connection.is_broken());
    terminate_others(&database);
    assert!(connection.is_broken());
    let outcome = connection.begin();
    assert!(is_unavailable(&outcome), "{outcome:?}");
}

/// Terminates all other sessions of the database, and waits until they are gone.
pub fn terminate_others(database: &TestDatabase) {
    let sql = "select count(*) from (select pg_terminate_backend(pid, 5000) as ended from pg_stat_activity \
               where datname = current_database() and pid <> pg_backend_pid()) as others where ended";
    let ended = database.reader().optional(sql, &[], |row| row.int(0)).unwrap();
    assert!(ended > Some(0), "there was somebody to end");
}

#[test]
fn a_locked_file_is_unavailable_within_a_second() {
    let database = TestDatabase::sqlite();
    let (mut holder, mut other) = (database.writer(), database.writer());
    holder.begin().unwrap();
    insert_commit(&mut holder, commit_of(1), NOW).unwrap();
    let (outcome, soon) = timed(|| other.begin());
    assert!(is_unavailable(&outcome) && soon, "{outcome:?}");
    other.rollback();
    holder.commit().unwrap();
    write(&mut other, 2).unwrap();
}

#[test]
fn a_full_file_is_unavailable_and_works_again_when_there_is_room() {
    let database = TestDatabase::sqlite();
    let mut connection = database.writer();
    write(&mut connection, 1).unwrap();
    let pages = "select page_count from pragma_page_count";
    let pages = connection.optional(pages, &[], |row| row.int(0)).unwrap().unwrap();
    let limit = |connection: &mut Connection, pages: i64| {
        connection.execute_script(&format!("pragma max_page_count = {pages}")).unwrap();
    };
    limit(&mut connection, pages);
    connection.begin().unwrap();
    let filled = (2..10_000).try_for_each(|number| insert_commit(&mut connection, commit_of(number), NOW));
    assert!(is_unavailable(&filled), "{filled:?}");
    connection.rollback();
    let count = "select count(*) from commits";
    assert_eq!(connection.optional(count, &[], |row| row.int(0)).unwrap(), Some(1));
    limit(&mut connection, 1_000_000);
    write(&mut connection, 2).unwrap();
    assert_eq!(connection.optional(count, &[], |row| row.int(0)).unwrap(), Some(2));
}
