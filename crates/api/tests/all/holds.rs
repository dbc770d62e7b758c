//! Holds: shown, confirmed in time, expired, taken over.

use axum::http::Method;
use serde_json::{Value, json};

use crate::client::Call;
use crate::client::Caller::{Guest, Owner, Stranger};
use crate::documents::{book, stay};
use crate::world::{GUEST, MINUTE_MS, World, guest_id, run};

testkit::on_both_databases! {
    fn a_hold_is_confirmed_before_its_end_and_never_after(database: &TestDatabase) {
        run(database, confirmation);
    }

    fn readers_see_an_ended_hold_as_expired_at_once(database: &TestDatabase) {
        run(database, readers);
    }

    fn the_next_buyer_takes_an_ended_hold_over(database: &TestDatabase) {
        run(database, taken_over);
    }

    fn the_sweeper_expires_holds_that_no_buyer_needs(database: &TestDatabase) {
        run(database, swept);
    }
}

const HOLD_MS: i64 = 30 * MINUTE_MS;
const BOOKINGS: &str = "/api/v1/bookings";

fn suite() -> Value {
    let mut body = stay("2025-12-01", "2025-12-03");
    body["room_type_id"] = json!("suite");
    body
}

async fn confirmation(world: &World) {
    let held = book(world, &suite()).await;
    let booking = held.json();
    assert_eq!((&booking["status"], &booking["confirmed_at"]), (&json!("PENDING"), &Value::Null));
    assert_eq!(booking["expires_at"], "2025-11-20T10:30:00.000Z");
    let confirm =
        Call::post(Owner, format!("{BOOKINGS}/{}/status", held.id()), &json!({"status": "CONFIRMED"}));
    world.wait(HOLD_MS - 1);
    let confirmed = confirm.send(world).await.expect(200);
    assert_eq!(
        (&confirmed["status"], &confirmed["expires_at"]),
        (&json!("CONFIRMED"), &booking["expires_at"])
    );
    world.wait(HOLD_MS);
    let still = Call::get(Guest, format!("{BOOKINGS}/{}", held.id())).send(world).await.expect(200);
    assert_eq!(still["status"], "CONFIRMED", "a confirmed booking does not expire");
    Call::new(Guest, Method::POST, format!("{BOOKINGS}/{}/cancel", held.id())).send(world).await.expect(200);

    for late_ms in [0, 1, MINUTE_MS] {
        let held = book(world, &suite()).await.id();
        world.wait(HOLD_MS + late_ms);
        let confirm = json!({"status": "CONFIRMED"});
        let confirm = Call::post(Owner, format!("{BOOKINGS}/{held}/status"), &confirm);
        confirm.send(world).await.refused(400, "hold-ended");
        let change = json!({"expected_version": 1, "guest_name": "Too Late"});
        Call::put(Guest, format!("{BOOKINGS}/{held}"), &change)
            .send(world)
            .await
            .refused(400, "not-changeable");
        world.wait(MINUTE_MS);
    }
    // A hold can be changed and cancelled until it expires; changing it does not extend it.
    let held = book(world, &suite()).await;
    let change = json!({"expected_version": 1, "checkout_date": "2025-12-04"});
    let changed =
        Call::put(Guest, format!("{BOOKINGS}/{}", held.id()), &change).send(world).await.expect(200);
    assert_eq!((&changed["status"], &changed["expires_at"]), (&json!("PENDING"), &held.json()["expires_at"]));
    let cancel = Call::new(Guest, Method::POST, format!("{BOOKINGS}/{}/cancel", held.id()));
    assert_eq!(cancel.send(world).await.expect(200)["status"], "CANCELLED");
}

async fn readers(world: &World) {
    let held = book(world, &suite()).await;
    let list =
        |status: &str| Call::get(Guest, format!("{BOOKINGS}/guest/{}?status={status}", guest_id(GUEST)));
    assert_eq!(list("PENDING").send(world).await.json()["bookings"][0]["id"], held.id());
    world.wait(HOLD_MS);
    let seen = Call::get(Guest, format!("{BOOKINGS}/{}", held.id())).send(world).await.expect(200);
    assert_eq!((&seen["status"], &seen["version"]), (&json!("EXPIRED"), &json!(1)));
    assert_eq!(list("PENDING").send(world).await.json()["bookings"], json!([]));
    assert_eq!(list("EXPIRED").send(world).await.json()["bookings"], json!([seen]));
    let cancel = Call::new(Guest, Method::POST, format!("{BOOKINGS}/{}/cancel", held.id()));
    let problem = cancel.send(world).await.refused(400, "transition-refused");
    assert_eq!(problem["from"], "EXPIRED");
}

async fn taken_over(world: &World) {
    let held = book(world, &suite()).await.id();
    let next = Call::post(Stranger, BOOKINGS, &suite());
    next.send(world).await.refused(409, "unavailable");
    let check = Call::post(Stranger, "/api/v1/bookings/availability/check", &suite());
    assert_eq!(check.send(world).await.expect(200)["available"], false);
    // The clocks of two processes may differ by a quarter of a second; until then the units stay taken.
    world.wait(HOLD_MS + 249);
    next.send(world).await.refused(409, "unavailable");
    assert_eq!(check.send(world).await.expect(200)["available"], false);
    world.wait(1);
    assert_eq!(check.send(world).await.expect(200)["available"], true);
    next.send(world).await.expect(201);

    let history = Call::get(Guest, format!("{BOOKINGS}/{held}/history")).send(world).await.expect(200);
    let last = &history["history"][1];
    assert_eq!((&last["from_status"], &last["to_status"]), (&json!("PENDING"), &json!("EXPIRED")));
    assert_eq!(last["changed_by"], "system");
    let confirm = json!({"status": "CONFIRMED"});
    let confirm = Call::post(Owner, format!("{BOOKINGS}/{held}/status"), &confirm);
    confirm.send(world).await.refused(400, "transition-refused");
}

async fn swept(world: &World) {
    let held = book(world, &suite()).await.id();
    assert_eq!(app::expiry::sweep(&world.app).await.unwrap(), 0);
    world.wait(HOLD_MS + 250);
    assert_eq!(app::expiry::sweep(&world.app).await.unwrap(), 1);
    assert_eq!(app::expiry::sweep(&world.app).await.unwrap(), 0);
    let seen = Call::get(Guest, format!("{BOOKINGS}/{held}")).send(world).await.expect(200);
    assert_eq!((&seen["status"], &seen["version"]), (&json!("EXPIRED"), &json!(2)));
    let slots = format!("/api/v1/pools/{}/slots?from=2025-12-01&to=2025-12-02", world.pool("suites"));
    let slots = Call::get(Owner, slots).send(world).await.expect(200);
    assert!(slots["slots"].as_array().unwrap().iter().all(|slot| slot["taken"] == 0));
}
