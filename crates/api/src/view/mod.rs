//! What things look like in JSON.

pub mod answers;
pub mod availability;
pub mod booking;
pub mod catalogue;
pub mod privacy;
