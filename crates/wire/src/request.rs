//! Requests.

use serde_json::Value;

use crate::reader::Reader;
use crate::schema::{Described, Property, Schemas, request_object};

/// Example bodies, each with a title.
pub type Examples = Vec<(&'static str, Value)>;

/// A request: a body, or the parameters of a query.
pub trait Request: Sized {
    /// The name of its schema.
    const NAME: &'static str;

    /// Reads it from an object and collects errors. If there are any, it may return no value.
    fn read(reader: &mut Reader<'_>) -> Option<Self>;

    /// Its schema, added under its name.
    fn schema(schemas: &mut Schemas) -> Described;

    fn examples() -> Examples {
        Vec::new()
    }
}

/// Fields on one level: of a whole request, or a part that several requests share.
pub trait Fields: Sized {
    const SAYS: &'static str;

    fn read_fields(reader: &mut Reader<'_>) -> Option<Self>;

    fn properties(schemas: &mut Schemas) -> Vec<Property>;
}

/// The schema of a request that is one object.
pub fn object_schema<T: Request + Fields>(schemas: &mut Schemas) -> Described {
    schemas.named(T::NAME, |schemas| {
        let properties = T::properties(schemas);
        request_object(T::SAYS.trim(), properties)
    })
}
