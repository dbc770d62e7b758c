//! Example bodies of the catalogue. A test sends each through the router.

use serde_json::{Value, json};

pub fn venues() -> Vec<(&'static str, Value)> {
    vec![("A restaurant", venue("new-bistro"))]
}

pub fn catalogues() -> Vec<(&'static str, Value)> {
    vec![("One restaurant", json!({"venues": [venue("newer-bistro")]}))]
}

fn venue(code: &str) -> Value {
    json!({
        "code": code,
        "kind": "restaurant",
        "name": "Bistro Kranich",
        "time_zone": "Europe/Berlin",
        "currency": "EUR",
        "opening_hours": {"fri": [["12:00", "15:00"], ["18:00", "25:00"]], "sat": [["18:00", "24:00"]]},
        "pools": [{"ref": "two", "name": "Tables for two", "kind": "timed", "tick_minutes": 15, "capacity": 6}],
        "offerings": [{
            "kind": "table",
            "name": "A table for two",
            "unit_price": 0,
            "party_max": 2,
            "duration_minutes": 90,
            "turn_minutes": 15,
            "pool_id": "two"
        }]
    })
}

pub fn pools() -> Vec<(&'static str, Value)> {
    vec![
        ("Rooms", json!({"name": "Double rooms", "kind": "nightly", "capacity": 20})),
        (
            "A hall with seats",
            json!({"name": "Hall", "kind": "seated", "seat_map": [
                {"row": "A", "seats": ["1", "2", "3"]},
                {"section": "Balcony", "row": "A", "seats": ["1", "2"]}
            ]}),
        ),
    ]
}

pub fn offerings() -> Vec<(&'static str, Value)> {
    vec![("Sold without limit", json!({"kind": "service", "name": "Late breakfast", "unit_price": 1800}))]
}

pub fn capacities() -> Vec<(&'static str, Value)> {
    vec![
        ("The whole pool", json!({"capacity": 18})),
        ("Some nights", json!({"capacity": 15, "from": "2025-12-22", "to": "2025-12-24"})),
    ]
}
