//! A server with many stored bookings responds as soon as one with none.

use std::sync::Arc;
use std::time::{Duration, Instant};

use testkit::{on_both_databases, on_this_machine};

use super::crowd::{Crowd, Event};
use super::http::exchange;
use super::server::{Server, verified_bookings};
use super::shop::Shop;

const STORED: u64 = 20_000;
const SERVED_WITHIN: Duration = Duration::from_secs(1);

on_both_databases! {
    fn chaos_large_database_is_served_within_a_second(database: &TestDatabase) {
        let (url, shop) = (database.url(), Arc::new(Shop::open(database.database())));
        let mut server = Server::start(&url);
        shop.furnish(server.address);
        let buyers = Arc::clone(&shop);
        let crowd = Crowd::start(server.address, 64, 6, move |_, _| buyers.ticket());
        crowd.wait_for(STORED, Event::is_booked);
        let booked = crowd.end().iter().filter(|attempt| attempt.booked().is_some()).count();
        server.stop();
        let call = shop.ticket();
        let began = Instant::now();
        let mut server = Server::start(&url);
        let first = exchange(server.address, &call);
        let took = began.elapsed();
        eprintln!("{booked} bookings stored: the first answer {took:?} after the start");
        assert_eq!(first.status, 201, "{first:?}");
        assert!(took < on_this_machine(SERVED_WITHIN), "{took:?}");
        server.stop();
        assert_eq!(verified_bookings(&url), booked + 1);
    }
}
