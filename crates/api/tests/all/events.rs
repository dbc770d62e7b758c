//! Events and the seats that are left: read from a cache that is never behind one's own write.

use serde_json::{Value, json};
use testkit::TestBackplane;

use crate::client::Call;
use crate::client::Caller::{Guest, Owner};
use crate::world::{World, run, run_two};

testkit::on_both_databases! {
    fn events_are_listed_with_their_seats(database: &TestDatabase) {
        run(database, listed);
    }

    fn seats_are_never_behind_ones_own_write(database: &TestDatabase) {
        run(database, async |world| follow(world, world).await);
    }

    fn seats_are_never_behind_what_another_process_wrote(database: &TestDatabase) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let Some(planes) = runtime.block_on(async {
            let plane = TestBackplane::redis().await?;
            Some([plane.backplane().clone(), plane.elsewhere().await])
        }) else {
            return;
        };
        if database.is_postgres() {
            run_two(database, planes, async |here, there| follow(here, there).await);
        }
    }
}

async fn listed(world: &World) {
    let page = Call::get(Guest, "/api/v1/events").send(world).await.expect(200);
    assert_eq!((&page["total"], &page["page"], &page["page_size"]), (&json!(2), &json!(1), &json!(20)));
    let standing = &page["events"][0];
    assert_eq!((&standing["title"], &standing["version"]), (&json!("concert-standing"), &json!(1)));
    assert_eq!((&standing["seat_count"], &standing["available_seats"]), (&json!(5), &json!(5)));
    assert_eq!(page["events"][1]["seat_count"], 8);
    let second = Call::get(Guest, "/api/v1/events?page=2&page_size=1").send(world).await.expect(200);
    assert_eq!((&second["events"][0], second["events"].as_array().unwrap().len()), (&page["events"][1], 1));
    let beyond = Call::get(Guest, "/api/v1/events?page=3&page_size=1").send(world).await.expect(200);
    assert_eq!((&beyond["events"], &beyond["total"]), (&json!([]), &json!(2)));
    let one = Call::get(Guest, "/api/v1/events/concert-seat").send(world).await.expect(200);
    assert_eq!(&one, &page["events"][1]);
    Call::get(Guest, "/api/v1/events/double").send(world).await.refused(404, "not-found");
    for query in ["page=0", "page_size=101", "page=1&page=2", "sort=1", "page=x"] {
        let refused = Call::get(Guest, format!("/api/v1/events?{query}")).send(world).await;
        refused.refused(400, "invalid-request");
    }
}

async fn seats(world: &World, event: &str) -> Value {
    let list = Call::get(Guest, "/api/v1/events").send(world).await.expect(200);
    let alone = Call::get(Guest, format!("/api/v1/events/{event}")).send(world).await.expect(200);
    let listed = list["events"].as_array().unwrap().iter().find(|listed| listed["id"] == alone["id"]);
    assert_eq!(listed, Some(&alone));
    alone["available_seats"].clone()
}

/// Writes here and reads there, with a warm cache before each write.
async fn follow(here: &World, there: &World) {
    assert_eq!(seats(there, "concert-standing").await, 5);
    let two = json!({"ticket_type_id": "concert-standing", "seat_count": 2});
    let booking = Call::post(Guest, "/api/v1/bookings", &two).send(here).await;
    booking.expect(201);
    assert_eq!(seats(there, "concert-standing").await, 3);
    let five = json!({"ticket_type_id": "concert-standing", "seat_count": 5});
    Call::post(Guest, "/api/v1/bookings", &five).send(here).await.refused(409, "unavailable");
    assert_eq!(seats(there, "concert-standing").await, 3);
    let cancel = format!("/api/v1/bookings/{}/cancel", booking.id());
    Call::post(Guest, cancel, &json!({})).send(here).await.expect(200);
    assert_eq!(seats(there, "concert-standing").await, 5);
    let capacity = format!("/api/v1/pools/{}/capacity", here.pool("floor"));
    Call::put(Owner, capacity, &json!({"capacity": 9})).send(here).await.expect(200);
    assert_eq!(seats(there, "concert-standing").await, 9);
    let change = json!({"expected_version": 1, "name": "Floor", "hold_minutes": 10});
    Call::patch(Owner, "/api/v1/offerings/concert-standing", &change).send(here).await.expect(200);
    let shown = Call::get(Guest, "/api/v1/events/concert-standing").send(there).await.expect(200);
    assert_eq!((&shown["title"], &shown["version"]), (&json!("Floor"), &json!(2)));
    Call::post(Guest, "/api/v1/bookings", &two).send(here).await.expect(201);
    assert_eq!(seats(there, "concert-standing").await, 7);
    // The hold ends by itself, and the sweeper says so.
    here.wait(11 * crate::world::MINUTE_MS);
    there.app.clock.set(here.app.clock.now());
    app::expiry::round(&here.app).await.unwrap();
    assert_eq!(seats(there, "concert-standing").await, 9);
    Call::post(Owner, "/api/v1/offerings/concert-standing/withdraw", &json!({})).send(here).await.expect(200);
    let left = Call::get(Guest, "/api/v1/events").send(there).await.expect(200);
    assert_eq!(left["total"], 1);
}
