//! Kinds of fields: their valid values, how they are read, and how they are documented.

mod field;
mod list;
mod number;
mod opaque;
mod reference;
mod text;
mod time;

pub use field::{Field, Kind, Maybe, Or, Replaced, maybe, or, property, replaced};
pub use list::{JsonObject, List, Nested, json_object, list, nested};
pub use number::{Boolean, Integer, boolean, integer};
pub use opaque::{Opaque, opaque, opaque_list};
pub use reference::{
    Choice, Id, Prefixed, Selected, Spelled, Word, choice, id, read_selector, selector, word,
};
pub use text::{Parsed, Text, parsed, text};
pub use time::{DateKind, Moment, TimeOfDay, date, moment, time_of_day};
pub use time::{read_date, read_time};
