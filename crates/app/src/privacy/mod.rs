//! What is known of people: found by an exact address or number, handed out whole, erased.

mod erase;
mod export;
mod search;

pub use erase::{Erased, ErasureRefusal, erase};
pub use export::{Export, export};
pub use search::{Found, Sought, search};
