//! What can be sent to the server.

pub mod auth;
pub mod booking;
pub mod business;
pub mod change;
mod examples;
mod kinds;
pub mod line;
pub mod lists;
pub mod privacy;
pub mod shared;
