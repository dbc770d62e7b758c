//! The connection to PostgreSQL is cut exactly at COMMIT. The lane finds out whether the commit succeeded, and no
//! booking is made twice or lost.

use std::time::{Duration, Instant};

use testkit::{Cut, Proxy, TestDatabase, on_this_machine};

use super::crowd::Attempt;
use super::house::House;
use super::http::{Call, Reply, exchange};
use super::server::verified_bookings;
use super::settle::settle;
use super::shop::Shop;

/// How long a buyer waits where nothing is known, or nothing can be done.
const TOLD_WITHIN: Duration = Duration::from_secs(2);

/// A server that reaches its database through a proxy, and a buyer.
struct Scene {
    proxy: Proxy,
    house: House,
    shop: Shop,
    database: TestDatabase,
    attempts: Vec<Attempt>,
}

impl Scene {
    fn new() -> Option<Self> {
        let database = TestDatabase::postgres()?;
        let proxy = Proxy::before(&database.url());
        let (house, shop) = (House::open(&proxy.database()), Shop::open(&proxy.database()));
        shop.furnish(house.address);
        let mut scene = Self { proxy, house, shop, database, attempts: Vec::new() };
        // The first ticket creates the slot, in a separate commit; the booking's commit is cut later.
        let (first, _) = scene.buy(&scene.shop.ticket());
        assert_eq!(first.status, 201, "{first:?}");
        Some(scene)
    }

    fn buy(&mut self, call: &Call) -> (Reply, Duration) {
        let began = Instant::now();
        let reply = exchange(self.house.address, call);
        let took = began.elapsed();
        self.attempts.push(Attempt { call: call.clone(), reply: Some(reply.clone()), took });
        (reply, took)
    }

    /// Every key has one booking; the given number in total.
    fn settle(self, bookings: usize) {
        let settled = settle(self.house.address, &self.attempts);
        drop(self.house);
        assert_eq!((settled.booked, verified_bookings(&self.database.url())), (bookings, bookings));
    }
}

#[test]
fn chaos_commit_cut_after_it_arrived_is_answered_as_done() {
    let Some(mut scene) = Scene::new() else { return };
    let call = scene.shop.ticket();
    scene.proxy.cut_next_commit(Cut::BeforeItsAnswerArrives);
    let (reply, took) = scene.buy(&call);
    scene.proxy.wait_for_cut();
    eprintln!("done, and told after {took:?}");
    assert!(reply.status == 201 && !reply.is_replayed(), "{reply:?}");
    let (again, _) = scene.buy(&call);
    assert_eq!((again.is_replayed(), &again.body), (true, &reply.body));
    scene.attempts.pop();
    scene.settle(2);
}

#[test]
fn chaos_commit_cut_before_it_arrived_is_done_once() {
    let Some(mut scene) = Scene::new() else { return };
    let call = scene.shop.ticket();
    scene.proxy.cut_next_commit(Cut::BeforeTheCommitArrives);
    let (reply, took) = scene.buy(&call);
    scene.proxy.wait_for_cut();
    eprintln!("done at the second try, and told after {took:?}");
    assert!(reply.status == 201 && !reply.is_replayed(), "{reply:?}");
    let (again, _) = scene.buy(&call);
    assert_eq!((again.is_replayed(), &again.body), (true, &reply.body));
    scene.attempts.pop();
    scene.settle(2);
}

/// The first booking of a slot creates its row in a separate commit, which may be cut as well.
#[test]
fn chaos_commit_cut_while_a_slot_is_made_is_done_once() {
    for cut in [Cut::BeforeTheCommitArrives, Cut::BeforeItsAnswerArrives] {
        let Some(mut scene) = Scene::new() else { return };
        let call = scene.shop.scarce_ticket(0);
        scene.proxy.cut_next_commit(cut);
        let (reply, _) = scene.buy(&call);
        scene.proxy.wait_for_cut();
        assert!(reply.status == 201 || reply.is_not_now("not_done"), "{reply:?}");
        scene.settle(2);
    }
}

#[test]
fn chaos_commit_cut_without_a_database_is_settled_by_the_key() {
    for (cut, was_done) in [(Cut::BeforeTheCommitArrives, false), (Cut::BeforeItsAnswerArrives, true)] {
        let Some(mut scene) = Scene::new() else { return };
        let call = scene.shop.ticket();
        scene.proxy.cut_next_commit_and_stay_away(cut);
        let (unknown, took) = scene.buy(&call);
        scene.proxy.wait_for_cut();
        eprintln!("unknown after {took:?}");
        assert!(unknown.is_not_now("unknown"), "{unknown:?}");
        assert!(took < on_this_machine(TOLD_WITHIN), "{took:?}");
        let (still_away, took) = scene.buy(&scene.shop.ticket());
        assert!(still_away.is_not_now("not_done"), "{still_away:?}");
        assert!(took < on_this_machine(TOLD_WITHIN), "{took:?}");
        scene.proxy.come_back();
        let (settled, _) = scene.buy(&call);
        assert_eq!((settled.status, settled.is_replayed()), (201, was_done), "{settled:?}");
        scene.settle(3);
    }
}

/// For a write that is no command, such as a catalogue change, the outcome is unknown as well.
#[test]
fn chaos_commit_cut_of_a_catalogue_change_is_not_called_undone() {
    let Some(scene) = Scene::new() else { return };
    let add = Call {
        path: "/api/v1/venues".to_owned(),
        token: scene.shop.owner(),
        key: None,
        body: r#"{"code":"pier","kind":"event","name":"Pier","time_zone":"Europe/Berlin","currency":"EUR"}"#
            .to_owned(),
        ..scene.shop.ticket()
    };
    scene.proxy.cut_next_commit(Cut::BeforeItsAnswerArrives);
    let reply = exchange(scene.house.address, &add);
    scene.proxy.wait_for_cut();
    assert!(reply.status == 201 || reply.is_not_now("unknown"), "{reply:?}");
    let again = exchange(scene.house.address, &add);
    assert!(again.is_problem(409, "code-taken"), "{again:?}");
    scene.settle(1);
}
