//! Values that a function reads, and that the document shows by an example.

use serde_json::Value;
use utoipa::openapi::schema::{ObjectBuilder, Type};

use super::Kind;
use crate::reader::At;
use crate::schema::{Described, Schemas, array, inline, reference};

/// A value whose parts are not declared one by one.
pub struct Opaque<T> {
    of: Shape,
    read: fn(&Value) -> Result<T, String>,
    example: &'static str,
}

enum Shape {
    Of(Type),
    /// An array of what the schema of this name describes.
    ArrayOf(&'static str),
}

/// `example` is JSON of the type that is documented.
pub const fn opaque<T>(of: Type, read: fn(&Value) -> Result<T, String>, example: &'static str) -> Opaque<T> {
    Opaque { of: Shape::Of(of), read, example }
}

/// The same for an array, whose elements the schema of this name describes.
pub const fn opaque_list<T>(
    of: &'static str,
    read: fn(&Value) -> Result<T, String>,
    example: &'static str,
) -> Opaque<T> {
    Opaque { of: Shape::ArrayOf(of), read, example }
}

impl<T> Kind for Opaque<T> {
    type Value = T;

    fn parse(&self, value: &Value, at: &mut At<'_>) -> Option<T> {
        (self.read)(value).map_err(|wrong| at.wrong(wrong)).ok()
    }

    fn schema(&self, _: &mut Schemas) -> Described {
        let example: Option<Value> = serde_json::from_str(self.example).ok();
        match &self.of {
            Shape::Of(of) => inline(ObjectBuilder::new().schema_type(of.clone()).examples(example)),
            Shape::ArrayOf(name) => inline(array(reference(name)).examples(example)),
        }
    }
}
