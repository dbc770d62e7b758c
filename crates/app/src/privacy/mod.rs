//! Personal data: search by an exact address or number, export, and erasure.

mod erase;
mod export;
mod search;

pub use erase::{Erased, ErasureRefusal, erase};
pub use export::{Export, export};
pub use search::{Found, Sought, search};
