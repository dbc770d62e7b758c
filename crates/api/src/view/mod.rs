//! What things of the catalogue look like in JSON.

pub mod answers;
pub mod catalogue;
