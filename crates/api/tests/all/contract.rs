//! Validates responses, and its own examples, against the OpenAPI document.

use std::sync::LazyLock;

use axum::http::Method;
use serde_json::Value;

use crate::client::Reply;

pub static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(&api::openapi_document()).unwrap());

/// The error in a response, if there is one.
pub fn complaint(method: &Method, path: &str, reply: &Reply) -> Option<String> {
    let status = reply.status.as_u16();
    let is_issuers_fault = reply.refusal().as_deref() == Some("/problems/issuer-unavailable");
    if status >= 500 && !is_issuers_fault {
        return Some("a fault of the server".to_owned());
    }
    let media = reply.header("content-type").unwrap_or_default();
    if status >= 400
        && *method != Method::HEAD
        && let Some(wrong) = wrong_problem(media, reply)
    {
        return Some(wrong);
    }
    let Some(operation) = operation(method, path) else {
        let open = [200, 308, 404, 405].contains(&status) || (status == 400 && path.contains('%'));
        return (!open).then(|| format!("status {status} of no documented operation"));
    };
    let response = &operation["responses"][status.to_string()];
    if response.is_null() {
        return Some(format!("status {status} is not documented"));
    }
    let media = media.split(';').next().unwrap_or_default();
    let schema = &response["content"][media]["schema"];
    if schema.is_null() {
        return Some(format!("{media:?} is not documented for status {status}"));
    }
    if media == "text/plain" || *method == Method::HEAD {
        return None;
    }
    let json = reply.json();
    mismatch(schema, &json, "")
        .or_else(|| if status < 400 { undocumented(&[schema], &json, "") } else { None })
}

fn wrong_problem(media: &str, reply: &Reply) -> Option<String> {
    if media != "application/problem+json" {
        return Some(format!("a refusal as {media:?}"));
    }
    let problem = reply.json();
    if problem["status"] != reply.status.as_u16() {
        return Some("another status in the body".to_owned());
    }
    if let Some(wrong) = mismatch(&DOCUMENT["components"]["schemas"]["Problem"], &problem, "") {
        return Some(wrong);
    }
    let unnamed = problem["errors"].as_array().is_none_or(Vec::is_empty);
    (problem["type"] == "/problems/invalid-request" && unnamed).then(|| "no wrong field is named".to_owned())
}

/// The documented operation that a request goes to. Paths without parameters come first.
pub fn operation(method: &Method, path: &str) -> Option<&'static Value> {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let template = template(path)?;
    let standard = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
    let method = if *method == Method::HEAD { &Method::GET } else { method };
    DOCUMENT["paths"][template].get(method.as_str().to_lowercase()).filter(|_| standard.contains(method))
}

fn template(path: &str) -> Option<&'static str> {
    let paths = DOCUMENT["paths"].as_object()?;
    let mut fitting: Vec<&str> = paths.keys().map(String::as_str).filter(|known| fits(known, path)).collect();
    fitting.sort_by_key(|template| template.matches('{').count());
    fitting.first().copied()
}

fn fits(template: &str, path: &str) -> bool {
    let (parts, given): (Vec<&str>, Vec<&str>) = (template.split('/').collect(), path.split('/').collect());
    let fit = |(part, given): (&&str, &&str)| part == given || (part.starts_with('{') && !given.is_empty());
    parts.len() == given.len() && parts.iter().zip(&given).all(fit)
}

/// The place where a value does not match a schema.
pub fn mismatch(schema: &Value, value: &Value, at: &str) -> Option<String> {
    if let Some(name) = schema["$ref"].as_str() {
        return mismatch(DOCUMENT.pointer(name.strip_prefix('#')?)?, value, at);
    }
    if let Some(all) = schema["allOf"].as_array()
        && let Some(wrong) = all.iter().find_map(|part| mismatch(part, value, at))
    {
        return Some(wrong);
    }
    if let Some(kind) = schema["discriminator"]["propertyName"].as_str() {
        let told = value[kind].as_str().unwrap_or_default();
        let Some(name) = schema["discriminator"]["mapping"][told].as_str() else {
            return Some(format!("{at}: {told:?} is no {kind}"));
        };
        return mismatch(DOCUMENT.pointer(name.strip_prefix('#')?)?, value, at);
    }
    for choice in ["anyOf", "oneOf"] {
        let Some(any) = schema[choice].as_array() else { continue };
        let wrong: Vec<String> = any.iter().filter_map(|part| mismatch(part, value, at)).collect();
        if wrong.len() == any.len() {
            return Some(wrong.join("; or "));
        }
    }
    wrong_type(schema, value)
        .map(|wrong| format!("{at}: {wrong}"))
        .or_else(|| wrong_limits(schema, value).map(|wrong| format!("{at}: {wrong}")))
        .or_else(|| wrong_members(schema, value, at))
}

/// A member of a response that none of these schemas has.
fn undocumented(schemas: &[&'static Value], value: &Value, at: &str) -> Option<String> {
    let mut parts = Vec::new();
    for schema in schemas {
        spread(schema, &mut parts);
    }
    if let Some(items) = value.as_array() {
        let of: Vec<&'static Value> = parts.iter().filter_map(|part| part.get("items")).collect();
        return items.iter().find_map(|item| undocumented(&of, item, &format!("{at}/…")));
    }
    let properties: Vec<&'static Value> = parts.iter().filter_map(|part| part.get("properties")).collect();
    if properties.is_empty() {
        return None;
    }
    value.as_object()?.iter().find_map(|(name, value)| {
        let at = format!("{at}/{name}");
        let of: Vec<&'static Value> = properties.iter().filter_map(|known| known.get(name)).collect();
        if of.is_empty() { Some(format!("{at} is not documented")) } else { undocumented(&of, value, &at) }
    })
}

/// A schema and all schemas it is composed of.
fn spread(schema: &'static Value, parts: &mut Vec<&'static Value>) {
    parts.push(schema);
    let referred = schema["$ref"].as_str().and_then(|name| DOCUMENT.pointer(name.strip_prefix('#')?));
    let inner = ["allOf", "anyOf", "oneOf"].into_iter().filter_map(|of| schema[of].as_array()).flatten();
    referred.into_iter().chain(inner).for_each(|part| spread(part, parts));
}

fn wrong_type(schema: &Value, value: &Value) -> Option<String> {
    let types: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        _ => return None,
    };
    let is = |name: &&str| match *name {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "null" => value.is_null(),
        _ => false,
    };
    (!types.iter().any(is)).then(|| format!("{value} is not {types:?}"))
}

fn wrong_limits(schema: &Value, value: &Value) -> Option<String> {
    let limit = |name: &str| schema[name].as_i64();
    if let Some(words) = schema["enum"].as_array()
        && !words.contains(value)
    {
        return Some(format!("{value} is not one of {words:?}"));
    }
    let (low, high, size) = match value {
        Value::Number(number) => (limit("minimum"), limit("maximum"), number.as_i64()?),
        Value::String(text) => {
            (limit("minLength"), limit("maxLength"), i64::try_from(text.chars().count()).ok()?)
        }
        Value::Array(items) => (limit("minItems"), limit("maxItems"), i64::try_from(items.len()).ok()?),
        _ => return None,
    };
    let outside = low.is_some_and(|low| size < low) || high.is_some_and(|high| size > high);
    outside.then(|| format!("{value} is outside {low:?} to {high:?}"))
}

/// Objects with documented properties have no others, except inherited ones.
fn wrong_members(schema: &Value, value: &Value, at: &str) -> Option<String> {
    if let Some(items) = value.as_array() {
        let of = schema.get("items")?;
        return items
            .iter()
            .enumerate()
            .find_map(|(index, item)| mismatch(of, item, &format!("{at}/{index}")));
    }
    let (object, properties) = (value.as_object()?, schema["properties"].as_object()?);
    let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    if let Some(missing) = required.into_iter().find(|name| !object.contains_key(*name)) {
        return Some(format!("{at}: {missing} is missing"));
    }
    if schema["additionalProperties"] == false
        && let Some(unknown) = object.keys().find(|name| !properties.contains_key(*name))
    {
        return Some(format!("{at}: {unknown} is not documented"));
    }
    properties.iter().find_map(|(name, schema)| mismatch(schema, object.get(name)?, &format!("{at}/{name}")))
}

/// The examples of a request body, with their operation.
pub fn examples() -> Vec<(Method, &'static str, &'static str, &'static Value)> {
    let mut found = Vec::new();
    for (path, item) in DOCUMENT["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let method: Method = method.to_uppercase().parse().unwrap();
            let examples = operation["requestBody"]["content"]["application/json"]["examples"].as_object();
            for (name, example) in examples.into_iter().flatten() {
                found.push((method.clone(), path.as_str(), name.as_str(), &example["value"]));
            }
        }
    }
    found
}

#[test]
fn an_answer_with_more_or_less_than_is_documented_is_noticed() {
    let schema = &DOCUMENT["components"]["schemas"]["BookingLine"];
    let money = serde_json::json!({"amount": 1, "currency": "EUR"});
    let mut line = serde_json::json!({"offering_id": "x", "name": null, "base_price": money, "kind": "product", "quantity": 1});
    let both = |line: &Value| mismatch(schema, line, "").or_else(|| undocumented(&[schema], line, ""));
    assert_eq!(both(&line), None);
    line["base_price"]["vat"] = Value::Null;
    assert_eq!(both(&line).unwrap(), "/base_price/vat is not documented");
    line.as_object_mut().unwrap().remove("base_price");
    assert_eq!(both(&line).unwrap(), ": base_price is missing");
}
