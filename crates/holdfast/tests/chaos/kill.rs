//! The server is killed repeatedly under load, and nothing that it has confirmed is lost.

use std::sync::Arc;

use testkit::{SeededChance, on_both_databases};

use super::crowd::{Attempt, Crowd, Event};
use super::http::Act;
use super::server::{Server, verified_bookings};
use super::settle::settle;
use super::shop::{ROUNDS, SCARCE_UNITS, Shop};

const SEED: u64 = 20_251_120;
const KILLS: usize = 20;
const BUYERS: u64 = 40;

on_both_databases! {
    /// Twenty kills, and more until one has hit a commit whose responses had not been sent.
    fn chaos_kill_loses_no_answered_booking(database: &TestDatabase) {
        let (url, shop) = (database.url(), Arc::new(Shop::open(database.database())));
        let mut chance = SeededChance::new(SEED);
        let mut server = Server::start(&url);
        shop.furnish(server.address);
        let (mut kills, mut caught, mut booked, mut repeated) = (0, 0, 0, 0);
        while kills < KILLS || (caught == 0 && kills < ROUNDS) {
            let attempts = killed_under_load(&mut server, &shop, kills, &mut chance);
            check_not_oversold(&attempts, kills);
            server = Server::start(&url);
            let settled = settle(server.address, &attempts);
            caught += settled.caught;
            booked += settled.booked;
            repeated += settled.repeated;
            kills += 1;
        }
        server.stop();
        eprintln!("{kills} kills, {booked} booked, {repeated} repeated, {caught} caught in flight, seed {SEED}");
        assert_eq!(verified_bookings(&url), booked, "a booking for each key, and none besides");
        assert!(caught > 0, "no kill caught a commit in flight");
    }
}

/// Kills the server after a random number of responses and of other events.
fn killed_under_load(
    server: &mut Server,
    shop: &Arc<Shop>,
    round: usize,
    chance: &mut SeededChance,
) -> Vec<Attempt> {
    let buyers = Arc::clone(shop);
    let seed = SEED + round as u64;
    let crowd = Crowd::start(server.address, BUYERS, seed, move |chance, done| {
        buyers.scarce_or_else(round, chance, done)
    });
    crowd.wait_for(20 + chance.below(300), Event::is_answer);
    crowd.wait_for(chance.below(2 * BUYERS), |_| true);
    server.kill();
    crowd.gone()
}

fn check_not_oversold(attempts: &[Attempt], round: usize) {
    let event = format!("\"event_id\":\"scarce-{round}\"");
    let sold = attempts.iter().filter(|a| a.call.body.contains(&event) && a.booked().is_some()).count();
    let cancels = attempts.iter().filter(|a| a.call.act == Act::Cancel).count();
    assert!(sold <= SCARCE_UNITS + cancels, "{sold} sold of {SCARCE_UNITS}");
}
