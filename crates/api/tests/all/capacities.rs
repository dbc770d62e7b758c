//! Capacities can be changed, but never below the units taken.

use serde_json::{Value, json};

use crate::client::Caller::{Admin, Guest, Owner, Rival};
use crate::client::{Call, Reply};
use crate::documents::{book, stay};
use crate::world::{World, run};

testkit::on_both_databases! {
    fn a_capacity_never_falls_below_what_is_taken(database: &TestDatabase) {
        run(database, below_taken);
    }

    fn some_nights_have_a_capacity_of_their_own(database: &TestDatabase) {
        run(database, some_nights);
    }

    fn ticks_seats_and_things_have_capacities_too(database: &TestDatabase) {
        run(database, other_pools);
    }

    fn a_capacity_that_is_none_is_refused(database: &TestDatabase) {
        run(database, refused);
    }
}

async fn change(world: &World, pool: &str, body: Value) -> Reply {
    Call::put(Owner, format!("/api/v1/pools/{}/capacity", world.pool(pool)), &body).send(world).await
}

async fn slots(world: &World, pool: &str, query: &str) -> Value {
    let path = format!("/api/v1/pools/{}/slots{query}", world.pool(pool));
    Call::get(Guest, path).send(world).await.expect(200)["slots"].clone()
}

async fn below_taken(world: &World) {
    book(world, &json!({"product_id": "museum-mug", "quantity": 3})).await;
    let problem = change(world, "mugs", json!({"capacity": 2})).await.refused(409, "capacity-below-taken");
    assert_eq!((&problem["slot"], &problem["taken_units"]), (&json!(0), &json!(3)));
    assert_eq!(slots(world, "mugs", "").await[0]["capacity"], 5);
    assert_eq!(change(world, "mugs", json!({"capacity": 3})).await.expect(200)["capacity"], 3);
    let full = Call::post(Guest, "/api/v1/bookings", &json!({"product_id": "museum-mug"}));
    full.send(world).await.refused(409, "unavailable");
    change(world, "mugs", json!({"capacity": 4})).await.expect(200);
    full.send(world).await.expect(201);
    let pools = Call::get(Guest, "/api/v1/venues/museum/pools").send(world).await.expect(200);
    assert_eq!(pools["pools"][0]["capacity"], 4);
}

async fn some_nights(world: &World) {
    let nights = |capacity: i64| json!({"capacity": capacity, "from": "2025-12-02", "to": "2025-12-03"});
    change(world, "doubles", nights(1)).await.expect(200);
    let seen = slots(world, "doubles", "?from=2025-12-01&to=2025-12-04").await;
    let capacities: Vec<i64> =
        seen.as_array().unwrap().iter().map(|slot| slot["capacity"].as_i64().unwrap()).collect();
    assert_eq!(capacities, [2, 1, 1, 2]);
    assert_eq!(seen[1]["date"], "2025-12-02");
    book(world, &stay("2025-12-01", "2025-12-05")).await;
    let second = Call::post(Guest, "/api/v1/bookings", &stay("2025-12-01", "2025-12-03"));
    let problem = second.send(world).await.refused(409, "unavailable");
    assert_eq!(problem["free_units"], 0);
    book(world, &stay("2025-12-04", "2025-12-05")).await;
    change(world, "doubles", nights(0)).await.refused(409, "capacity-below-taken");
    change(world, "doubles", json!({"capacity": 1})).await.refused(409, "capacity-below-taken");
    change(world, "doubles", json!({"capacity": 3})).await.expect(200);
    let seen = slots(world, "doubles", "?from=2025-12-01&to=2025-12-04").await;
    let capacities: Vec<i64> =
        seen.as_array().unwrap().iter().map(|slot| slot["capacity"].as_i64().unwrap()).collect();
    assert_eq!(capacities, [3, 1, 1, 3], "nights with a capacity of their own keep it");
    second.send(world).await.refused(409, "unavailable");
    change(world, "doubles", nights(2)).await.expect(200);
    second.send(world).await.expect(201);
}

async fn other_pools(world: &World) {
    let evening = json!({"capacity": 0, "from": "2025-12-06T17:00:00Z", "to": "2025-12-06T22:45:00Z"});
    change(world, "stools", evening).await.expect(200);
    let stool = |time: &str| json!({"venue_id": "bar", "booking_date": "2025-12-06", "booking_time": time, "party_size": 1});
    Call::post(Guest, "/api/v1/bookings", &stool("18:00")).send(world).await.refused(409, "unavailable");
    book(world, &stool("16:30")).await;
    let ticks = slots(world, "stools", "?from=2025-12-06T15:30:00Z&to=2025-12-06T17:00:00Z").await;
    assert_eq!(
        ticks[0],
        json!({"slot": ticks[0]["slot"], "starts_at": "2025-12-06T15:30:00.000Z", "capacity": 1, "taken": 1, "available": 0})
    );
    assert_eq!(ticks.as_array().unwrap().len(), 7);

    // Seats 0 to 3 are row A: closed for a film crew.
    change(world, "seats", json!({"capacity": 0, "from": 0, "to": 3})).await.expect(200);
    let closed =
        Call::post(Guest, "/api/v1/bookings", &json!({"ticket_type_id": "concert-seat", "seats": ["A-1"]}));
    closed.send(world).await.refused(409, "unavailable");
    let best = book(world, &json!({"ticket_type_id": "concert-seat", "seat_count": 2})).await.json();
    assert_eq!(best["lines"][0]["seats"], json!(["B-1", "B-2"]));
    let seats = slots(world, "seats", "").await;
    assert_eq!(seats[4], json!({"slot": 4, "seat": "B-1", "capacity": 1, "taken": 1, "available": 0}));
    change(world, "seats", json!({"capacity": 0, "from": 4, "to": 4}))
        .await
        .refused(409, "capacity-below-taken");
    change(world, "floor", json!({"capacity": 1, "from": 0, "to": 0})).await.expect(200);
    let two = Call::post(Guest, "/api/v1/bookings", &json!({"event_id": 1, "seat_count": 2}));
    two.send(world).await.refused(409, "unavailable");
}

async fn refused(world: &World) {
    for (pool, body, named) in [
        ("doubles", json!({}), vec!["/capacity"]),
        ("doubles", json!({"capacity": -1}), vec!["/capacity"]),
        ("doubles", json!({"capacity": 1_000_000_001}), vec!["/capacity"]),
        ("doubles", json!({"capacity": 1, "from": "2025-12-01"}), vec!["/to"]),
        ("doubles", json!({"capacity": 1, "to": "2025-12-01"}), vec!["/from"]),
        ("doubles", json!({"capacity": 1, "from": "2025-12-02", "to": "2025-12-01"}), vec!["/to"]),
        ("doubles", json!({"capacity": 1, "from": "2025-12-02", "to": "2035-12-01"}), vec!["/to"]),
        ("doubles", json!({"capacity": 1, "from": 1, "to": 2, "why": "?"}), vec!["/from", "/to", "/why"]),
        ("stools", json!({"capacity": 1, "from": "2025-12-01", "to": "2025-12-02"}), vec!["/from", "/to"]),
        ("seats", json!({"capacity": 1, "from": 0, "to": 8}), vec!["/to"]),
        ("seats", json!({"capacity": 2}), vec!["/capacity"]),
        ("seats", json!({"capacity": 2, "from": 0, "to": 1}), vec!["/capacity"]),
        ("mugs", json!({"capacity": 1, "from": 0, "to": 1}), vec!["/to"]),
    ] {
        change(world, pool, body).await.wrong(&named);
    }
    let path = |id: &str| format!("/api/v1/pools/{id}/capacity");
    let body = json!({"capacity": 7});
    let own = world.pool("doubles").to_string();
    for (caller, id, status) in [
        (Guest, own.as_str(), 404),
        (Rival, own.as_str(), 404),
        (Owner, "pol_0190f5c41b0a7c3e8a41d2f07b6c9e55", 404),
        (Owner, "doubles", 400),
        (Admin, own.as_str(), 200),
    ] {
        Call::put(caller, path(id), &body).send(world).await.expect(status);
    }
    for query in [
        "",
        "?from=2025-12-01",
        "?from=2025-12-02&to=2025-12-01",
        "?from=2025-12-01&to=2055-12-01",
        "?from=x&to=y",
        "?at=1",
    ] {
        let slots = format!("/api/v1/pools/{own}/slots{query}");
        Call::get(Guest, slots).send(world).await.refused(400, "invalid-request");
    }
}
