//! A SQLite file that cannot be written: its disk is full, or another process holds its lock. Buyers are refused
//! immediately, reads continue, and the server recovers without help.

use std::sync::Arc;
use std::time::{Duration, Instant};

use store::Connection;
use testkit::{STATE_WAIT_MAX, TestDatabase, on_this_machine};

use super::crowd::{Crowd, Event, slowest_not_now};
use super::house::House;
use super::http::Act;
use super::server::verified_bookings;
use super::settle::settle;
use super::shop::Shop;

const BUYERS: u64 = 24;
/// A lock is waited for at most half a second, and what queues behind that wait no longer than a second.
const TOLD_WITHIN: Duration = Duration::from_millis(1_500);
const PLENTY_PAGES: i64 = 1_000_000;

/// Starts buyers, makes the file unusable, waits until it is reported, ends the fault, waits until sales continue,
/// and settles.
fn sells_on_after<D>(name: &str, begin: impl FnOnce(&House) -> D, end: impl FnOnce(&House, D)) {
    let database = TestDatabase::sqlite();
    let (shop, house) = (Arc::new(Shop::open(database.database())), House::open(database.database()));
    shop.furnish(house.address);
    let buyers = Arc::clone(&shop);
    let crowd = Crowd::start(house.address, BUYERS, 4, move |chance, done| buyers.patiently(chance, done));
    crowd.wait_for(100, Event::is_booked);
    let disaster = begin(&house);
    crowd.wait_for_new(3 * BUYERS, |event| event.has_status(503));
    assert!(store::verify::verify(&mut database.reader()).unwrap().is_ok());
    end(&house, disaster);
    crowd.wait_for_new(100, Event::is_booked);
    let attempts = crowd.end();
    let slowest = slowest_not_now(&attempts);
    let settled = settle(house.address, &attempts);
    drop(house);
    eprintln!("{name}: {} requests, slowest 503 after {slowest:?}, {settled:?}", attempts.len());
    let reads = attempts.iter().filter(|attempt| attempt.call.act == Act::Read);
    assert!(reads.map(|read| read.reply.as_ref().unwrap().status).all(|status| status == 200));
    assert!(slowest < on_this_machine(TOLD_WITHIN), "{slowest:?}");
    assert_eq!(verified_bookings(&database.url()), settled.booked);
}

#[test]
fn chaos_full_disk_is_reported_and_nothing_is_half_written() {
    let limit = |house: &House, pages: i64| {
        let set = house.on_lane(move |connection| {
            connection.execute_script(&format!("pragma max_page_count = {pages}"))
        });
        // The write that sets the limit may be the first one without room.
        assert!(set.is_ok() || pages < PLENTY_PAGES, "{set:?}");
    };
    let begin = |house: &House| {
        let sql = "select page_count from pragma_page_count";
        let pages = house.on_lane(move |connection| connection.optional(sql, &[], |row| row.int(0)));
        limit(house, pages.unwrap().unwrap());
    };
    sells_on_after("full disk", begin, |house, ()| limit(house, PLENTY_PAGES));
}

fn locked_by(statement: &'static str) {
    let begin = |house: &House| {
        let mut other = Connection::open(house.database(), store::seam::Role::Writer).unwrap();
        // Under load the file is never free for long, but often.
        let asked = Instant::now();
        while other.execute_script(statement).is_err() {
            assert!(asked.elapsed() < STATE_WAIT_MAX, "the file was never free");
        }
        other
    };
    sells_on_after(statement, begin, |_, mut other| other.rollback());
}

#[test]
fn chaos_locked_file_is_reported_until_the_lock_is_released() {
    locked_by("begin immediate");
}

#[test]
fn chaos_exclusively_locked_file_is_reported_until_the_lock_is_released() {
    locked_by("begin exclusive");
}
