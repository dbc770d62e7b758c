//! The only SQL. Every statement is written once, in the subset that SQLite and PostgreSQL share, over the interface
//! in [`seam`]. A few differences go through `dialect`.
//!
//! Deliberately absent: rules (they are in `domain`), async writes (a write is a synchronous closure on its lane's
//! thread, so it cannot call other services while it holds locks), and an ORM. Start with [`seam::Connection`] and
//! [`changes`].

mod aad_context;
pub mod api_keys;
pub mod audit;
pub mod bookings;
pub mod businesses;
pub mod catalogue;
pub mod changes;
pub mod checkpoints;
pub mod clock;
pub mod constraints;
pub mod database;
pub mod devices;
pub mod email_tokens;
pub mod error;
pub mod holds;
pub mod installation;
pub mod jobs;
pub mod keys;
pub mod lists;
pub mod migrations;
pub mod outbox;
pub mod people;
pub mod privacy;
pub mod readers;
pub mod revocations;
mod row;
pub mod seam;
pub mod segments;
pub mod sessions;
pub mod signing_keys;
pub mod slots;
pub mod vault;
pub mod verify;

pub use constraints::Constraint;
pub use database::Database;
pub use error::StoreError;
pub use seam::Connection;
pub use vault::Vault;
