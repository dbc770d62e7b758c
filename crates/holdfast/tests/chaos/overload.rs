//! Overload: excess requests are refused immediately, and slow or disconnected clients do not affect others.

use std::io::ErrorKind;
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant};

use app::lanes::{Fault, Request};
use domain::command::Command;
use domain::ids::BookingId;
use engine::Subject;
use testkit::{STATE_WAIT_MAX, TestDatabase, on_this_machine};
use uuid::Uuid;

use super::crowd::Attempt;
use super::house::House;
use super::http::{Call, Connection, exchange};
use super::server::verified_bookings;
use super::settle::settle;
use super::shop::Shop;

/// Far more than a queue holds, so that an unbounded queue is detected.
const SENT_MAX: usize = 100_000;
const AT_ONCE: Duration = Duration::from_millis(500);
/// A command waits in the queue for a second.
const GIVEN_UP_WITHIN: Duration = Duration::from_millis(1_500);

fn house() -> (TestDatabase, House, Shop) {
    let database = TestDatabase::sqlite();
    let (house, shop) = (House::open(database.database()), Shop::open(database.database()));
    shop.furnish(house.address);
    (database, house, shop)
}

/// Keeps the lane busy until the returned value is dropped.
fn busy(house: &House) -> Sender<()> {
    let (release, released) = channel::<()>();
    let (taken, is_taken) = channel();
    let app = std::sync::Arc::clone(&house.app);
    house.runtime.spawn(async move {
        let waiting = app.engine.save(Subject::NONE, move |_| {
            let _ = taken.send(());
            let _ = released.recv();
            Ok(())
        });
        waiting.await
    });
    is_taken.recv().unwrap();
    release
}

/// Waits until this many commands are queued.
fn wait_for_queue(house: &House, length: i64) {
    let deadline = Instant::now() + STATE_WAIT_MAX;
    while house.app.metrics.engine.lane_queue_length.get() != length {
        assert!(
            Instant::now() < deadline,
            "{} in the queue",
            house.app.metrics.engine.lane_queue_length.get()
        );
        std::thread::yield_now();
    }
}

fn ask(house: &House, call: Call) -> Attempt {
    let began = Instant::now();
    let reply = exchange(house.address, &call);
    Attempt { call, reply: Some(reply), took: began.elapsed() }
}

#[test]
fn chaos_overload_is_refused_immediately() {
    let (database, house, shop) = house();
    let release = busy(&house);
    // These book nothing: each expires a hold that does not exist.
    let filler = || Request {
        command: Command::Expire(BookingId(Uuid::from_u128(1))),
        viewer: None,
        key: None,
        at: None,
        generated: Vec::new(),
    };
    let mut queued = Vec::new();
    let refused = loop {
        assert!(queued.len() < SENT_MAX, "the queue has no bound");
        match house.app.lanes.send(0, filler()) {
            Ok(sent) => queued.push(sent),
            Err(error) => break error,
        }
    };
    assert!(matches!(refused, Fault::Overloaded), "{refused:?}");
    let turned_away = ask(&house, shop.ticket());
    let reply = turned_away.reply.as_ref().unwrap();
    assert!(reply.is_problem(503, "overloaded") && reply.is_not_now("not_done"), "{reply:?}");
    assert!(turned_away.took < on_this_machine(AT_ONCE), "{:?}", turned_away.took);
    eprintln!("{} queued, the next turned away after {:?}", queued.len(), turned_away.took);
    drop(release);
    drop(queued);
    wait_for_queue(&house, 0);
    let settled = settle(house.address, &[turned_away]);
    drop(house);
    assert_eq!((settled.booked, verified_bookings(&database.url())), (1, 1));
}

#[test]
fn chaos_overload_waiting_in_a_queue_is_short() {
    let (database, house, shop) = house();
    let release = busy(&house);
    let given_up = ask(&house, shop.ticket());
    let reply = given_up.reply.as_ref().unwrap();
    assert!(reply.is_problem(503, "overloaded") && reply.is_not_now("not_done"), "{reply:?}");
    assert!(given_up.took < on_this_machine(GIVEN_UP_WITHIN), "{:?}", given_up.took);
    drop(release);
    wait_for_queue(&house, 0);
    let settled = settle(house.address, &[given_up]);
    assert_eq!((settled.caught, settled.booked), (0, 1), "what was given up was never done");
    drop(house);
    assert_eq!(verified_bookings(&database.url()), 1);
}

#[test]
fn chaos_overload_leaving_the_queue_affects_no_other_request() {
    let (database, house, shop) = house();
    let release = busy(&house);
    let mut buyers: Vec<_> = (0..16)
        .map(|_| {
            let (call, mut connection) = (shop.ticket(), Connection::open(house.address).unwrap());
            connection.send(&call).unwrap();
            (call, Some(connection))
        })
        .collect();
    wait_for_queue(&house, 16);
    buyers.iter_mut().step_by(2).for_each(|(_, connection)| drop(connection.take()));
    drop(release);
    let attempts: Vec<_> = buyers
        .into_iter()
        .map(|(call, connection)| {
            let reply = connection.map(|mut connection| connection.receive().unwrap());
            Attempt { call, reply, took: Duration::ZERO }
        })
        .collect();
    let stayed: Vec<_> = attempts.iter().filter_map(|attempt| attempt.reply.as_ref()).collect();
    assert!(stayed.len() == 8 && stayed.iter().all(|reply| reply.status == 201), "{stayed:?}");
    wait_for_queue(&house, 0);
    let settled = settle(house.address, &attempts);
    drop(house);
    assert_eq!((settled.booked, verified_bookings(&database.url())), (16, 16));
}

/// A client that never finishes its request's head is disconnected, and delays no other.
#[test]
fn chaos_overload_a_client_that_dawdles_is_cut_off() {
    let (_database, house, shop) = house();
    let mut dawdlers: Vec<_> = (0..64).map(|_| Connection::open(house.address).unwrap()).collect();
    for dawdler in &mut dawdlers {
        dawdler.send_bytes(b"POST /api/v1/bookings HTTP/1.1\r\nhost: hold").unwrap();
    }
    let served = ask(&house, shop.ticket());
    assert!(
        served.reply.unwrap().status == 201 && served.took < on_this_machine(AT_ONCE),
        "{:?}",
        served.took
    );
    for mut dawdler in dawdlers {
        let ended = dawdler.receive().map_err(|error| error.kind());
        let cut_off = match &ended {
            Ok(reply) => reply.status == 408,
            Err(kind) => matches!(kind, ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset),
        };
        assert!(cut_off, "{ended:?}");
    }
}
