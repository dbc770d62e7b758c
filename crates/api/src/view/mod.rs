//! What things look like in JSON.

pub mod answers;
pub mod audit;
pub mod auth;
pub mod availability;
pub mod booking;
pub mod business;
pub mod catalogue;
pub mod jobs;
pub mod privacy;
