//! Every kind of problem occurs as documented. Those that need a broken database are tested by `store` and the
//! server.

use std::collections::BTreeSet;
use std::path::Path;

use axum::http::Method;
use serde_json::{Value, json};

use crate::client::Call;
use crate::client::Caller::{Admin, Guest, Nobody, Owner};
use crate::contract::DOCUMENT;
use crate::documents::{book, stay, table};
use crate::world::{MINUTE_MS, World, run};

testkit::on_both_databases! {
    fn bookings_are_refused_as_documented(database: &TestDatabase) {
        run(database, bookings);
    }

    fn what_no_booking_is_about_is_refused_as_documented(database: &TestDatabase) {
        run(database, others);
    }

    fn fields_are_refused_by_name(database: &TestDatabase) {
        run(database, fields);
    }
}

#[test]
fn every_kind_of_problem_is_asserted_by_some_test() {
    let mut sources = String::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests"), &mut sources);
    let calls =
        sources.split(".refused(").filter_map(|call| call.split_once(')').map(|(arguments, _)| arguments));
    let asserted: BTreeSet<&str> = calls.filter_map(|arguments| arguments.split('"').nth(1)).collect();
    // Met only where the database fails.
    let elsewhere = ["internal", "database-unavailable", "outcome-unknown"];
    for kind in DOCUMENT["components"]["schemas"]["Problem"]["properties"]["type"]["enum"].as_array().unwrap()
    {
        let name = kind.as_str().unwrap().strip_prefix("/problems/").unwrap();
        assert!(elsewhere.contains(&name) || asserted.contains(name), "no test asserts {name}");
    }
}

/// The sources below a directory, without white space.
fn collect(directory: &Path, sources: &mut String) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, sources);
        } else {
            sources.extend(std::fs::read_to_string(path).unwrap().split_whitespace());
        }
    }
}

async fn bookings(world: &World) {
    let created = book(world, &table()).await;
    let path = format!("/api/v1/bookings/{}", created.id());

    let stale = json!({"expected_version": 7, "guest_name": "Somebody Else"});
    let problem = Call::put(Guest, &path, &stale).send(world).await.refused(409, "version-conflict");
    assert_eq!((&problem["expected_version"], &problem["current_version"]), (&json!(7), &json!(1)));
    let stale = json!({"expected_version": 2});
    Call::post(Guest, format!("{path}/cancel"), &stale).send(world).await.refused(409, "version-conflict");
    let stale = json!({"expected_version": 0, "status": "CHECKED_IN"});
    Call::post(Owner, format!("{path}/status"), &stale).send(world).await.refused(409, "version-conflict");

    let guest = json!({"status": "CHECKED_IN"});
    Call::post(Guest, format!("{path}/status"), &guest).send(world).await.refused(403, "forbidden");
    let back = json!({"status": "PENDING"});
    let problem = Call::post(Owner, format!("{path}/status"), &back)
        .send(world)
        .await
        .refused(400, "transition-refused");
    assert_eq!(problem["allowed"], json!(["CHECKED_IN", "CANCELLED", "COMPLETED", "NO_SHOW"]));

    let expected = json!({"event_id": 1, "seat_count": 2, "expected_total": 1});
    let problem =
        Call::post(Guest, "/api/v1/bookings", &expected).send(world).await.refused(409, "price-changed");
    assert_eq!((&problem["expected_amount"], &problem["actual_amount"]), (&json!(1), &json!(8_000)));
    let money =
        json!({"event_id": 1, "seat_count": 1, "expected_total": {"amount": 4_000, "currency": "EUR"}});
    book(world, &money).await;

    let full = json!({"product_id": "museum-mug", "quantity": 6});
    let problem = Call::post(Guest, "/api/v1/bookings", &full).send(world).await.refused(409, "unavailable");
    assert_eq!(problem["pool_id"], world.pool("mugs").to_string());

    let reused = json!({"product_id": "museum-mug", "idempotency_key": "table-1"});
    Call::post(Guest, "/api/v1/bookings", &reused).send(world).await.refused(409, "idempotency-key-reused");

    Call::new(Guest, Method::POST, format!("{path}/cancel")).send(world).await.expect(200);
    let late = json!({"expected_version": 2, "party_size": 1});
    Call::put(Guest, &path, &late).send(world).await.refused(400, "not-changeable");
    Call::new(Guest, Method::POST, format!("{path}/cancel"))
        .send(world)
        .await
        .refused(400, "transition-refused");

    let mut held = stay("2025-12-01", "2025-12-02");
    held["room_type_id"] = json!("suite");
    let held = book(world, &held).await.id();
    world.wait(30 * MINUTE_MS);
    let confirm = json!({"status": "CONFIRMED"});
    Call::post(Owner, format!("/api/v1/bookings/{held}/status"), &confirm)
        .send(world)
        .await
        .refused(400, "hold-ended");
}

async fn others(world: &World) {
    Call::get(Nobody, "/api/v1/venues").send(world).await.refused(401, "unauthorized");
    for path in [
        "/",
        "/api",
        "/api/v1",
        "/api/v1/nothing",
        "/api/v1/bookings/",
        "/docs/nothing.js",
        "/problems/nothing",
    ] {
        Call::get(Guest, path).send(world).await.refused(404, "not-found");
    }
    let wrong = Call::new(Guest, Method::DELETE, "/api/v1/bookings").send(world).await;
    wrong.refused(405, "method-not-allowed");
    assert_eq!(wrong.header("allow"), Some("POST"));
    let large = Call::new(Guest, Method::POST, "/api/v1/bookings").body(vec![b' '; 256 * 1024 + 1]);
    large.send(world).await.refused(413, "body-too-large");
    let code = json!({"code": "bistro", "kind": "cafe", "name": "A", "time_zone": "UTC", "currency": "EUR"});
    let mut code = Call::post(Owner, "/api/v1/venues", &code);
    code.send(world).await.refused(409, "code-taken");
    code.caller = Admin;
    code.send(world).await.refused(409, "code-taken");
    let offering = json!({"code": "double", "kind": "service", "name": "A", "unit_price": 1});
    Call::post(Owner, "/api/v1/venues/bistro/offerings", &offering)
        .send(world)
        .await
        .refused(409, "code-taken");
}

async fn fields(world: &World) {
    for (body, pointers) in wrong_stays().into_iter().chain(wrong_seatings()).chain(wrong_counts()) {
        let checked = Call::post(Guest, "/api/v1/bookings/preview", &body).send(world).await;
        if pointers.is_empty() {
            checked.expect(200);
        } else {
            let preview = checked.wrong(pointers);
            let made = Call::post(Guest, "/api/v1/bookings", &body).send(world).await.wrong(pointers);
            assert_eq!(preview, made, "a preview refuses what the booking itself would be refused for");
        }
    }
}

/// A body, and its invalid fields.
type Case = (Value, &'static [&'static str]);

/// A valid body with other fields.
fn changed(mut body: Value, change: &Value) -> Value {
    body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    body
}

fn wrong_stays() -> Vec<Case> {
    let two = json!({"name": "Jane Doe", "age": 28});
    let stay = |change: Value| changed(stay("2025-12-01", "2025-12-03"), &change);
    vec![
        (stay(json!({"checkin_date": "2025-11-19"})), &["/checkin_date"]),
        (stay(json!({"checkin_date": "2025-11-20"})), &[]),
        (stay(json!({"checkout_date": "2025-12-01"})), &["/checkout_date"]),
        (stay(json!({"checkout_date": "2025-12-31"})), &[]),
        (stay(json!({"checkout_date": "2026-01-01"})), &["/checkout_date"]),
        (stay(json!({"checkin_date": "9999-12-30", "checkout_date": "9999-12-31"})), &["/checkin_date"]),
        (stay(json!({"num_rooms": 0})), &["/num_rooms"]),
        (stay(json!({"num_rooms": 6})), &["/num_rooms"]),
        (stay(json!({"num_guests": 2})), &["/guests"]),
        (stay(json!({"num_guests": 0, "guests": []})), &["/num_guests"]),
        (stay(json!({"num_guests": 21, "guests": vec![two.clone(); 21]})), &["/guests"]),
        (stay(json!({"num_guests": 3, "guests": vec![two.clone(); 3]})), &["/num_guests"]),
        (
            stay(json!({"guests": [{"name": "J", "age": 151, "gender": "X"}]})),
            &["/guests/0/age", "/guests/0/gender", "/guests/0/name"],
        ),
        (stay(json!({"guests": [{}]})), &["/guests/0/age", "/guests/0/name"]),
        (stay(json!({"hotel_id": "bistro"})), &["/hotel_id"]),
        (
            stay(
                json!({"hotel_id": "nowhere", "room_type_id": "nothing", "checkin_date": "2025-11-01", "num_rooms": 9}),
            ),
            &["/checkout_date", "/hotel_id", "/num_rooms", "/room_type_id"],
        ),
        (stay(json!({"room_type_id": "bistro-two"})), &["/room_type_id"]),
        (
            stay(json!({"pre_services": [{"service_id": "transfer", "quantity": 11}]})),
            &["/pre_services/0/quantity"],
        ),
        (
            stay(
                json!({"pre_services": [{"service_id": "transfer", "scheduled_for": "2025-11-20T10:59:59"}]}),
            ),
            &["/pre_services/0/scheduled_for"],
        ),
        (stay(json!({"pre_services": [{"service_id": "double"}, 7]})), &["/pre_services/1"]),
    ]
}

fn wrong_seatings() -> Vec<Case> {
    let table = |change: Value| changed(table(), &change);
    vec![
        (table(json!({"party_size": 5})), &["/party_size"]),
        (table(json!({"party_size": 0})), &["/party_size"]),
        (table(json!({"booking_time": "19:35"})), &["/booking_time"]),
        (table(json!({"booking_time": "11:45"})), &["/booking_time"]),
        (table(json!({"booking_time": "24:00"})), &["/booking_time"]),
        (table(json!({"booking_date": "2025-11-19"})), &["/booking_date"]),
        (table(json!({"booking_date": "2025-11-20", "booking_time": "10:45"})), &["/booking_time"]),
        (table(json!({"duration_minutes": 4})), &["/duration_minutes"]),
        (table(json!({"duration_minutes": 1_441})), &["/duration_minutes"]),
        (table(json!({"venue_id": "museum"})), &["/venue_id"]),
        (table(json!({"inventory_item_id": "double"})), &["/inventory_item_id"]),
        (table(json!({"kind": "table", "experience_id": "cellar-tasting"})), &["/experience_id"]),
        (
            table(json!({"guest_email": "@", "guest_phone": "call me", "venue_type": "boat"})),
            &["/guest_email", "/guest_phone", "/venue_type"],
        ),
        (table(json!({"internal_notes": "VIP"})), &["/internal_notes"]),
        (table(json!({"metadata": [1]})), &["/metadata"]),
        (table(json!({"metadata": {"long": "x".repeat(4_096)}})), &["/metadata"]),
        (
            table(json!({"expected_total": {"amount": 1.5, "tax": 1}})),
            &["/expected_total/amount", "/expected_total/tax"],
        ),
        (table(json!({"guest_id": "vnu_1"})), &["/guest_id"]),
        (table(json!({"guest_name": "x".repeat(101)})), &["/guest_name"]),
        (table(json!({"special_requests": "a\u{0}b"})), &["/special_requests"]),
    ]
}

fn wrong_counts() -> Vec<Case> {
    vec![
        (json!({}), &["/lines"]),
        (json!({"event_id": 1, "seat_count": 0}), &["/seat_count"]),
        (json!({"event_id": 1, "seat_count": 101}), &["/seat_count"]),
        (json!({"event_id": 1, "seats": ["A-1"]}), &["/seats"]),
        (json!({"ticket_type_id": "concert-seat", "seats": ["A-1", "A-1"]}), &["/seats"]),
        (json!({"ticket_type_id": "concert-seat", "seats": ["A-9", "A-1"]}), &["/seats/0"]),
        (json!({"ticket_type_id": "concert-seat", "seats": ["A-1"], "seat_count": 2}), &["/seat_count"]),
        (json!({"event_id": "museum", "ticket_type_id": "concert-seat", "seat_count": 1}), &["/event_id"]),
        (json!({"product_id": "museum-mug", "quantity": 10_001}), &["/quantity"]),
        (json!({"product_id": "museum-mug", "quantity": 1.0}), &["/quantity"]),
        (json!({"product_id": ""}), &["/product_id"]),
        (
            json!({"product_id": true, "quantity": "1", "source": "", "": 1, "a/b~c": 2}),
            &["/", "/a~1b~0c", "/product_id", "/quantity", "/source"],
        ),
        (json!({"lines": [], "party_size": 2}), &["/lines", "/party_size"]),
        (json!({"lines": vec![json!({"kind": "product", "product_id": "museum-mug"}); 21]}), &["/lines"]),
    ]
}
