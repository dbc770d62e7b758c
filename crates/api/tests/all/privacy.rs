//! Personal data: search, export, and erasure that keeps accounting data.

use serde_json::{Value, json};

use crate::client::Call;
use crate::client::Caller::{Admin, Guest, Nobody, Owner, Rival, Stranger};
use crate::world::{GUEST, MINUTE_MS, STRANGER, World, guest_id, run};

const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

testkit::on_both_databases! {
    fn bookings_are_found_by_an_exact_address_or_number(database: &TestDatabase) {
        run(database, search);
    }

    fn a_search_is_paged(database: &TestDatabase) {
        run(database, pages);
    }

    fn an_export_holds_everything(database: &TestDatabase) {
        run(database, export);
    }

    fn an_erased_person_is_gone_and_the_books_stay(database: &TestDatabase) {
        run(database, erasure);
    }

    fn who_is_still_to_come_is_not_forgotten(database: &TestDatabase) {
        run(database, still_to_come);
    }
}

async fn made(world: &World, name: &str, email: &str, phone: &str) -> String {
    let body =
        json!({"service_id": "transfer", "guest_name": name, "guest_email": email, "guest_phone": phone});
    let reply = Call::post(Owner, "/api/v1/bookings", &body).send(world).await;
    reply.expect(201);
    reply.id()
}

fn ids(page: &Value) -> Vec<&str> {
    page["bookings"].as_array().unwrap().iter().map(|booking| booking["id"].as_str().unwrap()).collect()
}

async fn search(world: &World) {
    let path = "/api/v1/bookings/search";
    let first = made(world, "Ada", "Ada.Lovelace@example.org", "+44 20 7946 0001").await;
    let second = made(world, "Ada", "ada.lovelace@EXAMPLE.org", "+44 20 7946 0002").await;
    made(world, "Ada", "ada@example.org", "+44 20 7946 0003").await;
    for (who, sought, expected) in [
        (Owner, json!({"email": "ADA.lovelace@example.org"}), vec![&second, &first]),
        (Admin, json!({"email": "ada.lovelace@example.org"}), vec![&second, &first]),
        (Rival, json!({"email": "ada.lovelace@example.org"}), vec![]),
        (Owner, json!({"phone": "0044-20-79460001"}), vec![&first]),
        (Owner, json!({"phone": "+44 20 7946 0009"}), vec![]),
        (Owner, json!({"email": "lovelace@example.org"}), vec![]),
    ] {
        let page = Call::post(who, path, &sought).send(world).await.expect(200);
        assert_eq!(ids(&page), expected, "{sought}");
        assert_eq!(page["next_cursor"], Value::Null);
    }
    Call::post(Guest, path, &json!({"email": "ada@example.org"})).send(world).await.refused(403, "forbidden");
    Call::post(Owner, path, &json!({})).send(world).await.wrong(&["/email"]);
    Call::post(Owner, path, &json!({"email": "ada", "limit": 0}))
        .send(world)
        .await
        .wrong(&["/email", "/limit"]);
    let both = json!({"email": "ada@example.org", "phone": "+44 20 7946 0001"});
    Call::post(Owner, path, &both).send(world).await.wrong(&["/email"]);
    // Changed data is found by its new value.
    let change = json!({"expected_version": 1, "guest_email": "countess@example.org", "guest_phone": null});
    Call::put(Owner, format!("/api/v1/bookings/{first}"), &change).send(world).await.expect(200);
    let found = |sought: Value| async move { Call::post(Owner, path, &sought).send(world).await.expect(200) };
    assert_eq!(ids(&found(json!({"email": "ada.lovelace@example.org"})).await), [&second]);
    assert_eq!(ids(&found(json!({"email": "countess@example.org"})).await), [&first]);
    assert_eq!(ids(&found(json!({"phone": "+442079460001"})).await), Vec::<&str>::new());
}

async fn pages(world: &World) {
    let mut expected = Vec::new();
    for number in 0..7 {
        expected.push(made(world, "Ada", "ada@example.org", &format!("+44 20 7946 000{number}")).await);
    }
    expected.reverse();
    let (mut seen, mut cursor) = (Vec::new(), Value::Null);
    loop {
        let body = json!({"email": "ada@example.org", "limit": 3, "cursor": cursor});
        let page = Call::post(Owner, "/api/v1/bookings/search", &body).send(world).await.expect(200);
        assert!(ids(&page).len() <= 3);
        seen.extend(ids(&page).into_iter().map(str::to_owned));
        cursor = page["next_cursor"].clone();
        if cursor.is_null() {
            break;
        }
    }
    assert_eq!(seen, expected);
}

async fn export(world: &World) {
    let noted = json!({
        "service_id": "transfer", "guest_id": guest_id(GUEST), "guest_name": "Ada Lovelace",
        "internal_notes": "Pays late"
    });
    let noted = Call::post(Owner, "/api/v1/bookings", &noted).send(world).await;
    let own = json!({"service_id": "transfer", "guest_name": "Ada", "special_requests": "Wrapped"});
    let own = Call::post(Guest, "/api/v1/bookings", &own).send(world).await;
    Call::post(Stranger, "/api/v1/bookings", &json!({"service_id": "transfer"}))
        .send(world)
        .await
        .expect(201);
    let path = format!("/api/v1/guests/{}/export", guest_id(GUEST));
    for who in [Guest, Admin] {
        let all = Call::get(who, &*path).send(world).await.expect(200);
        assert_eq!(all["guest_id"], guest_id(GUEST));
        let told = |pointer: &str| all.pointer(pointer).unwrap().clone();
        assert_eq!(told("/bookings/0/booking/id"), own.id());
        assert_eq!(told("/bookings/0/booking/special_requests"), "Wrapped");
        assert_eq!(told("/bookings/1/booking/id"), noted.id());
        assert_eq!(told("/bookings/1/booking/internal_notes"), "Pays late");
        assert_eq!(told("/bookings/1/history/0/to_status"), "CONFIRMED");
        assert_eq!(all["bookings"].as_array().unwrap().len(), 2);
        assert!(all["account"]["created_at"].is_string(), "{}", all["account"]);
        assert!(!all["account"]["sessions"].as_array().unwrap().is_empty(), "{}", all["account"]);
    }
    for who in [Stranger, Owner, Rival] {
        Call::get(who, &*path).send(world).await.refused(404, "not-found");
    }
    Call::get(Nobody, &*path).send(world).await.refused(401, "unauthorized");
}

async fn erasure(world: &World) {
    let mut body = json!({
        "service_id": "transfer", "guest_id": guest_id(GUEST), "guest_name": "Ada Lovelace",
        "guest_email": "ada@example.org", "special_requests": "Wrapped", "source": "website"
    });
    let call = Call::post(Owner, "/api/v1/bookings", &body).key("ada's");
    let before = call.send(world).await;
    body["guest_id"] = guest_id(STRANGER).into();
    let other = Call::post(Owner, "/api/v1/bookings", &body).send(world).await;
    let path = format!("/api/v1/bookings/{}", before.id());
    let reason = json!({"reason": "Ada is ill"});
    Call::post(Guest, format!("{path}/cancel"), &reason).send(world).await.expect(200);
    let erasure = format!("/api/v1/guests/{}/erasure", guest_id(GUEST));
    let erased = Call::post(Guest, &*erasure, &json!({})).send(world).await.expect(200);
    assert_eq!(
        (erased["guest_id"].as_str(), erased["bookings"].as_u64()),
        (Some(&*guest_id(GUEST)), Some(1))
    );

    let after = Call::get(Admin, &*path).send(world).await.expect(200);
    for field in ["guest_name", "guest_email", "guest_phone", "special_requests", "cancellation_reason"] {
        assert_eq!(after[field], Value::Null, "{field}: {after}");
    }
    for field in
        ["id", "booking_reference", "guest_id", "total_price", "booking_date", "created_at", "source"]
    {
        assert_eq!(after[field], before.json()[field], "{field}");
    }
    assert_eq!(after["status"], "CANCELLED");
    let history = Call::get(Admin, format!("{path}/history")).send(world).await.expect(200);
    assert_eq!(history["history"][1]["reason"], Value::Null);
    let sought = json!({"email": "ada@example.org"});
    let found = Call::post(Admin, "/api/v1/bookings/search", &sought).send(world).await.expect(200);
    assert_eq!(ids(&found), [other.id()], "only who was not erased is found");
    // The recorded answer was erased with her: repeating the request creates nothing and reveals nothing.
    call.send(world).await.refused(404, "not-found");
    // Her account is closed, and she has no sessions.
    Call::post(Guest, &*erasure, &json!({})).send(world).await.refused(401, "unauthorized");
    let left =
        Call::get(Admin, format!("/api/v1/guests/{}/export", guest_id(GUEST))).send(world).await.expect(200);
    let account = &left["account"];
    for field in ["name", "email", "mobile", "email_verified_at", "mobile_verified_at"] {
        assert_eq!(account[field], Value::Null, "{field}: {account}");
    }
    assert_eq!((&account["sessions"], &account["businesses"]), (&json!([]), &json!([])));
    assert!(account["deactivated_at"].is_string() && account["has_password"] == false, "{account}");
    let again = Call::post(Admin, &*erasure, &json!({})).send(world).await.expect(200);
    assert_eq!(again["bookings"], 1, "a second time does no harm");
    let other = Call::get(Admin, format!("/api/v1/bookings/{}", other.id())).send(world).await;
    assert_eq!(other.expect(200)["guest_name"], "Ada Lovelace", "nobody else is touched");
}

async fn still_to_come(world: &World) {
    let stay = json!({
        "hotel_id": crate::world::HOTEL, "room_type_id": crate::world::DOUBLE, "checkin_date": "2025-11-21",
        "checkout_date": "2025-11-23", "num_rooms": 1, "num_guests": 1, "guests": [{"name": "Ada", "age": 36}]
    });
    let booking = Call::post(Guest, "/api/v1/bookings", &stay).send(world).await;
    booking.expect(201);
    let erase = Call::post(Guest, format!("/api/v1/guests/{}/erasure", guest_id(GUEST)), &json!({}));
    for _ in 0..2 {
        let refusal = erase.send(world).await;
        refusal.refused(409, "bookings-still-to-come");
        assert_eq!(refusal.json()["booking_ids"], json!([booking.id()]));
    }
    let path = format!("/api/v1/bookings/{}", booking.id());
    let kept = Call::get(Guest, &*path).send(world).await.expect(200);
    assert_eq!(kept["guest_name"], "Ada", "a refused erasure leaves everything");
    for who in [Stranger, Owner, Rival] {
        let path = format!("/api/v1/guests/{}/erasure", guest_id(GUEST));
        Call::post(who, path, &json!({})).send(world).await.refused(404, "not-found");
    }
    // On the day of departure the stay is not over; on the next day it is, whatever the venue has recorded.
    world.wait(3 * DAY_MS);
    erase.send(world).await.refused(409, "bookings-still-to-come");
    world.wait(DAY_MS);
    erase.send(world).await.expect(200);
    // An admin erases a person who asks by letter.
    let path = format!("/api/v1/guests/{}/erasure", guest_id(STRANGER));
    assert_eq!(Call::post(Admin, path, &json!({})).send(world).await.expect(200)["bookings"], 0);
}
