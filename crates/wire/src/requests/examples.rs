//! Example bodies. A test sends each through the router.

use serde_json::{Value, json};

pub fn bookings() -> Vec<(&'static str, Value)> {
    vec![
        ("A stay, with guests and services", stay()),
        ("A table", table()),
        ("Seats of an event", json!({"event_id": 1, "seat_count": 1})),
        ("Seats by name", json!({"ticket_type_id": "concert-seat", "seats": ["A-1", "A-2"]})),
        ("A product", json!({"product_id": "museum-mug", "quantity": 2, "guest_name": "Jane Doe"})),
        ("An experience", experience()),
        ("Several lines", lines()),
    ]
}

pub fn checks() -> Vec<(&'static str, Value)> {
    let without = |mut body: Value, names: &[&str]| {
        if let Some(object) = body.as_object_mut() {
            object.retain(|name, _| !names.contains(&name.as_str()));
        }
        body
    };
    vec![
        ("A stay", stay()),
        (
            "A table",
            without(table(), &["guest_name", "guest_email", "guest_phone", "special_requests", "source"]),
        ),
        ("Seats of an event", json!({"event_id": 1, "seat_count": 4})),
        ("Several lines", without(lines(), &["guest_name"])),
    ]
}

/// The stay of the requirements.
fn stay() -> Value {
    json!({
        "hotel_id": "123e4567-e89b-12d3-a456-426614174000",
        "room_type_id": "223e4567-e89b-12d3-a456-426614174001",
        "checkin_date": "2025-12-01",
        "checkout_date": "2025-12-05",
        "num_rooms": 1,
        "num_guests": 2,
        "guests": [
            {"name": "John Doe", "age": 30, "gender": "M"},
            {"name": "Jane Doe", "age": 28, "gender": "F"}
        ],
        "pre_services": [
            {
                "service_id": "323e4567-e89b-12d3-a456-426614174002",
                "quantity": 1,
                "scheduled_for": "2025-12-01T14:00:00"
            }
        ]
    })
}

/// The flat fields of a table booking.
fn table() -> Value {
    json!({
        "venue_id": "bistro",
        "booking_date": "2025-12-06",
        "booking_time": "19:30",
        "duration_minutes": 90,
        "party_size": 2,
        "guest_name": "Jane Doe",
        "guest_email": "jane.doe@example.com",
        "guest_phone": "+49 30 1234567",
        "special_requests": "A table by the window.",
        "source": "website"
    })
}

fn experience() -> Value {
    json!({
        "experience_id": "cellar-tasting",
        "booking_date": "2025-12-06",
        "booking_time": "16:00",
        "party_size": 4,
        "guest_name": "Jane Doe"
    })
}

fn lines() -> Value {
    json!({
        "lines": [
            {"kind": "ticket", "event_id": "1", "ticket_type_id": "concert-standing", "seat_count": 2},
            {"kind": "ticket", "event_id": "1", "ticket_type_id": "concert-seat", "seats": ["B-3"]}
        ],
        "guest_name": "Jane Doe"
    })
}

pub fn orders() -> Vec<(&'static str, Value)> {
    vec![(
        "A room, a table and two tickets",
        json!({"bookings": [stay(), table(), {"event_id": 1, "seat_count": 2}]}),
    )]
}

pub fn updates() -> Vec<(&'static str, Value)> {
    vec![
        (
            "Another time, another party",
            json!({"expected_version": 1, "booking_time": "20:00", "party_size": 4}),
        ),
        (
            "All lines anew",
            json!({"expected_version": 1, "lines": [{
                "kind": "table",
                "inventory_item_id": "bistro-two",
                "booking_date": "2025-12-07",
                "booking_time": "19:00",
                "party_size": 2
            }]}),
        ),
        (
            "Other wishes",
            json!({"expected_version": 1, "special_requests": "A quiet table, please.", "guest_phone": null}),
        ),
    ]
}
