//! Decides one command against a working set. Pure: the same set, command, time and randomness give the same outcome.
//!
//! A refused or deferred command leaves the set unchanged, except that holds whose time is over may have been
//! expired, which is correct in any case.

mod change;
mod claim;
mod create;
mod lines;
mod transition;

use uuid::Uuid;

use crate::catalogue::Catalogue;
use crate::command::Command;
use crate::ids::{BookingId, OrderId};
use crate::reference::ReferenceKey;
use crate::refusal::Refusal;
use crate::time::Instant;
use crate::working_set::{Missing, WorkingSet};

/// The source of ids and random bits.
pub trait Chance {
    /// A new UUID that sorts after those of earlier milliseconds. `hint` becomes part of its random bits.
    fn id(&mut self, now: Instant, hint: u16) -> Uuid;
    fn bits(&mut self) -> u64;

    /// Random bits for a reference created at `now`. A source of many references in one millisecond should not repeat
    /// bits within it.
    fn reference_bits(&mut self, _now: Instant) -> u64 {
        self.bits()
    }
}

/// What a decision may use in addition to the working set.
pub struct Context<'a> {
    pub catalogue: &'a Catalogue,
    pub reference_key: ReferenceKey,
    pub now: Instant,
    pub chance: &'a mut dyn Chance,
}

/// The outcome of a completed command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Done {
    Created {
        order: Option<OrderId>,
        bookings: Vec<BookingId>,
    },
    Changed(BookingId),
    /// There was nothing to do. This is not an error.
    Nothing,
}

/// Why a command was not done, or cannot be decided yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotDone {
    Refused(Refusal),
    /// It needs rows that are not loaded. Load them and decide again.
    Deferred(Missing),
}

impl From<Missing> for NotDone {
    fn from(missing: Missing) -> Self {
        Self::Deferred(missing)
    }
}

impl From<Refusal> for NotDone {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

pub fn decide(set: &mut WorkingSet, context: &mut Context<'_>, command: &Command) -> Result<Done, NotDone> {
    match command {
        Command::Create(order) => create::create(set, context, order),
        Command::Update(update) => change::update(set, context, update),
        Command::SetStatus(change) => change::set_status(set, context, change),
        Command::Expire(booking) => change::expire(set, context, *booking),
    }
}
