//! What things look like in JSON.

pub mod availability;
pub mod booking;
pub mod catalogue;
