//! The responses of the API, in JSON.

pub mod answers;
pub mod audit;
pub mod auth;
pub mod availability;
pub mod booking;
pub mod business;
mod context;
pub mod events;
pub mod jobs;
pub mod line;
pub mod privacy;
