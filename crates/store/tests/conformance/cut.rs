//! A connection that is cut exactly at COMMIT: the caller learns that the outcome is not known, and the commit's own
//! row tells it afterwards.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread::JoinHandle;

use store::error::Result;
use store::outbox::{CommitId, insert_commit};
use store::seam::Role;
use store::{Connection, Database, StoreError};
use testkit::TestDatabase;

use super::commits::commit_of;
use super::sample::NOW;

/// When the proxy ends the connection.
#[derive(Clone, Copy, PartialEq)]
enum Cut {
    BeforeTheCommitArrives,
    BeforeItsAnswerArrives,
}

/// Passes one connection on to the server, up to its first commit.
struct Proxy {
    url: String,
    thread: JoinHandle<()>,
}

impl Proxy {
    fn before(database: &TestDatabase, cut: Cut) -> Self {
        let url = database.url();
        let (scheme, rest) = url.split_once("://").unwrap();
        let (authority, name) = rest.split_once('/').unwrap();
        let (user, server) = authority.split_once('@').unwrap();
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let server = server.to_owned();
        let thread = std::thread::spawn(move || {
            let client = listener.accept().unwrap().0;
            pass(&client, &TcpStream::connect(server).unwrap(), cut);
        });
        Self { url: format!("{scheme}://{user}@{address}/{name}"), thread }
    }

    fn connect(&self) -> Connection {
        Connection::open(&Database::Postgres(self.url.clone()), Role::Writer).unwrap()
    }
}

fn pass(client: &TcpStream, server: &TcpStream, cut: Cut) {
    std::thread::scope(|scope| {
        let answers = scope.spawn(|| forward_answers(server, client));
        let mut messages = Messages { stream: client, buffer: Vec::new(), started: false };
        while let Some(message) = messages.next() {
            if !is_commit(&message) {
                (&*server).write_all(&message).unwrap();
                continue;
            }
            if cut == Cut::BeforeTheCommitArrives {
                client.shutdown(Shutdown::Both).unwrap();
            } else {
                // From here on no answer gets through; the server does what it was told and then sees the end.
                client.shutdown(Shutdown::Write).unwrap();
                (&*server).write_all(&message).unwrap();
            }
            server.shutdown(Shutdown::Write).unwrap();
            break;
        }
        answers.join().unwrap();
        let _ = client.shutdown(Shutdown::Both);
    });
}

fn forward_answers(mut server: &TcpStream, mut client: &TcpStream) {
    let mut buffer = [0; 4_096];
    while let Ok(length @ 1..) = server.read(&mut buffer) {
        let _ = client.write_all(&buffer[..length]);
    }
}

/// A client's messages, one by one: a type, a length that counts itself, a body. The first has no type.
struct Messages<'a> {
    stream: &'a TcpStream,
    buffer: Vec<u8>,
    started: bool,
}

impl Messages<'_> {
    fn next(&mut self) -> Option<Vec<u8>> {
        loop {
            let kind = usize::from(self.started);
            if let Some(length) = self.buffer.get(kind..kind + 4) {
                let length = kind + u32::from_be_bytes(length.try_into().unwrap()) as usize;
                if self.buffer.len() >= length {
                    self.started = true;
                    return Some(self.buffer.drain(..length).collect());
                }
            }
            let mut read = [0; 4_096];
            let count = self.stream.read(&mut read).unwrap_or(0);
            if count == 0 {
                return None;
            }
            self.buffer.extend_from_slice(&read[..count]);
        }
    }
}

fn is_commit(message: &[u8]) -> bool {
    message.first() == Some(&b'Q') && message.get(5..) == Some(b"commit\0")
}

/// Commits through a proxy that cuts, then asks the database itself by writing the commit's row again.
fn outcome_of(cut: Cut) -> Option<(Result<()>, bool, Result<()>)> {
    let database = TestDatabase::postgres()?;
    let proxy = Proxy::before(&database, cut);
    let mut connection = proxy.connect();
    connection.begin().unwrap();
    insert_commit(&mut connection, commit_of(1), NOW).unwrap();
    let committed = connection.commit();
    let broken = connection.is_broken();
    proxy.thread.join().unwrap();
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
    assert!(matches!(&again, Err(StoreError::Constraint(name)) if name == "commits_pkey"), "{again:?}");
}
