//! The catalogue is edited: by those who may, at the version they have read, and not where bookings rest on it.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use store::outbox::Writer;
use store::{Connection, StoreError, Vault};

use crate::client::Caller::{FrontDesk, Guest, Manager, Owner, Rival};
use crate::client::{Call, Caller, Reply};
use crate::documents::{book, stay, table};
use crate::world::{World, run};

testkit::on_both_databases! {
    fn a_venue_is_edited_and_its_exceptions_hold(database: &TestDatabase) {
        run(database, venue);
    }

    fn currency_and_time_zone_are_fixed_by_bookings(database: &TestDatabase) {
        run(database, fixed_by_bookings);
    }

    fn an_offering_is_edited_and_bookings_keep_what_they_bought(database: &TestDatabase) {
        run(database, offering);
    }

    fn a_sale_window_is_kept_and_shown(database: &TestDatabase) {
        run(database, sale_window);
    }

    fn a_length_rule_is_declared_and_kept(database: &TestDatabase) {
        run(database, length_rule);
    }

    fn a_seat_map_is_changed_around_the_seats_that_are_sold(database: &TestDatabase) {
        run(database, seat_map);
    }

    fn what_is_withdrawn_is_sold_no_more_and_stays_readable(database: &TestDatabase) {
        run(database, withdrawn);
    }

    fn edits_are_refused_to_others_and_at_other_versions(database: &TestDatabase) {
        run(database, refused);
    }

    fn what_is_wrong_with_an_edit_is_named(database: &TestDatabase) {
        run(database, wrong);
    }

    fn edits_are_in_the_audit_log_and_in_the_outbox(database: &TestDatabase) {
        run(database, audited);
    }

    fn edits_and_bookings_that_race_leave_nothing_miscounted(database: &TestDatabase) {
        run(database, race);
    }
}

async fn edit(world: &World, path: &str, body: &Value) -> Reply {
    Call::patch(Owner, path, body).send(world).await
}

async fn venue(world: &World) {
    let evening = |date: &str| json!({"venue_id": "bistro", "booking_date": date, "booking_time": "19:30", "party_size": 2});
    let read = Call::get(Guest, "/api/v1/venues/bistro").send(world).await;
    assert_eq!((read.header("etag"), &read.json()["version"]), (Some("\"1\""), &json!(1)));
    let date = table()["booking_date"].as_str().unwrap().to_owned();
    let change = json!({"name": "Bistro Zwei", "opening_exceptions": {date.clone(): []}});
    let edited =
        Call::patch(Owner, "/api/v1/venues/bistro", &change).header("if-match", "\"1\"").send(world).await;
    let body = edited.expect(200);
    assert_eq!((&body["name"], &body["version"]), (&json!("Bistro Zwei"), &json!(2)));
    assert_eq!(body["opening_exceptions"], json!({date.clone(): []}));
    assert_eq!(edited.header("etag"), Some("\"2\""));
    assert_eq!(Call::get(Guest, "/api/v1/venues/bistro").send(world).await.expect(200), body);
    let closed = Call::post(Guest, "/api/v1/bookings", &evening(&date));
    closed.send(world).await.wrong(&["/booking_time"]);
    let check = Call::post(Guest, "/api/v1/bookings/availability/check", &evening(&date));
    check.send(world).await.wrong(&["/booking_time"]);

    let other_hours =
        json!({"expected_version": 2, "opening_exceptions": {date.clone(): [["00:00", "47:59"]]}});
    edit(world, "/api/v1/venues/bistro", &other_hours).await.expect(200);
    closed.send(world).await.expect(201);
    let renamed =
        json!({"expected_version": 3, "code": "zwei", "opening_exceptions": null, "opening_hours": null});
    let body = edit(world, "/api/v1/venues/bistro", &renamed).await.expect(200);
    assert_eq!((&body["opening_hours"], &body["opening_exceptions"]), (&Value::Null, &json!({})));
    Call::get(Guest, "/api/v1/venues/bistro").send(world).await.refused(404, "not-found");
    assert_eq!(Call::get(Guest, "/api/v1/venues/zwei").send(world).await.expect(200), body);
    let taken = json!({"expected_version": 4, "code": "double"});
    edit(world, "/api/v1/venues/zwei", &taken).await.refused(409, "code-taken");
}

async fn fixed_by_bookings(world: &World) {
    let abroad =
        |version: i64| json!({"expected_version": version, "currency": "JPY", "time_zone": "Asia/Tokyo"});
    let unused = edit(world, "/api/v1/venues/museum", &abroad(1)).await.expect(200);
    assert_eq!((&unused["currency"], &unused["time_zone"]), (&json!("JPY"), &json!("Asia/Tokyo")));
    let mug = book(world, &json!({"product_id": "museum-mug"})).await;
    assert_eq!(mug.json()["total_price"]["currency"], "JPY");
    for (field, value) in [("currency", "EUR"), ("time_zone", "Europe/Berlin")] {
        let change = json!({"expected_version": 2, field: value});
        let problem = edit(world, "/api/v1/venues/museum", &change).await.refused(409, "in-use");
        assert_eq!(problem["field"], field);
    }
    let same = json!({"expected_version": 2, "currency": "JPY", "name": "The shop"});
    edit(world, "/api/v1/venues/museum", &same).await.expect(200);
}

async fn offering(world: &World) {
    let read = Call::get(Guest, "/api/v1/offerings/double").send(world).await.expect(200);
    assert_eq!((&read["version"], &read["unit_price"]["amount"]), (&json!(1), &json!(12_950)));
    let before = book(world, &stay("2025-12-01", "2025-12-02")).await.json();
    let change =
        json!({"expected_version": 1, "unit_price": 20_000, "name": "Large double", "hold_minutes": 20});
    let body = edit(world, "/api/v1/offerings/double", &change).await.expect(200);
    assert_eq!((&body["version"], &body["confirmation"]), (&json!(2), &json!("hold")));
    let path = format!("/api/v1/bookings/{}", before["id"].as_str().unwrap());
    let kept = Call::get(Guest, path).send(world).await.expect(200);
    assert_eq!(kept["total_price"], before["total_price"]);
    let after = book(world, &stay("2025-12-01", "2025-12-02")).await.json();
    assert_eq!((&after["total_price"]["amount"], &after["status"]), (&json!(20_000), &json!("PENDING")));

    let suites = json!([[{"pool_id": world.pool("suites")}]]);
    let other = json!({"expected_version": 2, "recipes": suites});
    let problem = edit(world, "/api/v1/offerings/double", &other).await.refused(409, "in-use");
    assert_eq!(problem["field"], "recipes");
    let unsold = json!({"expected_version": 1, "recipes": [[{"pool_id": world.pool("breakfasts")}]]});
    let body = edit(world, "/api/v1/offerings/transfer", &unsold).await.expect(200);
    assert_eq!(body["recipes"][0][0]["pool_id"], json!(world.pool("breakfasts")));
    let instant = json!({"expected_version": 2, "hold_minutes": null, "active": false});
    let body = edit(world, "/api/v1/offerings/double", &instant).await.expect(200);
    assert_eq!((&body["confirmation"], &body["active"]), (&json!("instant"), &json!(false)));
    let closed = Call::post(Guest, "/api/v1/bookings", &stay("2025-12-05", "2025-12-06"));
    closed.send(world).await.wrong(&["/room_type_id"]);
}

async fn sale_window(world: &World) {
    let window = json!({
        "expected_version": 1, "on_sale_from": "2025-11-21T10:00:00Z", "on_sale_until": "2025-11-22T10:00:00Z",
    });
    edit(world, "/api/v1/offerings/museum-mug", &window).await.expect(200);
    let mug = json!({"product_id": "museum-mug"});
    let buy = Call::post(Guest, "/api/v1/bookings", &mug);
    let early = buy.send(world).await.refused(409, "not-on-sale");
    assert_eq!(early["on_sale_from"], "2025-11-21T10:00:00.000Z");
    let check = Call::post(Guest, "/api/v1/bookings/availability/check", &mug);
    let shown = check.send(world).await.expect(200);
    assert_eq!((&shown["available"], &shown["lines"][0]["available_units"]), (&json!(false), &json!(5)));
    assert_eq!(shown["lines"][0]["on_sale_until"], "2025-11-22T10:00:00.000Z");
    world.wait(24 * crate::world::HOUR_MS);
    assert_eq!(check.send(world).await.expect(200)["available"], true);
    buy.send(world).await.expect(201);
    world.wait(24 * crate::world::HOUR_MS);
    buy.send(world).await.refused(409, "not-on-sale");
    let open = json!({"expected_version": 2, "on_sale_from": null, "on_sale_until": null});
    edit(world, "/api/v1/offerings/museum-mug", &open).await.expect(200);
    buy.send(world).await.expect(201);
}

async fn length_rule(world: &World) {
    let stool = |minutes: i64| {
        json!({
            "venue_id": "bar", "inventory_item_id": "bar-stool", "booking_date": "2025-12-03",
            "booking_time": "19:00", "party_size": 1, "duration_minutes": minutes,
        })
    };
    let rule = json!({"expected_version": 1, "length_rule": {"kind": "choice", "minutes": [60, 90]}});
    let body = edit(world, "/api/v1/offerings/bar-stool", &rule).await.expect(200);
    assert_eq!(body["length_rule"], json!({"kind": "choice", "minutes": [60, 90]}));
    Call::post(Guest, "/api/v1/bookings", &stool(75)).send(world).await.wrong(&["/duration_minutes"]);
    Call::post(Guest, "/api/v1/bookings", &stool(60)).send(world).await.expect(201);
    let unusual = json!({"expected_version": 2, "duration_minutes": 120});
    edit(world, "/api/v1/offerings/bar-stool", &unusual).await.wrong(&["/length_rule"]);
    let range = json!({"kind": "range", "min_minutes": 60, "max_minutes": 180, "step_minutes": 30});
    let range = json!({"expected_version": 2, "duration_minutes": 120, "length_rule": range});
    edit(world, "/api/v1/offerings/bar-stool", &range).await.expect(200);
    let any =
        edit(world, "/api/v1/offerings/bar-stool", &json!({"expected_version": 3, "length_rule": null}))
            .await;
    assert_eq!(any.expect(200)["length_rule"], Value::Null);
}

async fn seat_map(world: &World) {
    let path = format!("/api/v1/pools/{}", world.pool("seats"));
    let seats = |labels: &[&str]| json!({"ticket_type_id": "concert-seat", "seats": labels});
    book(world, &seats(&["A-2", "B-3"])).await;
    let rows = |a: &[&str], b: &[&str]| json!([{"row": "A", "seats": a}, {"row": "B", "seats": b}]);
    let without = json!({"expected_version": 1, "seat_map": rows(&["1", "3", "4"], &["1", "2", "3", "4"])});
    let problem = edit(world, &path, &without).await.refused(409, "in-use");
    assert!(problem["detail"].as_str().unwrap().contains("A-2"), "{problem}");
    let wider = json!({"expected_version": 1, "seat_map": rows(&["0", "1", "2"], &["3", "4", "5"]), "name": "Stalls"});
    let body = edit(world, &path, &wider).await.expect(200);
    assert_eq!((&body["version"], &body["name"]), (&json!(2), &json!("Stalls")));
    let shown = Call::get(Guest, format!("{path}/slots")).send(world).await.expect(200);
    let taken = |seat: &str| {
        let found = shown["slots"].as_array().unwrap().iter().find(|slot| slot["seat"] == seat);
        found.map(|slot| slot["taken"].as_i64().unwrap())
    };
    assert_eq!(shown["slots"].as_array().unwrap().len(), 6);
    assert_eq!((taken("A-2"), taken("B-3"), taken("A-0"), taken("A-4")), (Some(1), Some(1), Some(0), None));
    let buy = async |labels: &[&str]| Call::post(Guest, "/api/v1/bookings", &seats(labels)).send(world).await;
    buy(&["A-2"]).await.refused(409, "unavailable");
    buy(&["A-4"]).await.wrong(&["/seats/0"]);
    buy(&["A-0", "A-1"]).await.expect(201);
    let best = json!({"ticket_type_id": "concert-seat", "seat_count": 2, "seats_together": true});
    let best = Call::post(Guest, "/api/v1/bookings", &best).send(world).await;
    if best.status == 201 {
        assert_eq!(best.json()["lines"][0]["seats"], json!(["B-4", "B-5"]), "{best:?}");
    }
    let unseated = format!("/api/v1/pools/{}", world.pool("floor"));
    let map = json!({"expected_version": 1, "seat_map": rows(&["1"], &["1"])});
    edit(world, &unseated, &map).await.wrong(&["/seat_map"]);
}

async fn withdrawn(world: &World) {
    let mug = json!({"product_id": "museum-mug"});
    let booked = book(world, &mug).await.json();
    let withdraw = |what: &str, body: Value| Call::post(Owner, format!("/api/v1/{what}/withdraw"), &body);
    withdraw("offerings/museum-mug", json!({"expected_version": 7}))
        .send(world)
        .await
        .refused(409, "version-conflict");
    let body = withdraw("offerings/museum-mug", json!({"expected_version": 1})).send(world).await.expect(200);
    assert_eq!((&body["version"], &body["withdrawn_at"]), (&json!(2), &json!("2025-11-20T10:00:00.000Z")));
    Call::post(Guest, "/api/v1/bookings", &mug).send(world).await.wrong(&["/product_id"]);
    let path = format!("/api/v1/bookings/{}", booked["id"].as_str().unwrap());
    let kept = Call::get(Guest, path).send(world).await.expect(200);
    assert_eq!((&kept["status"], &kept["lines"][0]["name"]), (&json!("CONFIRMED"), &json!("museum-mug")));
    assert_eq!(Call::get(Guest, "/api/v1/offerings/museum-mug").send(world).await.expect(200), body);
    let listed = Call::get(Guest, "/api/v1/venues/museum/offerings").send(world).await.expect(200);
    assert_eq!(listed["offerings"], json!([]));
    withdraw("offerings/museum-mug", json!({})).send(world).await.refused(409, "withdrawn");
    let again = json!({"expected_version": 2, "active": true});
    edit(world, "/api/v1/offerings/museum-mug", &again).await.refused(409, "withdrawn");

    let pool = format!("pools/{}", world.pool("doubles"));
    withdraw(&pool, json!({})).send(world).await.expect(200);
    let nights = Call::post(Guest, "/api/v1/bookings", &stay("2025-12-01", "2025-12-02"));
    nights.send(world).await.refused(409, "not-on-sale");
    withdraw("venues/hotel", json!({})).send(world).await.expect(200);
    let suite = json!({"room_type_id": "suite", "checkin_date": "2025-12-01", "checkout_date": "2025-12-02"});
    let suite = Call::post(Guest, "/api/v1/bookings", &suite).send(world).await;
    assert_eq!(suite.status, 400, "{suite:?}");
    let venues = Call::get(Guest, "/api/v1/venues").send(world).await.expect(200);
    assert!(venues["venues"].as_array().unwrap().iter().all(|venue| venue["code"] != "hotel"));
    let pool = json!({"name": "More", "kind": "nightly", "capacity": 1});
    Call::post(Owner, "/api/v1/venues/hotel/pools", &pool).send(world).await.refused(409, "withdrawn");
}

async fn refused(world: &World) {
    let pool = format!("/api/v1/pools/{}", world.pool("doubles"));
    for path in ["/api/v1/venues/hotel", "/api/v1/offerings/double", &pool] {
        let named = |version: i64| json!({"expected_version": version, "name": "Ours"});
        let by = async |caller: Caller, body: &Value| Call::patch(caller, path, body).send(world).await;
        by(Rival, &named(1)).await.refused(404, "not-found");
        by(Guest, &named(1)).await.refused(404, "not-found");
        by(FrontDesk, &named(1)).await.refused(403, "forbidden");
        Call::post(FrontDesk, format!("{path}/withdraw"), &json!({}))
            .send(world)
            .await
            .refused(403, "forbidden");
        Call::post(Rival, format!("{path}/withdraw"), &json!({})).send(world).await.refused(404, "not-found");
        let problem = by(Owner, &named(2)).await.refused(409, "version-conflict");
        assert_eq!((&problem["expected_version"], &problem["current_version"]), (&json!(2), &json!(1)));
        by(Manager, &named(1)).await.expect(200);
        by(Manager, &named(1)).await.refused(409, "version-conflict");
        let read = Call::get(Guest, path).send(world).await.expect(200);
        assert_eq!((&read["name"], &read["version"]), (&json!("Ours"), &json!(2)));
    }
}

async fn wrong(world: &World) {
    let bad = json!({
        "name": "", "code": "", "time_zone": "Mars", "currency": "XAU", "opening_hours": {"mon": 1},
        "opening_exceptions": {"24 December": []}, "kind": "hotel",
    });
    edit(world, "/api/v1/venues/hotel", &bad).await.wrong(&[
        "/code",
        "/currency",
        "/expected_version",
        "/kind",
        "/name",
        "/opening_exceptions",
        "/opening_hours",
        "/time_zone",
    ]);
    let pool = format!("/api/v1/pools/{}", world.pool("doubles"));
    let bad = json!({"name": "", "capacity": -1, "seat_map": [], "kind": "timed"});
    edit(world, &pool, &bad).await.wrong(&["/capacity", "/expected_version", "/kind", "/name", "/seat_map"]);
    let bad = json!({
        "expected_version": "1", "name": "", "unit_price": -1, "hold_minutes": 0, "party_min": 0, "party_max": 0,
        "duration_minutes": 1, "turn_minutes": -1, "length_rule": {"kind": "choice", "minutes": []},
        "starts_at": "soon", "on_sale_from": 1, "on_sale_until": "later", "active": 1, "recipes": [[]],
    });
    edit(world, "/api/v1/offerings/double", &bad).await.wrong(&[
        "/active",
        "/duration_minutes",
        "/expected_version",
        "/hold_minutes",
        "/length_rule",
        "/name",
        "/on_sale_from",
        "/on_sale_until",
        "/party_max",
        "/party_min",
        "/recipes/0",
        "/starts_at",
        "/turn_minutes",
        "/unit_price",
    ]);
    let contradicts = json!({
        "expected_version": 1, "party_min": 9, "on_sale_from": "2026-01-02T00:00:00Z",
        "on_sale_until": "2026-01-01T00:00:00Z", "recipes": [[{"pool_id": world.pool("mugs")}]],
    });
    edit(world, "/api/v1/offerings/double", &contradicts).await.wrong(&[
        "/on_sale_until",
        "/party_max",
        "/recipes",
    ]);
    let below = json!({"expected_version": 1, "capacity": 0});
    book(world, &stay("2025-12-01", "2025-12-02")).await;
    edit(world, &pool, &below).await.refused(409, "capacity-below-taken");
    let read = Call::get(Guest, &pool).send(world).await.expect(200);
    assert_eq!((&read["capacity"], &read["version"]), (&json!(2), &json!(1)), "nothing of it was kept");
}

/// The events of changes and withdrawals, with the versions they led to. A lane is one writer of both logs.
fn events_of_edits(connection: &mut Connection, vault: &Vault) -> Result<Vec<(String, i64)>, StoreError> {
    let audited = store::audit::list(connection, vault, None, None, 1_000)?;
    let writers: BTreeSet<i64> = audited.iter().map(|entry| entry.writer.0).collect();
    let mut events = Vec::new();
    for writer in writers {
        events.extend(store::outbox::of_writer(connection, Writer(writer), 0, 1_000)?);
    }
    events.retain(|event| event.kind.ends_with(".changed") || event.kind.ends_with(".withdrawn"));
    let mut told: Vec<_> = events.into_iter().map(|event| (event.kind, event.sequence)).collect();
    told.sort_unstable();
    Ok(told)
}

async fn audited(world: &World) {
    edit(world, "/api/v1/venues/hotel", &json!({"expected_version": 1, "name": "Hotel"})).await.expect(200);
    edit(world, "/api/v1/offerings/double", &json!({"expected_version": 1, "name": "Double"}))
        .await
        .expect(200);
    edit(world, "/api/v1/offerings/double", &json!({"expected_version": 1, "name": "Twin"}))
        .await
        .expect(409);
    Call::post(Owner, "/api/v1/offerings/double/withdraw", &json!({})).send(world).await.expect(200);
    let log = Call::get(Owner, "/api/v1/audit").send(world).await.expect(200);
    let acts: Vec<&str> =
        log["entries"].as_array().unwrap().iter().filter_map(|entry| entry["act"].as_str()).collect();
    // Each lane has a chain of its own, and all happened at one time: their order is not said.
    let mut of_edits: Vec<&str> =
        acts.into_iter().filter(|act| act.ends_with(".changed") || act.ends_with(".withdrawn")).collect();
    of_edits.sort_unstable();
    assert_eq!(of_edits, ["offering.changed", "offering.withdrawn", "venue.changed"], "{log}");
    let vault = world.app.vault.clone();
    let told = world.app.readers.ask(move |connection| events_of_edits(connection, &vault)).await.unwrap();
    let told: Vec<(&str, i64)> = told.iter().map(|(kind, sequence)| (kind.as_str(), *sequence)).collect();
    assert_eq!(told, [("offering.changed", 2), ("offering.withdrawn", 3), ("venue.changed", 2)]);
}

/// Buyers and editors at once: `run` recounts every unit afterwards.
async fn race(world: &World) {
    let pool = format!("/api/v1/pools/{}", world.pool("seats"));
    let buyers = async {
        let seat = json!({"ticket_type_id": "concert-seat", "seat_count": 1});
        let buy = Call::post(Guest, "/api/v1/bookings", &seat);
        futures_of((0..8).map(|_| buy.send(world))).await
    };
    let editor = async {
        let mut edited = 0;
        for (version, last) in (1..).zip(["4", "5", "6", "7"]) {
            let rows = json!([{"row": "A", "seats": ["1", "2", "3", last]}, {"row": "B", "seats": ["1", "2", "3", "4"]}]);
            let change = json!({"expected_version": version, "seat_map": rows});
            edited += i32::from(edit(world, &pool, &change).await.status == 200);
        }
        edited
    };
    let (bought, _) = tokio::join!(buyers, editor);
    let sold: Vec<Value> = bought.iter().filter(|reply| reply.status == 201).map(Reply::json).collect();
    let mut seats: Vec<String> =
        sold.iter().map(|booking| booking["lines"][0]["seats"][0].as_str().unwrap().to_owned()).collect();
    seats.sort();
    let count = seats.len();
    seats.dedup();
    assert_eq!(seats.len(), count, "a seat was sold twice: {seats:?}");
}

/// All of them, side by side.
async fn futures_of<F: Future<Output = Reply>>(calls: impl Iterator<Item = F>) -> Vec<Reply> {
    let mut calls: Vec<_> = calls.map(Box::pin).collect();
    let mut replies = Vec::new();
    std::future::poll_fn(|context| {
        calls.retain_mut(|call| match call.as_mut().poll(context) {
            std::task::Poll::Ready(reply) => {
                replies.push(reply);
                false
            }
            std::task::Poll::Pending => true,
        });
        if calls.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    replies
}
