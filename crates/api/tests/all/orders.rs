//! Several bookings together, and several lines in one: all or nothing.

use serde_json::json;

use crate::client::Call;
use crate::client::Caller::{Guest, Owner};
use crate::documents::{book, stay, table};
use crate::world::{World, run};

testkit::on_both_databases! {
    fn an_order_is_made_whole_or_not_at_all(database: &TestDatabase) {
        run(database, all_or_nothing);
    }

    fn lines_of_several_kinds_share_a_booking(database: &TestDatabase) {
        run(database, mixed_lines);
    }

    fn of_many_buyers_as_many_get_it_as_there_is(database: &TestDatabase) {
        run(database, sold_out);
    }

    fn errors_in_an_order_are_reported_by_pointer(database: &TestDatabase) {
        run(database, wrong_places);
    }
}

async fn all_or_nothing(world: &World) {
    let mut table = table();
    table.as_object_mut().unwrap().remove("idempotency_key");
    let order = json!({"bookings": [
        stay("2025-12-01", "2025-12-03"), table, {"event_id": 1, "seat_count": 2}, {"product_id": "museum-mug"},
    ]});
    let made = Call::post(Guest, "/api/v1/orders", &order).send(world).await;
    let order_id = made.id();
    let body = made.expect(201);
    assert_eq!(body["bookings"].as_array().unwrap().len(), 4);
    assert!(body["bookings"].as_array().unwrap().iter().all(|booking| booking["order_id"] == *order_id));
    let read = Call::get(Guest, format!("/api/v1/orders/{order_id}")).send(world).await;
    assert_eq!(read.expect(200), body);

    // Three places are left on the floor: the mug is available, but is not sold without the fourth place.
    let too_much = json!({"bookings": [{"product_id": "museum-mug"}, {"event_id": 1, "seat_count": 4}]});
    let problem =
        Call::post(Guest, "/api/v1/orders", &too_much).send(world).await.refused(409, "unavailable");
    assert_eq!(
        (&problem["booking"], &problem["free_units"], &problem["requested_units"]),
        (&json!(1), &json!(3), &json!(4))
    );
    let mugs =
        Call::get(Owner, format!("/api/v1/pools/{}/slots", world.pool("mugs"))).send(world).await.expect(200);
    assert_eq!(mugs["slots"], json!([{"slot": 0, "capacity": 5, "taken": 1, "available": 4}]));
}

async fn mixed_lines(world: &World) {
    let mixed = json!({"guest_name": "Jane Doe", "lines": [
        {"kind": "stay", "room_type_id": "double", "checkin_date": "2025-12-01", "checkout_date": "2025-12-02",
            "num_rooms": 2, "num_guests": 3, "guests": [
                {"name": "Jane Doe", "age": 28}, {"name": "John Doe", "age": 30, "gender": "M"}, {"name": "Baby", "age": 0},
            ]},
        {"kind": "service", "service_id": "breakfast", "quantity": 3},
        {"kind": "service", "service_id": "transfer"},
    ]});
    let booking = book(world, &mixed).await.json();
    assert_eq!(booking["total_price"]["amount"], 2 * 12_950 + 3 * 1_800 + 4_500);
    assert_eq!((&booking["party_size"], booking["guests"].as_array().unwrap().len()), (&json!(3), 3));

    // Breakfast is sold out: neither the room nor the transfer is sold with it.
    let again = json!({"lines": [
        {"kind": "service", "service_id": "transfer"}, {"kind": "service", "service_id": "breakfast"},
    ]});
    let problem = Call::post(Guest, "/api/v1/bookings", &again).send(world).await.refused(409, "unavailable");
    assert_eq!((&problem["line"], &problem["free_units"]), (&json!(1), &json!(0)));

    let two_venues = json!({"lines": [
        {"kind": "product", "product_id": "museum-mug"}, {"kind": "service", "service_id": "transfer"},
    ]});
    Call::post(Guest, "/api/v1/bookings", &two_venues).send(world).await.wrong(&["/lines/1"]);
}

/// The concert of the requirements, without retries: no buyer is refused while a place is left.
async fn sold_out(world: &World) {
    let mut together = tokio::task::JoinSet::new();
    for buyer in 0..200_u32 {
        let body = json!({"event_id": 1, "seat_count": 1, "idempotency_key": format!("buyer {buyer}")});
        let call = Call::post(Guest, "/api/v1/bookings", &body);
        let world = world.clone();
        together.spawn(async move { call.send(&world).await.status.as_u16() });
    }
    let statuses = together.join_all().await;
    let count = |status: u16| statuses.iter().filter(|found| **found == status).count();
    assert_eq!((count(201), count(409)), (5, 195));
}

async fn wrong_places(world: &World) {
    let order = json!({"bookings": [
        {"product_id": "museum-mug", "quantity": 0, "guest_email": "nobody", "colour": "red"},
        {"lines": [{"kind": "ticket", "event_id": 1}, {"kind": "boat"}, {"kind": "service", "service_id": "nothing"}]},
        {"room_type_id": "double", "checkin_date": "2025-12-05", "checkout_date": "2025-13-01", "num_guests": "two"},
    ]});
    Call::post(Guest, "/api/v1/orders", &order).send(world).await.wrong(&[
        "/bookings/0/colour",
        "/bookings/0/guest_email",
        "/bookings/1/lines/0/seat_count",
        "/bookings/1/lines/1/kind",
        "/bookings/2/checkout_date",
        "/bookings/2/guests",
        "/bookings/2/num_guests",
    ]);
    for body in [json!({}), json!({"bookings": []}), json!({"bookings": 1}), json!({"bookings": null})] {
        Call::post(Guest, "/api/v1/orders", &body).send(world).await.wrong(&["/bookings"]);
    }
    let many = json!({"bookings": vec![json!({"product_id": "museum-mug"}); 21]});
    Call::post(Guest, "/api/v1/orders", &many).send(world).await.wrong(&["/bookings"]);
}
