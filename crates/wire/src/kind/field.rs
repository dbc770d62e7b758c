//! A field: a kind of value, and the meaning of its absence.

use serde::Serialize;
use serde_json::{Value, json};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

use crate::reader::{At, Reader};
use crate::schema::{Described, Property, Schemas, nullable};

/// What a value must be.
pub trait Kind {
    type Value;

    /// Parses `value`. Errors are added at `at`.
    fn parse(&self, value: &Value, at: &mut At<'_>) -> Option<Self::Value>;

    fn schema(&self, schemas: &mut Schemas) -> Described;
}

/// A kind, and the meaning of an absent or null field.
pub trait Field {
    type Value;
    const IS_REQUIRED: bool;

    fn read(&self, reader: &mut Reader<'_>, name: &'static str) -> Option<Self::Value>;

    fn schema(&self, schemas: &mut Schemas) -> Described;
}

/// The documentation of a field.
pub fn property<V, F: Field<Value = V>>(
    name: &'static str,
    says: &str,
    field: &F,
    schemas: &mut Schemas,
) -> Property {
    Property::new(name, says, field.schema(schemas), F::IS_REQUIRED)
}

impl<K: Kind> Field for K {
    type Value = K::Value;
    const IS_REQUIRED: bool = true;

    fn read(&self, reader: &mut Reader<'_>, name: &'static str) -> Option<K::Value> {
        match reader.value(name) {
            Some(value) => self.parse(value, &mut reader.at(name)),
            None => reader.at(name).none("is required"),
        }
    }

    fn schema(&self, schemas: &mut Schemas) -> Described {
        Kind::schema(self, schemas)
    }
}

/// May be absent or null, which is the same.
pub struct Maybe<K>(K);

pub const fn maybe<K: Kind>(kind: K) -> Maybe<K> {
    Maybe(kind)
}

impl<K: Kind> Field for Maybe<K> {
    type Value = Option<K::Value>;
    const IS_REQUIRED: bool = false;

    fn read(&self, reader: &mut Reader<'_>, name: &'static str) -> Option<Self::Value> {
        match reader.value(name) {
            Some(value) => self.0.parse(value, &mut reader.at(name)).map(Some),
            None => Some(None),
        }
    }

    fn schema(&self, schemas: &mut Schemas) -> Described {
        nullable(self.0.schema(schemas))
    }
}

/// Has a default if it is absent or null.
pub struct Or<K: Kind>(K, K::Value);

pub const fn or<K: Kind>(kind: K, default: K::Value) -> Or<K> {
    Or(kind, default)
}

impl<K: Kind<Value: Clone + Serialize>> Field for Or<K> {
    type Value = K::Value;
    const IS_REQUIRED: bool = false;

    fn read(&self, reader: &mut Reader<'_>, name: &'static str) -> Option<Self::Value> {
        match reader.value(name) {
            Some(value) => self.0.parse(value, &mut reader.at(name)),
            None => Some(self.1.clone()),
        }
    }

    fn schema(&self, schemas: &mut Schemas) -> Described {
        let mut schema = self.0.schema(schemas);
        if let RefOr::T(Schema::Object(object)) = &mut schema {
            object.default = Some(json!(self.1));
        }
        nullable(schema)
    }
}

/// In a change: absent keeps the old value, null removes it.
pub struct Replaced<K>(K);

pub const fn replaced<K: Kind>(kind: K) -> Replaced<K> {
    Replaced(kind)
}

impl<K: Kind> Field for Replaced<K> {
    type Value = Option<Option<K::Value>>;
    const IS_REQUIRED: bool = false;

    fn read(&self, reader: &mut Reader<'_>, name: &'static str) -> Option<Self::Value> {
        match reader.value(name) {
            Some(value) => self.0.parse(value, &mut reader.at(name)).map(|new| Some(Some(new))),
            None => Some(reader.mentions(name).then_some(None)),
        }
    }

    fn schema(&self, schemas: &mut Schemas) -> Described {
        nullable(self.0.schema(schemas))
    }
}
