//! Each request against its schema: the reader refuses, by name, whatever the schema forbids, and accepts the values
//! at the bounds.

use serde_json::{Map, Value, json};
use wire::problem::Problem;

use super::document;
use crate::routes;

type Read = fn(&Value) -> Result<(), Problem>;

#[test]
fn every_request_is_read_as_it_is_documented() {
    let document: Value = serde_json::from_str(&document()).unwrap();
    let mut tried = 0;
    for route in routes::all() {
        let Some(body) = route.body.filter(|body| !CATALOGUE.contains(&body.name)) else { continue };
        let schema = json!({ "$ref": format!("#/components/schemas/{}", body.name) });
        for (name, variant) in objects(&document, &schema) {
            let whole = sample(&document, variant);
            let trial = Trial { document: &document, name, read: body.read, whole: &whole };
            assert_eq!(trial.wrong(&whole), Vec::<String>::new(), "{name}: {whole}");
            tried += trial.object(variant, "");
        }
    }
    assert!(tried > 900, "{tried} bodies tried");
}

/// Bodies that are not read by a declaration.
const CATALOGUE: [&str; 5] = ["NewCatalogue", "NewVenue", "NewPool", "NewOffering", "CapacityChange"];

/// Fields whose absence makes the body one of another variant, or that a header may replace.
const TOLD_ELSEWHERE: [(&str, &str); 3] =
    [("LinesUpdate", "/lines"), ("FieldsUpdate", "/expected_version"), ("LinesUpdate", "/expected_version")];

/// Rules between fields, which are not about the bounds of one.
const RULES: [&str; 2] = ["must have num_guests elements", "does not match the number of seats"];

/// Numbers whose bounds are checked by the rules of bookings, together with other errors.
const RULED: [&str; 6] =
    ["num_rooms", "num_guests", "quantity", "duration_minutes", "party_size", "seat_count"];

/// The named objects that a schema may be.
fn objects<'d>(document: &'d Value, schema: &'d Value) -> Vec<(&'d str, &'d Value)> {
    let at = schema["$ref"].as_str().unwrap();
    let resolved = document.pointer(at.strip_prefix('#').unwrap()).unwrap();
    match resolved["anyOf"].as_array().or(resolved["oneOf"].as_array()) {
        Some(choices) => choices.iter().flat_map(|choice| objects(document, choice)).collect(),
        None => vec![(at.rsplit('/').next().unwrap(), resolved)],
    }
}

fn resolve<'d>(document: &'d Value, schema: &'d Value) -> &'d Value {
    match schema["$ref"].as_str() {
        Some(text) => resolve(document, document.pointer(text.strip_prefix('#').unwrap()).unwrap()),
        None => schema,
    }
}

/// A value with every field of a schema.
fn sample(document: &Value, schema: &Value) -> Value {
    let schema = resolve(document, schema);
    if let Some(example) = schema["examples"].get(0) {
        return example.clone();
    }
    if let Some(properties) = schema["properties"].as_object() {
        let member = |(name, schema): (&String, &Value)| (name.clone(), sample(document, schema));
        return Value::Object(properties.iter().map(member).collect::<Map<_, _>>());
    }
    if let Some(items) = schema.get("items") {
        return json!([sample(document, items)]);
    }
    if let Some(choices) = schema["anyOf"].as_array().or(schema["oneOf"].as_array()) {
        return sample(document, &choices[0]);
    }
    if allows(schema, "boolean") { json!(true) } else { json!("x") }
}

fn allows(schema: &Value, kind: &str) -> bool {
    let choices = schema["oneOf"].as_array().or(schema["anyOf"].as_array());
    schema["type"] == kind
        || schema["type"].as_array().is_some_and(|types| types.contains(&json!(kind)))
        || choices.is_some_and(|choices| choices.iter().any(|choice| allows(choice, kind)))
        || (kind == "object" && schema.get("$ref").is_some())
}

/// Bodies that differ from a valid one in one place.
struct Trial<'t> {
    document: &'t Value,
    name: &'t str,
    read: Read,
    whole: &'t Value,
}

/// Arrays that are read as one value: what is wrong with an element is named by the array's pointer.
const READ_AS_ONE: [(&str, &str); 1] = [("PoolChange", "/seat_map")];

impl Trial<'_> {
    /// Checks that a body is refused.
    fn wrong(&self, body: &Value) -> Vec<String> {
        let Err(problem) = (self.read)(body) else { return Vec::new() };
        let errors = problem.errors();
        let is_rule = |detail: &str| RULES.iter().any(|rule| detail.starts_with(rule));
        errors.iter().filter(|error| !is_rule(&error.detail)).map(|error| error.pointer.clone()).collect()
    }

    /// Tests everything about the object at `at`, and counts the bodies.
    fn object(&self, schema: &Value, at: &str) -> usize {
        let mut tried = self.refused(&format!("{at}/surprise"), Some(json!(1)));
        let required = schema["required"].as_array().map_or(&[][..], Vec::as_slice);
        for (name, field) in schema["properties"].as_object().unwrap() {
            let (field, at) = (resolve(self.document, field), format!("{at}/{name}"));
            let told_elsewhere = TOLD_ELSEWHERE.contains(&(self.name, at.as_str()));
            if !told_elsewhere && required.contains(&json!(name)) {
                tried += self.refused(&at, Some(Value::Null));
                let without = self.with(&at, None);
                assert!((self.read)(&without).is_err(), "{} without {at}", self.name);
            } else if !told_elsewhere {
                tried += self.taken(&at, Some(Value::Null)) + self.taken(&at, None);
            }
            tried += self.field(field, &at);
        }
        tried
    }

    fn field(&self, field: &Value, at: &str) -> usize {
        let kinds = [
            ("boolean", json!(true)),
            ("integer", json!(1.5)),
            ("string", json!("x")),
            ("array", json!([])),
            ("object", json!({})),
        ];
        let others = kinds.into_iter().filter(|(kind, _)| *kind == "integer" || !allows(field, kind));
        let mut tried: usize = others.map(|(_, value)| self.refused(at, Some(value))).sum();
        tried += self.bounds(field, at);
        if field.get("properties").is_some() {
            tried += self.object(field, at);
        }
        if let Some(items) = field.get("items").filter(|_| !READ_AS_ONE.contains(&(self.name, at))) {
            let (items, first) = (resolve(self.document, items), format!("{at}/0"));
            let is_object = items.get("properties").is_some();
            tried += if is_object { self.object(items, &first) } else { self.field(items, &first) };
        }
        tried
    }

    /// One below and one above each bound is refused; the bounds are accepted.
    fn bounds(&self, field: &Value, at: &str) -> usize {
        let mut tried = 0;
        for (bound, step) in [("minimum", -1), ("maximum", 1)] {
            let Some(edge) = field[bound].as_i64() else { continue };
            tried += self.taken(at, Some(json!(edge)));
            let beyond = edge.checked_add(step).filter(|_| !RULED.iter().any(|name| at.ends_with(name)));
            tried += beyond.map_or(0, |beyond| self.refused(at, Some(json!(beyond))));
        }
        let is_free = ["pattern", "format", "enum"].iter().all(|shape| field.get(shape).is_none());
        for (bound, step) in [("minLength", -1), ("maxLength", 1)] {
            let Some(edge) = field[bound].as_i64() else { continue };
            tried += text(edge + step).map_or(0, |beyond| self.refused(at, Some(beyond)));
            tried += if is_free { self.taken(at, text(edge)) } else { 0 };
        }
        for (bound, step) in [("minItems", -1), ("maxItems", 1)] {
            let Some(edge) = field[bound].as_i64() else { continue };
            let element = sample(self.document, &field["items"]);
            tried += repeated(&element, edge + step).map_or(0, |beyond| self.refused(at, Some(beyond)));
            tried += self.taken(at, repeated(&element, edge));
        }
        if !is_free {
            tried += self.refused(at, Some(json!("no such thing")));
        }
        for word in field["enum"].as_array().into_iter().flatten() {
            tried += self.taken(at, Some(word.clone()));
        }
        tried
    }

    fn refused(&self, at: &str, value: Option<Value>) -> usize {
        let body = self.with(at, value);
        let wrong = self.wrong(&body);
        assert!(wrong.iter().any(|found| is_in(found, at)), "{} takes {at}: {body}: {wrong:?}", self.name);
        1
    }

    fn taken(&self, at: &str, value: Option<Value>) -> usize {
        let body = self.with(at, value);
        let wrong = self.wrong(&body);
        assert!(!wrong.iter().any(|found| is_in(found, at)), "{} refuses {at}: {body}: {wrong:?}", self.name);
        1
    }

    /// The whole body with a different value, or none, in one place.
    fn with(&self, at: &str, value: Option<Value>) -> Value {
        let mut body = self.whole.clone();
        let (parent, name) = at.rsplit_once('/').unwrap();
        let parent = body.pointer_mut(parent).unwrap();
        match (parent, value) {
            (Value::Object(object), Some(value)) => drop(object.insert(name.to_owned(), value)),
            (Value::Object(object), None) => drop(object.remove(name)),
            (Value::Array(elements), Some(value)) => elements[0] = value,
            _ => unreachable!("{at} is a member or an element"),
        }
        body
    }
}

fn is_in(found: &str, at: &str) -> bool {
    found.strip_prefix(at).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A text of this length that is not a common password.
fn text(count: i64) -> Option<Value> {
    let count = usize::try_from(count).ok()?;
    Some(Value::String("correct horse battery staple ".chars().cycle().take(count).collect()))
}

fn repeated(element: &Value, count: i64) -> Option<Value> {
    Some(Value::Array(vec![element.clone(); usize::try_from(count).ok()?]))
}
