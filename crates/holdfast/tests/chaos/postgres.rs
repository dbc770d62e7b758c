//! PostgreSQL stops under load and starts again. Every request is answered throughout, and the server recovers
//! without help.

use std::sync::Arc;
use std::time::Duration;

use testkit::{OwnServer, on_this_machine};

use super::crowd::{Attempt, Crowd, Event, slowest_not_now};
use super::http::{Act, Call, exchange};
use super::server::{Server, verified_bookings};
use super::settle::settle;
use super::shop::Shop;

const BUYERS: u64 = 32;
/// A read waits a second for its answer.
const SOON: Duration = Duration::from_millis(1_500);
/// A statement waits five seconds, and its commit's outcome one more.
const LATE: Duration = Duration::from_secs(8);

/// Starts buyers, stops the database, waits until it is reported, starts it, and waits until sales continue, as often
/// as requested, then settles. Returns everything that was sent.
fn sells_on_after<D>(
    (name, times): (&str, usize),
    take_away: impl Fn(&OwnServer) -> D,
    bring_back: impl Fn(&OwnServer, D),
) -> Option<Vec<Attempt>> {
    let postgres = OwnServer::start(&[])?;
    let (shop, mut server) = (Arc::new(Shop::open(&postgres.database())), Server::start(&postgres.url()));
    shop.furnish(server.address);
    let buyers = Arc::clone(&shop);
    let crowd = Crowd::start(server.address, BUYERS, 3, move |chance, done| buyers.patiently(chance, done));
    crowd.wait_for(200, Event::is_booked);
    for _ in 0..times {
        let disaster = take_away(&postgres);
        crowd.wait_for_new(BUYERS, |event| event.is_read(503));
        crowd.wait_for_new(2 * BUYERS, |event| event.has_status(503));
        let health = exchange(server.address, &Call::read("/health", ""));
        assert!(health.is_not_now("not_done"), "{health:?}");
        bring_back(&postgres, disaster);
        crowd.wait_for_new(200, Event::is_booked);
    }
    let attempts = crowd.end();
    let health = exchange(server.address, &Call::read("/health", ""));
    assert_eq!(health.status, 200, "{health:?}");
    let settled = settle(server.address, &attempts);
    server.assert_no_panic();
    server.stop();
    eprintln!(
        "{name}: {} requests, slowest 503 after {:?}, {settled:?}",
        attempts.len(),
        slowest_not_now(&attempts)
    );
    assert_eq!(verified_bookings(&postgres.url()), settled.booked);
    Some(attempts)
}

#[test]
fn chaos_postgres_stopped_is_reported_within_a_second() {
    let stopped = sells_on_after(("stopped", 3), OwnServer::stop, |postgres, ()| postgres.start_again());
    let Some(attempts) = stopped else { return };
    let slowest = slowest_not_now(&attempts);
    assert!(slowest < on_this_machine(SOON), "{slowest:?}");
}

/// A suspended server cannot be told from a slow one: a statement is abandoned after five seconds, and the check of
/// its commit after one more. Later requests wait no longer than the queue allows and the new connection takes, and
/// reads wait one second.
#[test]
fn chaos_postgres_frozen_leaves_no_request_hanging() {
    let frozen = sells_on_after(("frozen", 1), OwnServer::freeze, |_, frozen| drop(frozen));
    let Some(attempts) = frozen else { return };
    let (reads, writes): (Vec<_>, Vec<_>) =
        attempts.into_iter().partition(|attempt| attempt.call.act == Act::Read);
    let (read, write) = (slowest_not_now(&reads), slowest_not_now(&writes));
    eprintln!("slowest read {read:?}, slowest write {write:?}");
    assert!(read < on_this_machine(SOON), "{read:?}");
    assert!(write < on_this_machine(LATE), "{write:?}");
}
