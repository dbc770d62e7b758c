//! Values that a function reads, and that the document shows by an example.

use serde_json::Value;
use utoipa::openapi::schema::{ObjectBuilder, Type};

use super::Kind;
use crate::reader::At;
use crate::schema::{Described, Schemas, inline};

/// A value whose parts are not declared one by one.
pub struct Opaque<T> {
    of: Type,
    read: fn(&Value) -> Result<T, String>,
    example: &'static str,
}

/// `example` is JSON of the type that is documented.
pub const fn opaque<T>(of: Type, read: fn(&Value) -> Result<T, String>, example: &'static str) -> Opaque<T> {
    Opaque { of, read, example }
}

impl<T> Kind for Opaque<T> {
    type Value = T;

    fn parse(&self, value: &Value, at: &mut At<'_>) -> Option<T> {
        (self.read)(value).map_err(|wrong| at.wrong(wrong)).ok()
    }

    fn schema(&self, _: &mut Schemas) -> Described {
        let example: Option<Value> = serde_json::from_str(self.example).ok();
        inline(ObjectBuilder::new().schema_type(self.of.clone()).examples(example))
    }
}
