//! What a request is.

use serde_json::Value;

use crate::reader::Reader;
use crate::schema::{Described, Property, Schemas, request_object};

/// Bodies as they are sent: a title, and the body.
pub type Examples = Vec<(&'static str, Value)>;

/// What can be sent: a body, or the parameters of a query.
pub trait Request: Sized {
    /// Its name in the document.
    const NAME: &'static str;

    /// Reads it from an object. What is wrong is noted; then there may be no value.
    fn read(reader: &mut Reader<'_>) -> Option<Self>;

    /// Its schema, added under its name.
    fn schema(schemas: &mut Schemas) -> Described;

    fn examples() -> Examples {
        Vec::new()
    }
}

/// Fields that stand side by side: of a whole request, or a part that several requests share.
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
