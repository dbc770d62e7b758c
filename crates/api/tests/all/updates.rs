//! Changes of a booking: what changes, what stays, what is required.

use axum::http::Method;
use serde_json::{Value, json};

use crate::client::Caller::{Guest, Owner};
use crate::client::{Call, Reply};
use crate::documents::{book, stay, table};
use crate::world::{World, run};

testkit::on_both_databases! {
    fn a_change_takes_what_it_needs_and_gives_back_the_rest(database: &TestDatabase) {
        run(database, moved);
    }

    fn a_change_that_cannot_be_had_changes_nothing(database: &TestDatabase) {
        run(database, refused);
    }

    fn the_version_may_stand_in_the_header(database: &TestDatabase) {
        run(database, versions);
    }

    fn texts_are_replaced_or_removed(database: &TestDatabase) {
        run(database, texts);
    }

    fn lines_can_be_replaced(database: &TestDatabase) {
        run(database, lines);
    }

    fn of_two_changes_at_once_one_is_too_late(database: &TestDatabase) {
        run(database, race);
    }

    fn states_follow_each_other(database: &TestDatabase) {
        run(database, states);
    }
}

async fn change(world: &World, id: &str, body: Value) -> Reply {
    Call::put(Guest, format!("/api/v1/bookings/{id}"), &body).send(world).await
}

async fn taken(world: &World, from: &str, to: &str) -> Vec<i64> {
    let path = format!("/api/v1/pools/{}/slots?from={from}&to={to}", world.pool("doubles"));
    let slots = Call::get(Guest, path).send(world).await.expect(200);
    slots["slots"].as_array().unwrap().iter().map(|slot| slot["taken"].as_i64().unwrap()).collect()
}

async fn moved(world: &World) {
    let id = book(world, &stay("2025-12-01", "2025-12-03")).await.id();
    let longer = json!({"expected_version": 1, "checkin_date": "2025-12-02", "checkout_date": "2025-12-05", "num_rooms": 2});
    let changed = change(world, &id, longer).await.expect(200);
    assert_eq!((&changed["version"], &changed["booking_date"]), (&json!(2), &json!("2025-12-02")));
    assert_eq!(changed["total_price"]["amount"], 3 * 2 * 12_950);
    assert_eq!(taken(world, "2025-12-01", "2025-12-05").await, [0, 2, 2, 2, 0]);
    // Its own rooms count as free.
    let one = json!({"expected_version": 2, "num_rooms": 1});
    change(world, &id, one).await.expect(200);
    assert_eq!(taken(world, "2025-12-01", "2025-12-05").await, [0, 1, 1, 1, 0]);

    let seated = book(world, &table()).await.id();
    let bigger = json!({"expected_version": 1, "party_size": 4});
    let changed = change(world, &seated, bigger).await.expect(200);
    assert_eq!((&changed["lines"][0]["name"], &changed["party_size"]), (&json!("bistro-four"), &json!(4)));

    let tickets = book(world, &json!({"ticket_type_id": "concert-seat", "seat_count": 2})).await.id();
    let named = json!({"expected_version": 1, "seats": ["B-1", "B-2", "B-3"]});
    let changed = change(world, &tickets, named).await.expect(200);
    assert_eq!(
        (&changed["lines"][0]["seats"], &changed["total_price"]["amount"]),
        (&json!(["B-1", "B-2", "B-3"]), &json!(27_000))
    );
    let mugs = book(world, &json!({"product_id": "museum-mug", "quantity": 5})).await.id();
    change(world, &mugs, json!({"expected_version": 1, "quantity": 2})).await.expect(200);
    book(world, &json!({"product_id": "museum-mug", "quantity": 3})).await;
}

async fn refused(world: &World) {
    for _ in 0..2 {
        book(world, &stay("2025-12-03", "2025-12-04")).await;
    }
    let made = book(world, &stay("2025-12-01", "2025-12-03")).await;
    let id = made.id();
    for (body, named) in [
        (json!({}), vec!["/expected_version"]),
        (json!({"expected_version": null}), vec!["/expected_version"]),
        (json!({"expected_version": "1"}), vec!["/expected_version"]),
        (json!({"expected_version": 1, "party_size": 2}), vec!["/party_size"]),
        (json!({"expected_version": 1, "quantity": 2, "colour": 1}), vec!["/colour"]),
        (json!({"expected_version": 1, "num_rooms": 6}), vec!["/num_rooms"]),
        (json!({"expected_version": 1, "num_guests": 3}), vec!["/num_guests"]),
        (json!({"expected_version": 1, "checkin_date": "2025-12-03"}), vec!["/checkout_date"]),
        (json!({"expected_version": 1, "checkin_date": "2025-11-19"}), vec!["/checkin_date"]),
        (
            json!({"expected_version": 1, "guest_email": "x", "guest_name": "", "guest_phone": 7}),
            vec!["/guest_email", "/guest_name", "/guest_phone"],
        ),
        (
            json!({"expected_version": 1, "guest_id": "gst_0190f5c41b0a7c3e8a41d2f07b6c9e55"}),
            vec!["/guest_id"],
        ),
        (json!({"expected_version": 1, "status": "CANCELLED"}), vec!["/status"]),
        (json!({"expected_version": 1, "lines": []}), vec!["/lines"]),
        (
            json!({"expected_version": 1, "lines": [{"kind": "product", "product_id": "museum-mug"}]}),
            vec![""],
        ),
        (
            json!({"expected_version": 1, "lines": [{"kind": "stay", "room_type_id": "suite"}], "num_rooms": 1}),
            vec![
                "/lines/0/checkin_date",
                "/lines/0/checkout_date",
                "/lines/0/guests",
                "/lines/0/num_guests",
                "/num_rooms",
            ],
        ),
    ] {
        change(world, &id, body).await.wrong(&named);
    }
    let full = json!({"expected_version": 1, "checkout_date": "2025-12-04", "guest_name": "Somebody Else"});
    change(world, &id, full).await.refused(409, "unavailable");
    let read = Call::get(Guest, format!("/api/v1/bookings/{id}")).send(world).await;
    assert_eq!(read.bytes, made.bytes);
    assert_eq!(taken(world, "2025-12-01", "2025-12-03").await, [1, 1, 2]);
}

async fn versions(world: &World) {
    let id = book(world, &stay("2025-12-01", "2025-12-03")).await.id();
    let path = format!("/api/v1/bookings/{id}");
    let body = json!({"guest_name": "Jane D."});
    let put = |tag: &str| Call::put(Guest, &path, &body).header("if-match", tag);
    let tag = Call::get(Guest, &path).send(world).await.header("etag").unwrap().to_owned();
    assert_eq!(put(&tag).send(world).await.expect(200)["version"], 2);
    put(&tag).send(world).await.refused(409, "version-conflict");
    put("2").send(world).await.expect(200);
    let both = json!({"expected_version": 3});
    let both = |tag: &str| Call::put(Guest, &path, &both).header("if-match", tag);
    both("\"2\"").send(world).await.wrong(&["/expected_version"]);
    assert_eq!(both("\"3\"").send(world).await.expect(200)["version"], 4);
    for wrong in ["", "*", "W/\"3\"", "\"x\"", "3.0", "\u{fc}", "99999999999999999999"] {
        put(wrong).send(world).await.wrong(&["header:If-Match"]);
    }
    for (version, status) in [
        (json!(i64::MIN), 409),
        (json!(i64::MAX), 409),
        (json!(u64::MAX), 400),
        (json!(1e308), 400),
        (json!(-1), 409),
    ] {
        change(world, &id, json!({"expected_version": version})).await.expect(status);
    }
}

async fn texts(world: &World) {
    let id = book(world, &table()).await.id();
    let removed = json!({"expected_version": 1, "guest_email": null, "metadata": null, "source": null, "special_requests": ""});
    let changed = change(world, &id, removed).await.expect(200);
    assert_eq!(
        (&changed["guest_email"], &changed["metadata"], &changed["source"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    assert_eq!((&changed["special_requests"], &changed["guest_name"]), (&json!(""), &json!("Jane Doe")));
    let metadata = json!({"b": [1, {"a": null}], "a": "\u{0}"});
    let written =
        json!({"expected_version": 2, "special_requests": "שולחן ליד החלון 🪟", "metadata": metadata});
    let changed = change(world, &id, written).await.expect(200);
    assert_eq!(changed["special_requests"], "שולחן ליד החלון 🪟");
    assert_eq!(changed["metadata"], json!({"b": [1, {"a": null}], "a": "\u{0}"}));
    let read = Call::get(Guest, format!("/api/v1/bookings/{id}")).send(world).await.expect(200);
    assert_eq!(read, changed);
}

async fn lines(world: &World) {
    let id = book(world, &stay("2025-12-01", "2025-12-03")).await.id();
    let anew = json!({"expected_version": 1, "lines": [
        {"kind": "stay", "room_type_id": "suite", "checkin_date": "2025-12-01", "checkout_date": "2025-12-02", "num_guests": 2,
            "guests": [{"name": "Jane Doe", "age": 28}, {"name": "John Doe", "age": 30}]},
        {"kind": "service", "service_id": "breakfast", "quantity": 2},
    ]});
    let changed = change(world, &id, anew).await.expect(200);
    assert_eq!(
        (&changed["total_price"]["amount"], &changed["party_size"]),
        (&json!(24_500 + 3_600), &json!(2))
    );
    assert_eq!((changed["guests"].as_array().unwrap().len(), &changed["status"]), (2, &json!("CONFIRMED")));
    assert_eq!(taken(world, "2025-12-01", "2025-12-02").await, [0, 0]);
}

async fn race(world: &World) {
    let id = book(world, &table()).await.id();
    let mut together = tokio::task::JoinSet::new();
    for time in ["18:00", "18:15", "18:30", "18:45", "20:00", "20:15", "20:30", "20:45"] {
        let call = Call::put(
            Guest,
            format!("/api/v1/bookings/{id}"),
            &json!({"expected_version": 1, "booking_time": time}),
        );
        let world = world.clone();
        together.spawn(async move { call.send(&world).await.status.as_u16() });
    }
    let mut statuses = together.join_all().await;
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409, 409, 409, 409, 409, 409, 409]);
}

async fn states(world: &World) {
    let all = ["PENDING", "CONFIRMED", "CHECKED_IN", "COMPLETED", "CANCELLED", "NO_SHOW", "EXPIRED"];
    for way in [
        vec!["CHECKED_IN", "COMPLETED"],
        vec!["CHECKED_IN", "CANCELLED"],
        vec!["COMPLETED"],
        vec!["CANCELLED"],
        vec!["NO_SHOW"],
    ] {
        let id = book(world, &json!({"service_id": "transfer"})).await.id();
        let path = format!("/api/v1/bookings/{id}");
        let set = |state: &str| Call::post(Owner, format!("{path}/status"), &json!({"status": state}));
        let mut version = 1;
        for state in way {
            assert_eq!(set(state).send(world).await.expect(200)["status"], state);
            version += 1;
        }
        let read = Call::get(Owner, &path).send(world).await.expect(200);
        assert_eq!(read["version"], version);
        let last = read["status"].as_str().unwrap().to_owned();
        for state in all.into_iter().filter(|_| last != "CHECKED_IN") {
            set(state).send(world).await.refused(400, "transition-refused");
        }
    }
    let id = book(world, &json!({"service_id": "transfer"})).await.id();
    for (body, named) in [
        (json!({}), vec!["/status"]),
        (json!({"status": "confirmed"}), vec!["/status"]),
        (json!({"status": 1, "reason": 2, "who": 3}), vec!["/reason", "/status", "/who"]),
    ] {
        Call::post(Owner, format!("/api/v1/bookings/{id}/status"), &body).send(world).await.wrong(&named);
    }
    // A cancellation may come without a body, with an empty one, and with the reason under either name.
    let cancel = Call::new(Guest, Method::POST, format!("/api/v1/bookings/{id}/cancel"));
    cancel.clone().body("[]").send(world).await.wrong(&[""]);
    cancel.clone().body("{\"reason\": 7, \"why\": 8}").send(world).await.wrong(&["/reason", "/why"]);
    let cancelled = cancel.body("{\"cancellation_reason\": \"rain\"}").send(world).await.expect(200);
    assert_eq!(cancelled["cancellation_reason"], "rain");
}
