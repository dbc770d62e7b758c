//! Idempotency keys: for all four operations, for 24 hours, byte for byte.

use axum::http::Method;
use serde_json::{Value, json};

use crate::client::Caller::{Guest, Owner, Stranger};
use crate::client::{Call, Reply};
use crate::documents::{book, stay, table};
use crate::world::{HOUR_MS, World, run};

testkit::on_both_databases! {
    fn a_repetition_gets_the_first_answer_byte_for_byte(database: &TestDatabase) {
        run(database, replays);
    }

    fn a_repetition_is_answered_even_when_it_could_not_be_asked_any_more(database: &TestDatabase) {
        run(database, late_replays);
    }

    fn a_key_means_one_request_of_one_caller_and_one_operation(database: &TestDatabase) {
        run(database, scopes);
    }

    fn a_key_is_taken_from_header_or_body(database: &TestDatabase) {
        run(database, places);
    }

    fn a_key_is_forgotten_after_a_day(database: &TestDatabase) {
        run(database, forgotten);
    }

    fn fifty_at_once_get_one_booking_and_one_answer(database: &TestDatabase) {
        run(database, fifty);
    }

    fn a_refusal_for_lack_of_units_is_not_remembered(database: &TestDatabase) {
        run(database, not_remembered);
    }
}

const BOOKINGS: &str = "/api/v1/bookings";

fn same(first: &Reply, second: &Reply) {
    assert_eq!((first.status, &first.bytes), (second.status, &second.bytes));
    assert_eq!(first.header("content-type"), second.header("content-type"));
    assert_eq!(
        (first.header("idempotent-replayed"), second.header("idempotent-replayed")),
        (None, Some("true"))
    );
}

fn keyless() -> Value {
    let mut table = table();
    table.as_object_mut().unwrap().remove("idempotency_key");
    table
}

async fn replays(world: &World) {
    let create = Call::post(Guest, BOOKINGS, &keyless()).key("a");
    let created = create.send(world).await;
    created.expect(201);
    let path = format!("{BOOKINGS}/{}", created.id());
    let update = Call::put(Guest, &path, &json!({"expected_version": 1, "booking_time": "20:00"})).key("a");
    let updated = update.send(world).await;
    updated.expect(200);
    let arrive = Call::post(Owner, format!("{path}/status"), &json!({"status": "CHECKED_IN"})).key("a");
    let arrived = arrive.send(world).await;
    arrived.expect(200);
    let cancel = Call::post(Guest, format!("{path}/cancel"), &json!({"reason": "ill"})).key("a");
    let cancelled = cancel.send(world).await;
    cancelled.expect(200);
    let empty = Call::new(Guest, Method::POST, format!("{path}/cancel")).key("empty");
    empty.send(world).await.refused(400, "transition-refused");

    // Each comes after the booking has changed again.
    for (call, first) in [(create, created), (update, updated), (arrive, arrived), (cancel, cancelled)] {
        same(&first, &call.send(world).await);
        same(&first, &call.send(world).await);
    }
    let history = Call::get(Guest, format!("{path}/history")).send(world).await.expect(200);
    assert_eq!(history["history"].as_array().unwrap().len(), 4);

    let order = Call::post(Guest, "/api/v1/orders", &json!({"bookings": [{"product_id": "museum-mug"}]}))
        .key("order");
    let ordered = order.send(world).await;
    ordered.expect(201);
    same(&ordered, &order.send(world).await);
}

async fn late_replays(world: &World) {
    let create = Call::post(Guest, BOOKINGS, &stay("2025-11-20", "2025-11-21")).key("tonight");
    let created = create.send(world).await;
    created.expect(201);
    let path = format!("{BOOKINGS}/{}", created.id());
    let longer = json!({"expected_version": 1, "checkout_date": "2025-11-22"});
    let update = Call::put(Guest, &path, &longer).key("longer");
    let updated = update.send(world).await;
    updated.expect(200);
    let mug =
        Call::post(Guest, BOOKINGS, &json!({"product_id": "museum-mug", "quantity": 5})).key("all mugs");
    let mugs = mug.send(world).await;
    mugs.expect(201);

    world.wait(20 * HOUR_MS);
    let past = create.clone().key("another");
    past.send(world).await.wrong(&["/checkin_date"]);
    same(&created, &create.send(world).await);
    same(&updated, &update.send(world).await);
    same(&mugs, &mug.send(world).await);

    // A key returns nothing for a refused request that differs from the first one.
    let other = Call::post(Guest, BOOKINGS, &stay("2025-11-20", "2025-11-23")).key("tonight");
    other.send(world).await.refused(409, "idempotency-key-reused");
}

async fn scopes(world: &World) {
    let mug = json!({"product_id": "museum-mug"});
    let first = Call::post(Guest, BOOKINGS, &mug).key("k").send(world).await;
    first.expect(201);
    let two = json!({"product_id": "museum-mug", "quantity": 2});
    Call::post(Guest, BOOKINGS, &two).key("k").send(world).await.refused(409, "idempotency-key-reused");
    let spaced = Call::post(Guest, BOOKINGS, &mug).body("{\"product_id\": \"museum-mug\"}").key("k");
    spaced.send(world).await.refused(409, "idempotency-key-reused");
    let order = json!({"bookings": [mug]});
    Call::post(Guest, "/api/v1/orders", &order)
        .key("k")
        .send(world)
        .await
        .refused(409, "idempotency-key-reused");

    for other in [Stranger, Owner] {
        let theirs = Call::post(other, BOOKINGS, &mug).key("k").send(world).await;
        theirs.expect(201);
        assert_ne!(theirs.id(), first.id());
    }
    // The same key for another operation is a different key; for the same operation on another booking it is not.
    let second = book(world, &mug).await.id();
    let cancel = |id: &str| Call::post(Guest, format!("{BOOKINGS}/{id}/cancel"), &json!({})).key("k");
    cancel(&first.id()).send(world).await.expect(200);
    cancel(&second).send(world).await.refused(409, "idempotency-key-reused");
    assert_eq!(
        Call::get(Guest, format!("{BOOKINGS}/{second}")).send(world).await.expect(200)["status"],
        "CONFIRMED"
    );
}

async fn places(world: &World) {
    let mug = json!({"product_id": "museum-mug"});
    let mut keyed = mug.clone();
    keyed["idempotency_key"] = json!("in the body");
    let first = Call::post(Guest, BOOKINGS, &keyed).send(world).await;
    first.expect(201);
    same(&first, &Call::post(Guest, BOOKINGS, &keyed).key("in the body").send(world).await);
    same(&first, &Call::post(Guest, BOOKINGS, &keyed).key("\"in the body\"").send(world).await);
    Call::post(Guest, BOOKINGS, &keyed).key("another").send(world).await.wrong(&["/idempotency_key"]);

    let bare = Call::post(Guest, BOOKINGS, &mug).key("bare").send(world).await;
    bare.expect(201);
    same(&bare, &Call::post(Guest, BOOKINGS, &mug).key("\"bare\"").send(world).await);
    for wrong in ["", "\"\"", &"x".repeat(256)] {
        let call = Call::post(Guest, BOOKINGS, &mug).key(wrong);
        call.send(world).await.wrong(&["header:Idempotency-Key"]);
    }
    let call = Call::post(Guest, BOOKINGS, &mug).header("idempotency-key", vec![0xff, 0xfe]);
    call.send(world).await.wrong(&["header:Idempotency-Key"]);
    for wrong in [json!(""), json!(7), json!("x".repeat(256)), json!(["k"]), json!("nul\u{0}")] {
        keyed["idempotency_key"] = wrong;
        Call::post(Guest, BOOKINGS, &keyed).send(world).await.wrong(&["/idempotency_key"]);
    }
    keyed["idempotency_key"] = json!("x".repeat(255));
    Call::post(Guest, BOOKINGS, &keyed).send(world).await.expect(201);
    keyed["idempotency_key"] = json!("ключ 🔑");
    Call::post(Guest, BOOKINGS, &keyed).send(world).await.expect(201);
}

async fn forgotten(world: &World) {
    let mug = Call::post(Guest, BOOKINGS, &json!({"product_id": "museum-mug"})).key("daily");
    let first = mug.send(world).await;
    first.expect(201);
    world.wait(24 * HOUR_MS - 1);
    same(&first, &mug.send(world).await);
    world.wait(1);
    let second = mug.send(world).await;
    assert_ne!(second.expect(201)["id"], first.json()["id"]);
    same(&second, &mug.send(world).await);
}

async fn fifty(world: &World) {
    let call = Call::post(Guest, BOOKINGS, &json!({"product_id": "museum-mug", "quantity": 2})).key("fifty");
    let mut together = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let (call, world) = (call.clone(), world.clone());
        together.spawn(async move { call.send(&world).await });
    }
    let replies = together.join_all().await;
    let first = &replies[0];
    assert!(replies.iter().all(|reply| (reply.status, &reply.bytes) == (first.status, &first.bytes)));
    first.expect(201);
    let led = replies.iter().filter(|reply| reply.header("idempotent-replayed").is_none()).count();
    assert_eq!(led, 1);
    let mugs = Call::get(Guest, format!("/api/v1/pools/{}/slots", world.pool("mugs"))).send(world).await;
    assert_eq!(mugs.expect(200)["slots"][0]["taken"], 2);
}

async fn not_remembered(world: &World) {
    let all = book(world, &json!({"product_id": "museum-mug", "quantity": 5})).await.id();
    let wanted = Call::post(Stranger, BOOKINGS, &json!({"product_id": "museum-mug"})).key("wanted");
    wanted.send(world).await.refused(409, "unavailable");
    wanted.send(world).await.refused(409, "unavailable");
    Call::new(Guest, Method::POST, format!("{BOOKINGS}/{all}/cancel")).send(world).await.expect(200);
    wanted.send(world).await.expect(201);
}
