//! Reads whole requests, from a body or a query.

use axum::extract::Query;
use axum::http::Uri;
use bytes::Bytes;
use domain::field::FieldErrors;
use serde_json::{Map, Value};

use crate::problem::Problem;
use crate::reader::{Reader, Source};
use crate::request::Request;

/// Reads a body as JSON. All invalid and unknown fields are reported in one problem.
pub fn read<T: Request>(body: &Bytes) -> Result<T, Problem> {
    read_with(body, T::read)
}

/// Like [`read`], with a function that needs more than the body.
pub fn read_with<T>(body: &Bytes, read: impl FnOnce(&mut Reader<'_>) -> Option<T>) -> Result<T, Problem> {
    if body.is_empty() {
        return Err(Problem::invalid_field("", "the body is empty; send a JSON object"));
    }
    let value = serde_json::from_slice(body);
    let value = value.map_err(|error| Problem::invalid_field("", format!("invalid JSON: {error}")))?;
    of_value(&value, read)
}

/// Like [`read`], but an empty body means an object without fields.
pub fn read_optional<T: Request>(body: &Bytes) -> Result<T, Problem> {
    if body.is_empty() { read_value(&Value::Object(Map::new())) } else { read(body) }
}

pub fn read_value<T: Request>(value: &Value) -> Result<T, Problem> {
    of_value(value, T::read)
}

fn of_value<T>(value: &Value, read: impl FnOnce(&mut Reader<'_>) -> Option<T>) -> Result<T, Problem> {
    let Value::Object(object) = value else {
        return Err(Problem::invalid_field("", "must be a JSON object"));
    };
    whole(object, Source::Json, FieldErrors::default(), read)
}

/// Reads the parameters of a query. Unknown and repeated parameters are errors.
pub fn read_query<T: Request>(uri: &Uri) -> Result<T, Problem> {
    let pairs = Query::<Vec<(String, String)>>::try_from_uri(uri);
    let Query(pairs) = pairs.map_err(|_| Problem::invalid_field("query:", "cannot be read"))?;
    let (mut parameters, mut errors) = (Map::new(), FieldErrors::default());
    for (name, value) in pairs {
        if parameters.contains_key(&name) {
            errors.add(format!("query:{name}"), "is repeated");
        }
        parameters.insert(name, Value::String(value));
    }
    whole(&parameters, Source::Query, errors, T::read)
}

fn whole<T>(
    object: &Map<String, Value>,
    source: Source,
    mut errors: FieldErrors,
    read: impl FnOnce(&mut Reader<'_>) -> Option<T>,
) -> Result<T, Problem> {
    let mut reader = Reader::new(object, source, &mut errors);
    let result = read(&mut reader);
    reader.finish();
    match (errors.is_empty(), result) {
        (true, Some(result)) => Ok(result),
        (true, None) => Err(Problem::invalid_field("", "is incomplete")),
        (false, _) => Err(Problem::invalid(&errors.into_vec())),
    }
}
