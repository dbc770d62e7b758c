//! The rules for selling limited capacity: pools divided into slots, offerings that use them, bookings that claim
//! them, and `decide`, which turns a working set and a command into an outcome.
//!
//! Deliberately absent: async, IO, SQL, a clock and randomness. Time and randomness are parameters, so that every
//! rule can be tested millions of times and replayed. Start with [`decide`] and [`working_set`].

pub mod actor;
pub mod assertion;
pub mod authorise;
pub mod booking;
pub mod catalogue;
pub mod chance;
pub mod command;
pub mod decide;
pub mod event;
pub mod field;
pub mod identity;
pub mod ids;
pub mod limits;
pub mod line;
pub mod money;
pub mod offering;
pub mod opening;
pub mod permission;
pub mod plan;
pub mod pool;
pub mod reference;
pub mod refusal;
pub mod seats;
mod sharded;
pub mod slot;
pub mod status;
pub mod time;
pub mod venue;
pub mod working_set;
