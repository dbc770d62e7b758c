//! What bookings bring to the lanes of the [`engine`]: their commands, and how a batch of them is decided.

mod batch;

pub(crate) use batch::reply;
pub use engine::Fault;
pub use engine::idempotency::Answer;

use std::sync::Arc;

use domain::actor::Actor;
use domain::booking::Booking;
use domain::catalogue::Catalogue;
use domain::command::Command;
use domain::decide::Done;
use domain::ids::{OrderId, PersonId};
use domain::reference::ReferenceKey;
use domain::refusal::Refusal;
use domain::slot::SlotKey;
use domain::time::Instant;
use engine::{Batch, Decided, Decider};
use store::StoreError;
use store::segments::Segments;
use store::vault::people::GeneratedKey;

use crate::catalogue::CatalogueCache;
use crate::idempotency::KeyUse;
use crate::metrics::Metrics;

pub type Lanes = engine::Lanes<Bookings>;
pub type Sent = engine::lanes::Sent<Reply>;

/// Writes the answer of a decision, inside the transaction: these bytes are sent now and for every repetition.
pub trait Render: Send + Sync {
    fn answer(&self, seen: &Seen<'_>) -> (u16, Vec<u8>);
}

/// A decision, as shown to its caller.
pub struct Seen<'a> {
    pub actor: Actor,
    pub order: Option<OrderId>,
    pub bookings: Vec<&'a Booking>,
    pub created: bool,
    pub catalogue: &'a Catalogue,
    pub reference_key: ReferenceKey,
    pub now: Instant,
}

impl Seen<'_> {
    /// The people whose data the bookings contain, each once.
    fn people(&self) -> Vec<PersonId> {
        let mut people: Vec<PersonId> = self.bookings.iter().filter_map(|booking| booking.about()).collect();
        people.sort_unstable();
        people.dedup();
        people
    }
}

/// A command for a lane.
pub struct Request {
    pub command: Command,
    /// Who gets the answer. With `None` no answer is rendered.
    pub viewer: Option<Actor>,
    pub key: Option<KeyUse>,
    /// The time of the decision, if it is not now: for imports.
    pub at: Option<Instant>,
    /// Keys for guests whose ids were generated for this command.
    pub generated: Vec<GeneratedKey>,
}

/// The outcome of a command.
#[derive(Debug, Clone)]
pub enum Reply {
    Done { done: Done, answer: Option<Answer> },
    Refused(Refusal),
}

/// A command in a lane.
pub struct Queued {
    request: Request,
    /// Full slots whose holds must be searched; known after the command was first decided.
    holds_on: Vec<SlotKey>,
}

impl From<Request> for Queued {
    fn from(request: Request) -> Self {
        Self { request, holds_on: Vec::new() }
    }
}

/// What the deciders of all lanes share.
#[derive(Clone)]
pub struct Shared {
    pub catalogue: Arc<CatalogueCache>,
    pub metrics: Arc<Metrics>,
    pub render: Arc<dyn Render>,
    pub reference_key: ReferenceKey,
}

/// Decides the booking commands of one lane.
pub struct Bookings {
    pub shared: Shared,
    pub segments: Segments,
}

impl Decider for Bookings {
    type Command = Queued;
    type Reply = Reply;
    type Lack = Vec<SlotKey>;

    fn prepare(&mut self, batch: &mut Batch<'_>, commands: &[&Queued]) -> Result<(), StoreError> {
        batch::prepare(batch, commands)
    }

    fn decide(&mut self, batch: &mut Batch<'_>, commands: &[&Queued]) -> Result<Decided<Self>, StoreError> {
        batch::decide_all(self, batch, commands)
    }

    fn put_off(command: &mut Queued, lack: Vec<SlotKey>) {
        command.holds_on.extend(lack);
    }
}
