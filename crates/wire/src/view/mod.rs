//! What the server answers with, in JSON.

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
