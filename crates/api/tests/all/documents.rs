//! The request bodies of the requirements work unchanged, and so does every example of the OpenAPI document.

use axum::http::Method;
use serde_json::{Value, json};

use crate::client::Caller::{Guest, Nobody, Owner};
use crate::client::{Call, Reply};
use crate::contract;
use crate::world::{GUEST, World, guest_id, run};

testkit::on_both_databases! {
    fn the_nine_endpoints_do_what_the_document_says(database: &TestDatabase) {
        run(database, nine_endpoints);
    }

    fn the_hotel_body_of_seed_000_works(database: &TestDatabase) {
        run(database, hotel_body);
    }

    fn the_event_body_of_seed_002_works(database: &TestDatabase) {
        run(database, event_body);
    }

    fn the_documentation_is_served_without_any_outside_help(database: &TestDatabase) {
        run(database, served);
    }

    fn every_documented_example_is_accepted(database: &TestDatabase) {
        run(database, every_example);
    }
}

/// The flat fields of a booking.
pub fn table() -> Value {
    json!({
        "venue_id": "bistro", "booking_date": "2025-12-06", "booking_time": "19:30", "duration_minutes": 90,
        "party_size": 2, "guest_name": "Jane Doe", "guest_email": "jane@example.com", "guest_phone": "+49 30 1234567",
        "special_requests": "By the window", "source": "app", "metadata": {"campaign": "advent"},
        "idempotency_key": "table-1"
    })
}

pub fn stay(checkin: &str, checkout: &str) -> Value {
    json!({
        "room_type_id": "double", "checkin_date": checkin, "checkout_date": checkout,
        "num_rooms": 1, "num_guests": 1, "guests": [{"name": "Jane Doe", "age": 28}]
    })
}

pub async fn book(world: &World, body: &Value) -> Reply {
    let reply = Call::post(Guest, "/api/v1/bookings", body).send(world).await;
    reply.expect(201);
    reply
}

async fn nine_endpoints(world: &World) {
    let created = book(world, &table()).await;
    let booking = created.json();
    let reference = created.text("/booking_reference");
    assert!(reference.starts_with("BR-20251120-"), "{reference}");
    assert_eq!(booking["status"], "CONFIRMED");
    assert_eq!(booking["version"], 1);
    assert_eq!(booking["guest_id"], guest_id(GUEST));
    assert_eq!(booking["venue_type"], "restaurant");
    assert_eq!(booking["end_time"], "21:00:00");
    assert_eq!(booking["metadata"], json!({"campaign": "advent"}));
    assert_eq!(booking["confirmed_at"], booking["created_at"]);

    let path = format!("/api/v1/bookings/{}", created.id());
    let read = Call::get(Guest, &path).send(world).await;
    assert_eq!(read.expect(200), booking);
    assert_eq!(read.header("etag"), Some("\"1\""));
    let read = Call::get(Guest, format!("/api/v1/bookings/reference/{reference}")).send(world).await;
    assert_eq!(read.expect(200), booking);

    let change = json!({"expected_version": 1, "booking_time": "20:00"});
    let updated = Call::put(Guest, &path, &change).send(world).await.expect(200);
    assert_eq!((&updated["version"], &updated["booking_time"]), (&json!(2), &json!("20:00:00")));
    assert_eq!(updated["end_time"], "21:30:00");

    let arrived = json!({"status": "CHECKED_IN", "expected_version": 2, "reason": "arrived"});
    let arrived = Call::post(Owner, format!("{path}/status"), &arrived).send(world).await.expect(200);
    assert_eq!((&arrived["status"], &arrived["version"]), (&json!("CHECKED_IN"), &json!(3)));

    let cancel = json!({"expected_version": 3, "reason": "ill"});
    let cancelled = Call::post(Guest, format!("{path}/cancel"), &cancel).send(world).await.expect(200);
    assert_eq!(
        (&cancelled["status"], &cancelled["cancellation_reason"]),
        (&json!("CANCELLED"), &json!("ill"))
    );
    assert_eq!(cancelled["cancelled_by"], guest_id(GUEST));

    let of_guest = Call::get(Guest, format!("/api/v1/bookings/guest/{}", guest_id(GUEST))).send(world).await;
    assert_eq!(of_guest.expect(200)["bookings"], json!([cancelled]));
    let of_venue = Call::get(Owner, format!("/api/v1/bookings/venue/{}", world.venue("bistro")));
    assert_eq!(of_venue.send(world).await.expect(200)["bookings"][0]["id"], booking["id"]);

    let check =
        json!({"venue_id": "bistro", "booking_date": "2025-12-06", "booking_time": "20:00", "party_size": 2});
    let check =
        Call::post(Guest, "/api/v1/bookings/availability/check", &check).send(world).await.expect(200);
    assert_eq!((&check["available"], &check["price_estimate"]["amount"]), (&json!(true), &json!(0)));

    let history = Call::get(Guest, format!("{path}/history")).send(world).await.expect(200);
    let steps: Vec<_> =
        history["history"].as_array().unwrap().iter().map(|entry| entry["to_status"].clone()).collect();
    assert_eq!(steps, ["CONFIRMED", "CONFIRMED", "CHECKED_IN", "CANCELLED"]);
    assert_eq!(history["history"][3]["reason"], "ill");
}

async fn hotel_body(world: &World) {
    let examples = contract::examples();
    let (.., body) = examples
        .iter()
        .find(|(_, path, name, _)| *path == "/api/v1/bookings" && name.starts_with("a-stay"))
        .unwrap();
    assert_eq!(body["hotel_id"], "123e4567-e89b-12d3-a456-426614174000");
    let booking = book(world, body).await.json();
    assert_eq!(booking["guest_name"], "John Doe");
    assert_eq!(booking["guests"], body["guests"]);
    assert_eq!(booking["total_price"], json!({"amount": 4 * 12_950 + 4_500, "currency": "EUR"}));
    assert_eq!(booking["lines"][0]["kind"], "stay");
    assert_eq!(booking["lines"][1]["kind"], "service");
    assert_eq!(booking["lines"][1]["scheduled_for"], "2025-12-01T13:00:00.000Z");
}

async fn event_body(world: &World) {
    let body = json!({"event_id": 1, "seat_count": 1});
    for _ in 0..5 {
        let booking = book(world, &body).await.json();
        assert_eq!(booking["lines"][0]["seat_count"], 1);
    }
    let sold_out = Call::post(Guest, "/api/v1/bookings", &body).send(world).await;
    sold_out.refused(409, "unavailable");
    let unknown = json!({"event_id": 99, "seat_count": 1});
    let unknown = Call::post(Guest, "/api/v1/bookings", &unknown).send(world).await;
    let problem = unknown.refused(404, "not-found");
    assert_eq!(problem["errors"][0]["pointer"], "/event_id");
    let product = json!({"product_id": "museum-mug", "quantity": 2});
    assert_eq!(book(world, &product).await.json()["total_price"]["amount"], 2_580);
}

async fn served(world: &World) {
    let document = Call::get(Nobody, "/openapi.json").send(world).await.expect(200);
    assert_eq!(document, *contract::DOCUMENT);
    assert_eq!(document["openapi"], "3.1.0");
    let redirect = Call::get(Nobody, "/docs").send(world).await;
    assert_eq!((redirect.status.as_u16(), redirect.header("location")), (308, Some("/docs/")));
    let page = Call::get(Nobody, "/docs/").send(world).await;
    assert_eq!(page.header("content-type"), Some("text/html"));
    let page = String::from_utf8(page.bytes).unwrap();
    assert!(!page.contains("//"), "the page loads nothing from elsewhere: {page}");
    let (mut loaded, loads) = (0, [".js", ".css"]);
    for part in page.split(['"', '\'']).filter(|part| loads.iter().any(|end| part.ends_with(end))) {
        let file = Call::get(Nobody, format!("/docs/{}", part.trim_start_matches("./"))).send(world).await;
        assert_eq!(file.status.as_u16(), 200, "{part}");
        assert!(String::from_utf8(file.bytes).is_ok_and(|text| !text.is_empty()), "{part} is a text");
        loaded += 1;
    }
    assert!(loaded >= 4, "{page}");
    let start = Call::get(Nobody, "/docs/swagger-initializer.js").send(world).await;
    let start = String::from_utf8(start.bytes).unwrap();
    assert!(start.contains("/openapi.json") && start.contains("\"validatorUrl\": \"none\""), "{start}");
}

/// One after the other. A body that changes a booking is sent for a new table.
async fn every_example(world: &World) {
    let examples = contract::examples();
    assert!(examples.len() > 20, "{}", examples.len());
    for (method, path, name, body) in examples {
        let schema = &contract::DOCUMENT["paths"][path][method.as_str().to_lowercase()]["requestBody"]["content"]
            ["application/json"]["schema"];
        assert_eq!(contract::mismatch(schema, body, ""), None, "{path} {name}");
        // Requests of people contain secrets, which an example cannot have; `auth` and `businesses` send their own.
        if ["/auth/", "/businesses", "/invitations"].iter().any(|part| path.contains(part)) {
            continue;
        }
        let caller = if path.contains("bookings") || path.contains("orders") { Guest } else { Owner };
        let staff = ["/status", "/search"].iter().any(|end| path.ends_with(end));
        let caller = if staff { Owner } else { caller };
        let booked = if path.starts_with("/api/v1/bookings/{id}") {
            let mut table = table();
            table.as_object_mut().unwrap().remove("idempotency_key");
            Some(book(world, &table).await.id())
        } else {
            None
        };
        let id = match path {
            "/api/v1/venues/{id}/withdraw" => "bar".to_owned(),
            "/api/v1/pools/{id}/withdraw" => world.pool("stools").to_string(),
            "/api/v1/offerings/{id}/withdraw" => "cellar-tasting".to_owned(),
            _ if path.starts_with("/api/v1/pools") => world.pool("doubles").to_string(),
            _ if path.starts_with("/api/v1/offerings") => "double".to_owned(),
            _ if path.starts_with("/api/v1/venues") => "bistro".to_owned(),
            _ => booked.clone().unwrap_or_default(),
        };
        let path = path.replace("{id}", &id);
        let reply = Call::new(caller, method, &path).body(body.to_string()).send(world).await;
        assert!(reply.status.is_success(), "{path} {name}: {reply:?}");
        let made = reply.json();
        let singles = booked.into_iter().chain(made["id"].as_str().map(str::to_owned));
        let several = made["bookings"].as_array().cloned().unwrap_or_default();
        let several = several.iter().map(|booking| booking["id"].as_str().unwrap().to_owned());
        for id in singles.chain(several).filter(|id| id.starts_with("bkg_")) {
            let cancel = Call::new(Owner, Method::POST, format!("/api/v1/bookings/{id}/cancel"));
            cancel.send(world).await;
        }
    }
    let problem = Call::get(Nobody, "/problems/unavailable").send(world).await.expect(200);
    assert_eq!(problem["status"], 409);
}
