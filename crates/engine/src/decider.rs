//! How commands that are decided together plug into a lane.

use domain::time::Instant;
use store::outbox::CommitId;
use store::{Connection, StoreError, Vault};

use crate::chance::SystemChance;

/// Loads, decides and saves the commands of a batch. Each lane has one of its own.
pub trait Decider: Send + Sized + 'static {
    type Command: Send + 'static;
    type Reply: Send + 'static;
    /// What a command turned out to need that was not loaded.
    type Lack: Send + 'static;

    /// Commits what must be there before the batch holds locks. Called before the units of a batch that has both.
    fn prepare(&mut self, batch: &mut Batch<'_>, commands: &[&Self::Command]) -> Result<(), StoreError>;

    /// Loads what the commands need, decides each in the order given, and saves what changed, the row of the batch's
    /// commit included, all in the transaction that is open. The outcomes come in the order of the commands.
    fn decide(
        &mut self,
        batch: &mut Batch<'_>,
        commands: &[&Self::Command],
    ) -> Result<Decided<Self>, StoreError>;

    /// Notes what a command lacked, before it is decided again in the next batch.
    fn put_off(command: &mut Self::Command, lack: Self::Lack);
}

/// The open transaction.
pub struct Batch<'a> {
    pub connection: &'a mut Connection,
    pub commit: CommitId,
    pub attempt: Try,
    /// The lane's time: the database's, which never runs backwards here.
    pub now: Instant,
    pub vault: &'a Vault,
    pub chance: &'a mut SystemChance,
    /// Events of units in this commit: those of the commands come after them.
    pub events: i64,
    /// Whether units have written in this transaction before, so that it cannot be begun anew.
    pub has_units: bool,
}

/// Which try at the same commands this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Try {
    First,
    /// They met others on their way, and must now keep them away.
    Again,
}

/// What was decided.
pub struct Decided<D: Decider> {
    pub outcomes: Vec<Outcome<D>>,
    /// Whether anything was written, with the commit's row.
    pub wrote: bool,
}

pub enum Outcome<D: Decider> {
    Decided(D::Reply),
    /// To be decided in the next batch.
    Deferred(D::Lack),
}
