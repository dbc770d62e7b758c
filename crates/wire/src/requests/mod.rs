//! The requests of the API.

pub mod auth;
pub mod booking;
pub mod business;
pub mod catalogue;
pub mod change;
mod examples;
mod kinds;
pub mod line;
pub mod lists;
pub mod opening;
pub mod privacy;
pub mod shared;
