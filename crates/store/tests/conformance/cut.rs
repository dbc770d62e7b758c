//! A connection that is cut exactly at COMMIT: the caller learns that the outcome is unknown, and the commit's row
//! reveals it afterwards.

use store::error::Result;
use store::outbox::{CommitId, insert_commit};
use store::seam::Role;
use store::{Connection, Constraint, StoreError};
use testkit::{Cut, Proxy, TestDatabase};

use super::commits::commit_of;
use super::sample::NOW;

/// Commits through a proxy that cuts, then inserts the commit's row again to learn the outcome.
fn outcome_of(cut: Cut) -> Option<(Result<()>, bool, Result<()>)> {
    let database = TestDatabase::postgres()?;
    let proxy = Proxy::before(&database.url());
    let mut connection = Connection::open(&proxy.database(), Role::Writer).unwrap();
    proxy.cut_next_commit(cut);
    connection.begin().unwrap();
    insert_commit(&mut connection, commit_of(1), NOW).unwrap();
    let committed = connection.commit();
    let broken = connection.is_broken();
    proxy.wait_for_cut();
    let again = write_again(&mut database.writer(), commit_of(1));
    let mut reader = database.reader();
    let rows = reader.optional("select count(*) from commits", &[], |row| row.int(0)).unwrap();
    assert_eq!(rows, Some(1), "either way there is one row now");
    Some((committed, broken, again))
}

fn write_again(connection: &mut Connection, commit: CommitId) -> Result<()> {
    connection.begin()?;
    let written = insert_commit(connection, commit, NOW).and_then(|()| connection.commit());
    connection.rollback();
    written
}

#[test]
fn a_commit_that_never_arrived_is_unknown_and_was_not_done() {
    let Some((committed, broken, again)) = outcome_of(Cut::BeforeTheCommitArrives) else { return };
    assert!(matches!(committed, Err(StoreError::CommitUnknown(_))), "{committed:?}");
    assert!(broken);
    assert!(again.is_ok(), "{again:?}");
}

#[test]
fn a_commit_whose_answer_was_lost_is_unknown_and_was_done() {
    let Some((committed, broken, again)) = outcome_of(Cut::BeforeItsAnswerArrives) else { return };
    assert!(matches!(committed, Err(StoreError::CommitUnknown(_))), "{committed:?}");
    assert!(broken);
    assert!(matches!(&again, Err(StoreError::Constraint(Constraint::CommitsPrimaryKey))), "{again:?}");
}
