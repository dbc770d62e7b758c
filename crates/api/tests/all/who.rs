//! Permissions: each route called without authentication, by strangers, and by permitted callers.

use axum::http::Method;
use serde_json::{Value, json};

use crate::client::Call;
use crate::client::Caller::{self, Admin, Guest, Newcomer, Nobody, Owner, Rival, Stranger};
use crate::contract::{self, DOCUMENT};
use crate::documents::{book, table};
use crate::world::{GUEST, NEWCOMER, NOW, STRANGER, World, guest_id, run};

testkit::on_both_databases! {
    fn unauthenticated_calls_are_refused(database: &TestDatabase) {
        run(database, nobody);
    }

    fn strangers_find_nothing(database: &TestDatabase) {
        run(database, strangers);
    }

    fn permitted_calls_succeed(database: &TestDatabase) {
        run(database, roles);
    }

    fn a_booking_belongs_to_the_guest_of_the_token(database: &TestDatabase) {
        run(database, ownership);
    }

    fn what_the_venue_notes_no_guest_sees(database: &TestDatabase) {
        run(database, internal_notes);
    }
}

/// Every documented operation, its parameters filled in.
pub fn operations(world: &World, booking: &str, order: &str) -> Vec<(Method, String)> {
    let mut found = Vec::new();
    for (path, item) in DOCUMENT["paths"].as_object().unwrap() {
        let id = match path.as_str() {
            path if path.starts_with("/api/v1/orders") => order.to_owned(),
            path if path.starts_with("/api/v1/jobs") => "job_0190f5c41b0a7c3e8a41d2f07b6c9e55".to_owned(),
            path if path.starts_with("/api/v1/pools") => world.pool("doubles").to_string(),
            path if path.starts_with("/api/v1/venues") => world.venue("bistro").to_string(),
            path if path.starts_with("/api/v1/offerings") => "double".to_owned(),
            path if path.starts_with("/api/v1/events") => "concert-seat".to_owned(),
            _ => booking.to_owned(),
        };
        let path = path.replace("{id}", &id).replace("{guest_id}", &guest_id(GUEST));
        let path = path.replace("{venue_id}", &world.venue("bistro").to_string());
        let path = path.replace("{reference}", "BR-20251120-2222222222").replace("{kind}", "unavailable");
        for method in item.as_object().unwrap().keys() {
            found.push((method.to_uppercase().parse().unwrap(), path.clone()));
        }
    }
    found
}

async fn nobody(world: &World) {
    let booking = book(world, &table()).await.id();
    let operations = operations(world, &booking, "ord_0190f5c41b0a7c3e8a41d2f07b6c9e55");
    let is_open = |method: &Method, path: &str| {
        let documented = contract::operation(method, path).unwrap();
        documented["security"].is_null()
    };
    assert!(operations.len() > 20);
    for (method, path) in operations {
        for body in ["{}", "{\"a\":", ""] {
            let reply = Call::new(Nobody, method.clone(), &path).body(body).send(world).await;
            if is_open(&method, &path) {
                assert_ne!(reply.refusal().as_deref(), Some("/problems/unauthorized"), "{reply:?}");
            } else {
                reply.refused(401, "unauthorized");
                assert_eq!(reply.header("www-authenticate"), Some("Bearer"));
            }
        }
    }
    let mut expired = Call::get(Admin, "/api/v1/venues");
    expired.send(world).await.expect(200);
    world.app.clock.set(NOW + 1_001 * 86_400_000);
    let token = world.token(Guest).unwrap().to_owned();
    expired.caller = Nobody;
    for header in [
        format!("Bearer {token}"),
        "Bearer".into(),
        "Bearer ".into(),
        "Bearer x.y.z".into(),
        "Basic dTpw".into(),
        token.clone(),
        format!("Bearer {token} {token}"),
        "\u{fc}".into(),
    ] {
        let call = expired.clone().header("authorization", header);
        call.send(world).await.refused(401, "unauthorized");
    }
}

/// A valid body for every operation on resources that have an owner.
fn body_for(method: &Method, path: &str) -> Value {
    match (method.as_str(), path) {
        ("PATCH", _) => json!({"expected_version": 1, "name": "Ours"}),
        ("PUT", path) if path.contains("/pools/") => json!({"capacity": 5}),
        ("PUT", _) => json!({"expected_version": 1, "guest_name": "Somebody Else"}),
        ("POST", path) if path.ends_with("/status") => json!({"status": "CHECKED_IN"}),
        ("POST", path) if path.ends_with("/pools") => json!({"name": "A", "kind": "quantity", "capacity": 1}),
        ("POST", path) if path.ends_with("/offerings") => {
            json!({"kind": "service", "name": "A", "unit_price": 1})
        }
        _ => json!({}),
    }
}

async fn strangers(world: &World) {
    let mut table = table();
    table.as_object_mut().unwrap().remove("idempotency_key");
    let order = Call::post(Guest, "/api/v1/orders", &json!({"bookings": [table]})).send(world).await;
    let (order_id, booking) = (order.id(), order.text("/bookings/0/id"));
    let reference = order.text("/bookings/0/booking_reference");
    let everyones = |method: &Method, path: &str| {
        let shown = ["/venues", "/pools/", "/offerings/", "/events"];
        let reading = *method == Method::GET && shown.iter().any(|part| path.contains(part));
        let making = ["/bookings", "/search", "/preview", "/check", "/orders", "/catalogue", "/venues"];
        reading || !path.starts_with("/api") || making.iter().any(|end| path.ends_with(end))
    };
    for (method, path) in operations(world, &booking, &order_id) {
        let path = path.replace("BR-20251120-2222222222", &reference);
        // The operations of people and businesses, and the audit log, are covered by `walk`.
        if ["/auth/", "/businesses", "/invitations", "/.well-known", "/audit"]
            .iter()
            .any(|part| path.contains(part))
        {
            continue;
        }
        if everyones(&method, &path) {
            continue;
        }
        for stranger in [Stranger, Rival] {
            // A business may list any guest's bookings, and sees none at other businesses' venues.
            let call = Call::new(stranger, method.clone(), &path).body(body_for(&method, &path).to_string());
            let reply = call.send(world).await;
            if stranger == Rival && path.contains("/guest/") {
                assert_eq!(reply.expect(200)["bookings"], json!([]));
            } else {
                reply.refused(404, "not-found");
            }
        }
    }
    let venue = json!({"kind": "cafe", "name": "A", "time_zone": "UTC", "currency": "EUR"});
    Call::post(Guest, "/api/v1/venues", &venue).send(world).await.refused(403, "forbidden");
    Call::post(Guest, "/api/v1/catalogue", &json!({"venues": [venue]}))
        .send(world)
        .await
        .refused(403, "forbidden");
    let foreign = json!({"business_id": "biz_0190f5c41b0a7c3e8a41d2f07b6c9e55", "kind": "cafe", "name": "A",
        "time_zone": "UTC", "currency": "EUR"});
    Call::post(Rival, "/api/v1/venues", &foreign).send(world).await.refused(403, "forbidden");
    let unchanged = Call::get(Guest, format!("/api/v1/bookings/{booking}")).send(world).await.expect(200);
    assert_eq!(unchanged, order.json()["bookings"][0]);

    // A business books at its own venues only.
    Call::post(Rival, "/api/v1/bookings", &json!({"product_id": "museum-mug"}))
        .send(world)
        .await
        .wrong(&[""]);
    let lines = json!({"lines": [{"kind": "product", "product_id": "museum-mug"}]});
    Call::post(Rival, "/api/v1/bookings", &lines).send(world).await.wrong(&["/lines/0"]);
}

async fn roles(world: &World) {
    for who in [Guest, Owner, Admin] {
        let made =
            Call::post(who, "/api/v1/bookings", &json!({"product_id": "museum-mug"})).send(world).await;
        made.expect(201);
        let path = format!("/api/v1/bookings/{}", made.id());
        Call::get(who, &path).send(world).await.expect(200);
        Call::get(who, format!("{path}/history")).send(world).await.expect(200);
        let change = json!({"expected_version": 1, "special_requests": "Wrapped"});
        Call::put(who, &path, &change).send(world).await.expect(200);
        let done = json!({"status": "COMPLETED"});
        let complete = Call::post(who, format!("{path}/status"), &done).send(world).await;
        if who == Guest {
            complete.refused(403, "forbidden");
            let cancel = json!({"status": "CANCELLED", "reason": "Changed my mind"});
            Call::post(who, format!("{path}/status"), &cancel).send(world).await.expect(200);
        } else {
            complete.expect(200);
        }
    }
    // Only the venue may set a status other than CANCELLED, whether or not the transition is possible.
    let made = book(world, &json!({"product_id": "museum-mug"})).await.id();
    for state in ["PENDING", "CONFIRMED", "CHECKED_IN", "COMPLETED", "NO_SHOW", "EXPIRED"] {
        let change = json!({"status": state});
        let call = Call::post(Guest, format!("/api/v1/bookings/{made}/status"), &change);
        call.send(world).await.refused(403, "forbidden");
    }
    let no_show = json!({"status": "NO_SHOW"});
    Call::post(Admin, format!("/api/v1/bookings/{made}/status"), &no_show).send(world).await.expect(200);
}

async fn ownership(world: &World) {
    let for_another = json!({"product_id": "museum-mug", "guest_id": guest_id(STRANGER)});
    let made = book(world, &for_another).await.json();
    assert_eq!(made["guest_id"], guest_id(GUEST), "a guest books for themselves, whatever the body says");
    let by_venue = Call::post(Owner, "/api/v1/bookings", &for_another).send(world).await;
    assert_eq!(by_venue.expect(201)["guest_id"], guest_id(STRANGER));
    Call::get(Stranger, format!("/api/v1/bookings/{}", by_venue.id())).send(world).await.expect(200);
    let walk_in =
        Call::post(Owner, "/api/v1/bookings", &json!({"product_id": "museum-mug"})).send(world).await;
    assert!(walk_in.text("/guest_id").starts_with("gst_"));
    // A member acting for a business sees the business's bookings, not their own.
    let as_business = Caller::GuestAtRival;
    let path = format!("/api/v1/bookings/{}", made["id"].as_str().unwrap());
    Call::get(as_business, path).send(world).await.refused(404, "not-found");
    let none = Call::get(Newcomer, format!("/api/v1/bookings/guest/{NEWCOMER}")).send(world).await;
    assert_eq!(none.expect(200), json!({"bookings": [], "next_cursor": null}));
}

async fn internal_notes(world: &World) {
    let noted =
        json!({"product_id": "museum-mug", "guest_id": guest_id(GUEST), "internal_notes": "Pays late"});
    let made = Call::post(Owner, "/api/v1/bookings", &noted).send(world).await;
    assert_eq!(made.expect(201)["internal_notes"], "Pays late");
    let path = format!("/api/v1/bookings/{}", made.id());
    for path in [path.clone(), format!("/api/v1/bookings/reference/{}", made.text("/booking_reference"))] {
        assert_eq!(Call::get(Owner, &path).send(world).await.expect(200)["internal_notes"], "Pays late");
        let seen = Call::get(Guest, &path).send(world).await;
        assert!(!String::from_utf8_lossy(&seen.bytes).contains("internal_notes"), "{seen:?}");
    }
    let listed = Call::get(Guest, format!("/api/v1/bookings/guest/{}", guest_id(GUEST))).send(world).await;
    assert!(!String::from_utf8_lossy(&listed.bytes).contains("Pays late"));
    let change = json!({"expected_version": 1, "special_requests": "Wrapped"});
    let changed = Call::put(Guest, &path, &change).send(world).await;
    assert!(changed.expect(200).get("internal_notes").is_none(), "and no guest loses them");
    assert_eq!(Call::get(Owner, &path).send(world).await.expect(200)["internal_notes"], "Pays late");
    let write = json!({"expected_version": 2, "internal_notes": null});
    Call::put(Guest, &path, &write).send(world).await.wrong(&["/internal_notes"]);
    let removed = Call::put(Owner, &path, &write).send(world).await.expect(200);
    assert!(removed.get("internal_notes").is_none());
    let cancelled = Call::new(Guest, Method::POST, format!("{path}/cancel")).send(world).await;
    assert!(cancelled.expect(200).get("internal_notes").is_none());
}
