//! Valid requests with one invalid field: refused, and the field is reported.

use serde_json::{Value, json};

use super::{Targets, answer};
use crate::client::{Call, pointers_of};
use crate::world::{World, run};

testkit::on_both_databases! {
    fn one_wrong_field_is_named(database: &TestDatabase) {
        run(database, one_wrong);
    }

    fn all_wrong_fields_are_named_at_once(database: &TestDatabase) {
        run(database, all_wrong);
    }

    fn an_unknown_field_is_reported_at_any_depth(database: &TestDatabase) {
        run(database, unknown);
    }
}

/// Written into a body literally, because some cannot be produced by a JSON library.
const VALUES: [&str; 52] = [
    "null",
    "true",
    "false",
    "0",
    "-1",
    "1",
    "-0",
    "1.5",
    "0.1e-400",
    "1e308",
    "-1e308",
    "9223372036854775807",
    "-9223372036854775808",
    "9223372036854775808",
    "18446744073709551615",
    "99999999999999999999999999",
    "\"\"",
    "\" \"",
    "\"x\"",
    "\"0\"",
    "\"\\u0000\"",
    "\"a\\u0000b\"",
    "\"🔑🏨\"",
    "\"\\ud83d\\udd11\"",
    "\"\\u202eright-to-left\"",
    "\"ﷺﷺﷺ\"",
    "\"e\\u0301\\u0301\\u0301\\u0301\"",
    "\"'; drop table bookings; --\"",
    "\"<script>alert(1)</script>\"",
    "\"%00\"",
    "\"../..\"",
    "\"0000-00-00\"",
    "\"0000-01-01\"",
    "\"-0001-01-01\"",
    "\"9999-12-31\"",
    "\"9999-12-31T23:59:59Z\"",
    "\"10000-01-01\"",
    "\"2025-02-30\"",
    "\"2025-12-01T25:00:00\"",
    "\"+292277026596-12-04T15:30:07Z\"",
    "\"99:99\"",
    "\"23:59:60\"",
    "\"19:30+99:99\"",
    "\"00000000-0000-0000-0000-000000000000\"",
    "\"ffffffff-ffff-ffff-ffff-ffffffffffff\"",
    "[]",
    "[null]",
    "[[]]",
    "{}",
    "{\"\":{}}",
    "{\"a\":1,\"a\":2}",
    "[1,\"a\",null,{}]",
];

/// The pointers of all values inside a body.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    let escape = |name: &str| name.replace('~', "~0").replace('/', "~1");
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                let at = format!("{at}/{}", escape(name));
                found.push(at.clone());
                pointers(value, &at, found);
            }
        }
        Value::Array(array) => {
            for (index, value) in array.iter().enumerate() {
                let at = format!("{at}/{index}");
                found.push(at.clone());
                pointers(value, &at, found);
            }
        }
        _ => {}
    }
}

fn kind(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Number(_) => 2,
        Value::String(_) => 3,
        Value::Array(_) => 4,
        Value::Object(_) => 5,
    }
}

/// The body with another literal value at `pointer`.
fn with(body: &Value, pointer: &str, written: &str) -> String {
    let mut changed = body.clone();
    *changed.pointer_mut(pointer).unwrap() = json!("@@@");
    changed.to_string().replace("\"@@@\"", written)
}

fn related(named: &str, pointer: &str) -> bool {
    named.starts_with(pointer) || pointer.starts_with(named)
}

async fn one_wrong(world: &World) {
    let targets = Targets::new(world).await;
    let long = format!("\"{}\"", "x".repeat(5_000));
    let deep = format!("{}{}", "[".repeat(120), "]".repeat(120));
    for (call, body) in targets.examples(world) {
        let mut all = Vec::new();
        pointers(body, "", &mut all);
        for pointer in all {
            let known = kind(body.pointer(&pointer).unwrap());
            for written in VALUES.into_iter().chain([long.as_str(), deep.as_str()]) {
                let call = call.clone().body(with(body, &pointer, written));
                let reply = answer(world, &call).await;
                // Null is the same as absent, and a code may be a number.
                let fits = |value: &Value| value.is_null() || (value.is_number() && pointer.ends_with("_id"));
                let wrong_type = serde_json::from_str(written)
                    .is_ok_and(|value: Value| !fits(&value) && kind(&value) != known);
                if wrong_type && reply.status == 400 && reply.json()["errors"].is_array() {
                    let named = pointers_of(&reply.json());
                    assert!(
                        named.iter().any(|named| related(named, &pointer)),
                        "{pointer} = {written}: {named:?}"
                    );
                }
            }
        }
    }
}

async fn all_wrong(world: &World) {
    let targets = Targets::new(world).await;
    for (call, body) in targets.examples(world) {
        // The words that determine the meaning of the other fields stay.
        let meaning = ["lines", "bookings", "venues", "kind"];
        let fields: Vec<&String> =
            body.as_object().unwrap().keys().filter(|name| !meaning.contains(&name.as_str())).collect();
        let mut wrong = body.clone();
        for name in &fields {
            wrong[name.as_str()] = json!({"wrong": [1.5]});
        }
        let expected =
            if call.path.ends_with("/venues") || call.path.contains("/venues/") { "" } else { "metadata" };
        let reply = answer(world, &call.body(wrong.to_string())).await;
        if fields.is_empty() {
            continue;
        }
        let named = pointers_of(&reply.refused(400, "invalid-request"));
        for name in fields.into_iter().filter(|name| *name != expected) {
            assert!(named.iter().any(|pointer| related(pointer, &format!("/{name}"))), "{name}: {named:?}");
        }
    }
}

async fn unknown(world: &World) {
    let targets = Targets::new(world).await;
    for (call, body) in targets.examples(world) {
        let mut all = vec![String::new()];
        pointers(body, "", &mut all);
        let free = |pointer: &String| ["opening_", "metadata"].iter().any(|member| pointer.contains(member));
        for pointer in all.into_iter().filter(|pointer| !free(pointer)) {
            let mut changed = body.clone();
            let Some(object) = changed.pointer_mut(&pointer).unwrap().as_object_mut() else { continue };
            object.insert("no such/field~".to_owned(), json!(1));
            let reply = answer(world, &call.clone().body(changed.to_string())).await;
            let told = pointers_of(&reply.refused(400, "invalid-request"));
            let place = pointer.split("/seat_map").next().unwrap();
            let expected = if place == pointer {
                format!("{pointer}/no such~1field~0")
            } else {
                format!("{place}/seat_map")
            };
            assert!(told.contains(&expected), "{expected}: {told:?}");
        }
    }
    let call: Call = targets.examples(world).remove(0).0;
    let name = "x".repeat(100_000);
    let many: serde_json::Map<String, Value> =
        (0..10_000).map(|index| (format!("unknown{index}"), json!(0))).collect();
    for body in [json!({ name: 1 }), Value::Object(many)] {
        answer(world, &call.clone().body(body.to_string())).await.refused(400, "invalid-request");
    }
}
