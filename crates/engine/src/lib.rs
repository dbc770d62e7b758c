//! The engine: lanes that write, and what every write brings with it, whatever it is about.
//!
//! A [`lanes::Lane`](lanes) is one thread with one connection. It takes everything that waits, does it in one
//! transaction and commits once, so that a commit to the disk is shared by all who wait for it. Commands that are
//! decided together plug in as a [`Decider`], one for each lane.
//!
//! Any other write is a closure over a [`Unit`], which shares the batch and its commit ([`Engine::write`]):
//!
//! ```ignore
//! app.engine.write(Subject(id.0), move |unit| {
//!     let venue = venues::for_update(unit.connection, id)?.ok_or(Denied::NotFound("venue"))?;
//!     let renamed = venue.renamed(&name)?; // what it refuses is the use case's own error, and undoes the unit
//!     venues::save(unit.connection, &renamed, unit.now)?;
//!     unit.audit(AuditEntry::by(actor, AuditAction::VenueRenamed).to(id));
//!     Ok(renamed)
//! })
//! ```
//!
//! [`Engine::answer`] does the same once for each idempotency key. The refusals of a use case become a [`UnitError`] by
//! [`refusals!`]. Start at [`Engine`]; how a batch is done is in [`lanes`], and why so in
//! `docs/decisions/0013-units.md`.
//!
//! What is deliberately absent: every noun. Bookings, catalogue and people stand above and bring load, decide and save.
//! No HTTP, no vendors.

pub mod bounded;
pub mod chance;
pub mod clock;
mod decider;
mod engine;
mod error;
pub mod idempotency;
pub mod lanes;
pub mod metrics;
pub mod supervisor;
mod unit;

pub use decider::{Batch, Decided, Decider, Outcome, Try};
pub use engine::Engine;
pub use error::Fault;
pub use lanes::Lanes;
pub use metrics::Metrics;
pub use unit::{Subject, Unit, UnitError, UnitEvent};
