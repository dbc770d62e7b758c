//! Availability and alternatives.

use serde_json::{Value, json};

use crate::client::Call;
use crate::client::Caller::{Guest, Nobody};
use crate::documents::{book, stay, table};
use crate::world::{World, run};

testkit::on_both_databases! {
    fn a_full_hotel_offers_other_nights_and_other_rooms(database: &TestDatabase) {
        run(database, hotel);
    }

    fn a_full_restaurant_offers_times_nearby(database: &TestDatabase) {
        run(database, restaurant);
    }

    fn a_hall_offers_seats_apart_and_other_tickets(database: &TestDatabase) {
        run(database, hall);
    }

    fn a_check_is_refused_as_a_booking_would_be(database: &TestDatabase) {
        run(database, refused);
    }
}

async fn check(world: &World, body: &Value) -> Value {
    Call::post(Guest, "/api/v1/bookings/availability/check", body).send(world).await.expect(200)
}

/// An alternative can be booked as returned.
async fn alternatives_hold(world: &World, checked: &Value, to_booking: impl Fn(&Value) -> Value) {
    let alternatives = checked["alternatives"].as_array().unwrap();
    assert!(!alternatives.is_empty() && alternatives.len() <= 5, "{checked}");
    for alternative in alternatives {
        let body = to_booking(alternative);
        let price = Call::post(Guest, "/api/v1/bookings/preview", &body).send(world).await.expect(200);
        assert_eq!(price["total_price"], alternative["price_estimate"]);
        assert_eq!(check(world, &body).await["available"], true, "{alternative}");
    }
}

async fn hotel(world: &World) {
    let asked = json!({"room_type_id": "double", "checkin_date": "2025-12-05", "checkout_date": "2025-12-07", "num_guests": 2});
    let free = check(world, &asked).await;
    assert_eq!((&free["available"], &free["price_estimate"]["amount"]), (&json!(true), &json!(25_900)));
    assert_eq!((&free["lines"][0]["capacity"], &free["lines"][0]["available_units"]), (&json!(2), &json!(2)));
    assert_eq!(free["alternatives"], json!([]));

    // One night in the middle is enough to be full, and the last morning is not.
    for _ in 0..2 {
        book(world, &stay("2025-12-06", "2025-12-07")).await;
    }
    let full = check(world, &asked).await;
    assert_eq!((&full["available"], &full["lines"][0]["available_units"]), (&json!(false), &json!(0)));
    let suite = &full["alternatives"][0];
    assert_eq!((&suite["name"], &suite["checkin_date"]), (&json!("suite"), &json!("2025-12-05")));
    let later = &full["alternatives"][1];
    assert_eq!((&later["name"], &later["checkin_date"]), (&json!("double"), &json!("2025-12-04")));
    alternatives_hold(world, &full, |other| {
        json!({"room_type_id": other["offering_id"], "checkin_date": other["checkin_date"],
            "checkout_date": other["checkout_date"], "num_guests": 2, "guests": [
                {"name": "Jane Doe", "age": 28}, {"name": "John Doe", "age": 30}]})
    })
    .await;
    let around = json!({"room_type_id": "double", "checkin_date": "2025-12-07", "checkout_date": "2025-12-09", "num_guests": 1});
    assert_eq!(check(world, &around).await["available"], true);
    let mut two_rooms = around.clone();
    (two_rooms["room_type_id"], two_rooms["num_rooms"]) = (json!("suite"), json!(2));
    assert_eq!(check(world, &two_rooms).await["available"], false, "more than there ever is");
}

async fn restaurant(world: &World) {
    let mut body = table();
    body.as_object_mut().unwrap().remove("idempotency_key");
    for _ in 0..2 {
        book(world, &body).await;
    }
    let asked =
        json!({"venue_id": "bistro", "booking_date": "2025-12-06", "booking_time": "19:30", "party_size": 2});
    let full = check(world, &asked).await;
    assert_eq!(full["available"], false);
    // Taken from 19:30 to 21:15, so the nearest ends by 19:30 with its turn, or begins at 21:15.
    let times: Vec<&str> = full["alternatives"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|other| other["booking_date"] == "2025-12-06")
        .map(|other| other["booking_time"].as_str().unwrap())
        .collect();
    assert_eq!(times, ["21:30:00", "17:30:00", "22:30:00", "16:30:00"], "{full}");
    alternatives_hold(world, &full, |other| {
        json!({"inventory_item_id": other["offering_id"], "booking_date": other["booking_date"],
            "booking_time": other["booking_time"].as_str().unwrap().get(..5), "party_size": 2})
    })
    .await;
    let tasting = json!({"experience_id": "cellar-tasting", "booking_date": "2025-12-06", "booking_time": "16:00", "party_size": 8});
    book(world, &tasting).await;
    let full = check(world, &tasting).await;
    assert_eq!((&full["available"], &full["lines"][0]["available_units"]), (&json!(false), &json!(4)));
    assert_eq!(full["price_estimate"]["amount"], 8 * 3_500);
}

async fn hall(world: &World) {
    book(world, &json!({"ticket_type_id": "concert-seat", "seats": ["A-2", "B-2"]})).await;
    let together = json!({"ticket_type_id": "concert-seat", "seat_count": 3});
    let full = check(world, &together).await;
    assert_eq!((&full["available"], &full["lines"][0]["available_units"]), (&json!(false), &json!(6)));
    let apart = &full["alternatives"][0];
    assert_eq!(apart["seats"], json!(["A-1", "A-3", "A-4"]));
    assert_eq!(full["alternatives"][1]["name"], "concert-standing");

    let named = json!({"ticket_type_id": "concert-seat", "seats": ["A-1", "A-2"]});
    let full = check(world, &named).await;
    assert_eq!(
        (&full["available"], &full["alternatives"][0]["seats"]),
        (&json!(false), &json!(["A-3", "A-4"]))
    );
    let booked = book(world, &json!({"ticket_type_id": "concert-seat", "seat_count": 2})).await.json();
    assert_eq!(booked["lines"][0]["seats"], json!(["A-3", "A-4"]));
    let scattered = json!({"ticket_type_id": "concert-seat", "seat_count": 4, "together": false});
    let booked = book(world, &scattered).await.json();
    assert_eq!(booked["lines"][0]["seats"], json!(["A-1", "B-1", "B-3", "B-4"]));
    let last = check(world, &json!({"ticket_type_id": "concert-seat", "seat_count": 1})).await;
    assert_eq!(
        (&last["available"], &last["alternatives"][0]["name"]),
        (&json!(false), &json!("concert-standing"))
    );
}

async fn refused(world: &World) {
    let call = |body: Value| Call::post(Guest, "/api/v1/bookings/availability/check", &body);
    call(json!({})).send(world).await.wrong(&["/lines"]);
    let wrong = json!({"room_type_id": "double", "checkin_date": "2025-11-01", "checkout_date": "soon", "num_guests": 0, "guests": 7});
    call(wrong).send(world).await.wrong(&["/checkout_date", "/guests"]);
    call(json!({"product_id": "museum-mug", "guest_name": "Jane"})).send(world).await.wrong(&["/guest_name"]);
    let nobody = Call::post(Nobody, "/api/v1/bookings/availability/check", &json!({}));
    nobody.send(world).await.refused(401, "unauthorized");
    let unlimited = check(world, &json!({"service_id": "transfer", "quantity": 10})).await;
    assert_eq!((&unlimited["available"], &unlimited["lines"][0]["capacity"]), (&json!(true), &Value::Null));
    let several = json!({"lines": [
        {"kind": "stay", "room_type_id": "double", "checkin_date": "2025-12-05", "checkout_date": "2025-12-06", "num_guests": 1},
        {"kind": "service", "service_id": "breakfast", "quantity": 4},
    ]});
    let several = check(world, &several).await;
    assert_eq!((&several["available"], &several["lines"][1]["available_units"]), (&json!(false), &json!(3)));
}
