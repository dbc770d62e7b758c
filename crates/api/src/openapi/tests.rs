//! The document against the code: it is the committed one, it matches what is read, and it contains every route.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use domain::pool::Axis;
use serde_json::{Map, Value, json};

use wire::problem::kinds;

use super::document;
use crate::form::{self, Form, asked};
use crate::routes;

const UPDATE: &str = "HOLDFAST_UPDATE=1 cargo test -p api --lib openapi";

fn committed(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name)
}

fn check_committed(name: &str, text: &str) {
    let path = committed(name);
    if std::env::var_os("HOLDFAST_UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    // As JSON, for the order of members depends on what else is built.
    let same = match (serde_json::from_str::<Value>(&found), serde_json::from_str::<Value>(text)) {
        (Ok(found), Ok(made)) => found == made,
        _ => found == text,
    };
    assert!(same, "docs/{name} differs from the code: run\n\n    {UPDATE}\n");
}

#[test]
fn the_committed_document_is_the_generated_one() {
    check_committed("openapi.json", &document());
}

#[test]
fn the_committed_problems_are_those_of_the_table() {
    check_committed("problems.md", &markdown());
}

/// The table of problems as `docs/problems.md` holds it.
fn markdown() -> String {
    use std::fmt::Write as _;
    let mut text = String::from(
        "# Problems\n\nEvery error response is a problem document (RFC 9457) of type `application/problem+json`. It \
         has `type`, `title` and `status`,\nand usually `detail`. Branch on `type`: it never changes, while the texts \
         may. The server documents each problem at its `type`, for\nexample at `/problems/unavailable`.\n\nThe \
         sections below give the status and title, when the problem occurs, and how to recover. A list names the\n\
         additional members.\n\n",
    );
    text.push_str("This page is generated from `crates/wire/src/problem/kinds.rs`.\n");
    for kind in kinds::ALL {
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "\n## `{}`\n\n{} · {}\n\n{}\n\n{}\n",
            kind.uri(),
            kind.status,
            kind.title,
            kind.meaning,
            kind.remedy
        );
        if !kind.members.is_empty() {
            text.push('\n');
        }
        for (name, says) in kind.members {
            let _ = writeln!(text, "- `{name}`: {says}");
        }
    }
    text
}

fn parsed() -> Value {
    serde_json::from_str(&document()).unwrap()
}

/// Every string in the document.
fn strings<'v>(value: &'v Value, found: &mut Vec<(&'v str, &'v str)>) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                value.as_str().into_iter().for_each(|text| found.push((name, text)));
                strings(value, found);
            }
        }
        Value::Array(array) => array.iter().for_each(|value| strings(value, found)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_to_a_schema_and_every_schema_is_used() {
    let document = parsed();
    let mut found = Vec::new();
    strings(&document, &mut found);
    let references: BTreeSet<&str> = found
        .into_iter()
        .filter(|(name, _)| *name == "$ref")
        .map(|(_, text)| text.strip_prefix("#/components/schemas/").unwrap())
        .collect();
    let schemas: BTreeSet<&str> =
        document["components"]["schemas"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(references, schemas);
}

#[test]
fn every_route_is_documented_once() {
    let documented: usize =
        parsed()["paths"].as_object().unwrap().values().map(|item| item.as_object().unwrap().len()).sum();
    assert_eq!(documented, routes::all().len());
}

#[test]
fn the_states_are_those_of_the_domain() {
    let words = domain::status::ALL.map(domain::status::Status::as_str);
    assert_eq!(parsed()["components"]["schemas"]["BookingStatus"]["enum"], json!(words));
}

/// Follows a reference.
fn resolve<'d>(document: &'d Value, schema: &'d Value) -> &'d Value {
    match schema["$ref"].as_str() {
        Some(text) => document.pointer(text.strip_prefix('#').unwrap()).unwrap(),
        None => schema,
    }
}

/// A value with every field of a schema, and the names of the fields of each object in it.
struct Sample<'d> {
    document: &'d Value,
    fields: BTreeMap<String, BTreeSet<String>>,
}

impl Sample<'_> {
    fn of(&mut self, schema: &Value, at: &str) -> Value {
        let schema = resolve(self.document, schema);
        if let Some(example) = schema["examples"].get(0) {
            return example.clone();
        }
        if let Some(properties) = schema["properties"].as_object() {
            self.fields.insert(at.to_owned(), properties.keys().cloned().collect());
            let member =
                |(name, schema): (&String, &Value)| (name.clone(), self.of(schema, &format!("{at}/{name}")));
            return Value::Object(properties.iter().map(member).collect::<Map<_, _>>());
        }
        if let Some(items) = schema.get("items") {
            return json!([self.of(items, &format!("{at}/0"))]);
        }
        let choices = schema["anyOf"].as_array().or(schema["oneOf"].as_array());
        self.of(&choices.expect("an object, an array or a choice")[0], at)
    }
}

/// Reads a request with every documented field, changed by `adjust`, and compares the fields that were read with the
/// documented ones.
fn agrees<T>(name: &str, adjust: impl FnOnce(&mut Value), read: impl FnOnce(&mut Form<'_>) -> Option<T>) {
    let document = parsed();
    let mut sample = Sample { document: &document, fields: BTreeMap::new() };
    let mut body = sample.of(&json!({ "$ref": format!("#/components/schemas/{name}") }), "");
    adjust(&mut body);
    asked::take();
    let result = form::read(&body.to_string().into(), read);
    assert!(result.is_ok(), "{name}: {body}: {}", result.err().unwrap());
    let mut asked = asked::take();
    // Fields read by serde are not read by a form.
    sample.fields.retain(|at, _| !at.contains("/seat_map/"));
    asked.retain(|_, names| !names.is_empty());
    assert_eq!(sample.fields, asked, "{name}");
}

#[test]
fn catalogues_are_documented_as_they_are_read() {
    agrees(
        "NewCatalogue",
        |body| recipes_only(&mut body["venues"][0]["offerings"][0]),
        form::catalogue::venues,
    );
    agrees("NewVenue", |body| recipes_only(&mut body["offerings"][0]), form::catalogue::venue);
    agrees("NewPool", |_| {}, form::catalogue::pool);
    agrees("NewOffering", recipes_only, form::catalogue::offering);
    agrees("CapacityChange", |_| {}, |form| form::catalogue::capacity(form, &Axis::Nightly));
}

/// Whether null is one of its values.
fn takes_null(schema: &Value) -> bool {
    let has = |member: &str, word: Value| schema[member].as_array().is_some_and(|all| all.contains(&word));
    let by_type = has("type", json!("null")) && (schema.get("enum").is_none() || has("enum", Value::Null));
    by_type || has("oneOf", json!({"type": "null"})) || has("anyOf", json!({"type": "null"}))
}

#[test]
fn what_may_be_left_out_of_a_request_may_be_null() {
    let document = parsed();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let mut optional = 0;
    for (name, schema) in schemas.iter().filter(|(_, schema)| schema["additionalProperties"] == false) {
        let required = schema["required"].as_array().map_or(&[][..], Vec::as_slice);
        for (field, described) in schema["properties"].as_object().unwrap() {
            let may_be_left_out = !required.contains(&json!(field));
            assert_eq!(takes_null(described), may_be_left_out, "{name}.{field}: {described}");
            optional += usize::from(may_be_left_out);
        }
    }
    assert!(optional > 100, "only {optional} fields that may be left out");
}

/// An offering names a single pool instead of recipes, not in addition to them.
fn recipes_only(offering: &mut Value) {
    let offering = offering.as_object_mut().unwrap();
    offering.remove("pool_id").and(offering.remove("units")).unwrap();
}

#[test]
fn every_authenticated_operation_names_its_permission() {
    for (path, item) in parsed()["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let is_open = operation["security"].is_null();
            let word = operation["x-permission"].as_str();
            assert_eq!(is_open, word.is_none(), "{method} {path}");
            assert!(
                word.is_none_or(|word| domain::permission::Permission::from_word(word).is_some()),
                "{method} {path}"
            );
        }
    }
}
