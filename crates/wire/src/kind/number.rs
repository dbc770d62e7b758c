//! Whole numbers and booleans.

use serde_json::{Value, json};
use utoipa::openapi::schema::{ObjectBuilder, Type};

use super::field::Kind;
use crate::reader::At;
use crate::schema::{self, Described, Schemas, inline};

/// A whole number from `min` to `max`.
#[derive(Clone, Copy)]
pub struct Integer {
    min: i64,
    max: i64,
    example: i64,
    by: Checker,
}

/// Where the bounds are checked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Checker {
    Reader,
    Rules,
}

pub const fn integer(min: i64, max: i64, example: i64) -> Integer {
    Integer { min, max, example, by: Checker::Reader }
}

impl Integer {
    /// Leaves the bounds to the rules of the use case, which report them together with other errors.
    #[must_use]
    pub const fn ruled(self) -> Self {
        Self { by: Checker::Rules, ..self }
    }
}

impl Kind for Integer {
    type Value = i64;

    fn parse(&self, value: &Value, at: &mut At<'_>) -> Option<i64> {
        let number = match value {
            Value::String(text) if at.is_text() => text.parse().ok(),
            other => other.as_i64(),
        };
        let Some(number) = number else { return at.none("must be a whole number") };
        if self.by == Checker::Rules || (self.min..=self.max).contains(&number) {
            return Some(number);
        }
        at.none(format!("must be from {} to {}", self.min, self.max))
    }

    fn schema(&self, _: &mut Schemas) -> Described {
        let (min, max) =
            (Some(self.min).filter(|min| *min > i64::MIN), Some(self.max).filter(|max| *max < i64::MAX));
        let schema = schema::integer().minimum(min).maximum(max);
        inline(schema.examples([json!(self.example)]))
    }
}

#[derive(Clone, Copy)]
pub struct Boolean;

pub const fn boolean() -> Boolean {
    Boolean
}

impl Kind for Boolean {
    type Value = bool;

    fn parse(&self, value: &Value, at: &mut At<'_>) -> Option<bool> {
        let is = match value {
            Value::String(text) if at.is_text() => text.parse().ok(),
            other => other.as_bool(),
        };
        is.or_else(|| at.none("must be true or false"))
    }

    fn schema(&self, _: &mut Schemas) -> Described {
        inline(ObjectBuilder::new().schema_type(Type::Boolean))
    }
}
