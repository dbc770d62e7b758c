//! Values that contain other values: lists, nested requests, opaque objects.

use std::marker::PhantomData;

use serde_json::Value;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

use super::field::Kind;
use crate::reader::At;
use crate::request::Request;
use crate::schema::{Described, Schemas, array, inline};

/// An array of `min..=max` values of one kind.
pub struct List<K> {
    min: usize,
    max: usize,
    of: K,
}

pub const fn list<K: Kind>(min: usize, max: usize, of: K) -> List<K> {
    List { min, max, of }
}

impl<K: Kind> Kind for List<K> {
    type Value = Vec<K::Value>;

    fn parse(&self, value: &Value, at: &mut At<'_>) -> Option<Self::Value> {
        let Some(elements) = value.as_array() else { return at.none("must be an array") };
        if !(self.min..=self.max).contains(&elements.len()) {
            return at.none(format!("must hold {} to {} elements", self.min, self.max));
        }
        let found = at.elements(elements, |element, at| self.of.parse(element, at));
        // Rules between fields are not checked if some elements of the list are invalid.
        (found.len() == elements.len()).then_some(found)
    }

    fn schema(&self, schemas: &mut Schemas) -> Described {
        let array = array(self.of.schema(schemas));
        inline(array.min_items(Some(self.min)).max_items(Some(self.max)))
    }
}

/// An object that is itself declared as a request.
pub struct Nested<T>(PhantomData<fn() -> T>);

pub const fn nested<T: Request>() -> Nested<T> {
    Nested(PhantomData)
}

impl<T: Request> Kind for Nested<T> {
    type Value = T;

    fn parse(&self, value: &Value, at: &mut At<'_>) -> Option<T> {
        at.object(value, T::read)
    }

    fn schema(&self, schemas: &mut Schemas) -> Described {
        T::schema(schemas)
    }
}

/// An opaque object of the caller, kept as compact JSON with a maximum number of bytes.
pub struct JsonObject {
    bytes_max: usize,
    example: &'static str,
}

/// `example` is JSON.
pub const fn json_object(bytes_max: usize, example: &'static str) -> JsonObject {
    JsonObject { bytes_max, example }
}

impl Kind for JsonObject {
    type Value = String;

    fn parse(&self, value: &Value, at: &mut At<'_>) -> Option<String> {
        let text = value.is_object().then(|| value.to_string());
        let text = text.filter(|text| text.len() <= self.bytes_max);
        text.or_else(|| at.none(format!("must be an object of at most {} bytes", self.bytes_max)))
    }

    fn schema(&self, _: &mut Schemas) -> Described {
        let example: Option<Value> = serde_json::from_str(self.example).ok();
        inline(Schema::from(ObjectBuilder::new().schema_type(Type::Object).examples(example)))
    }
}
