//! A unit of work: one small write, and what belongs to it.
//!
//! A unit shares its transaction and its commit with all that waits in its lane. A savepoint of its own keeps its
//! refusal, fault or panic from undoing anything else. [`Engine::write`](crate::Engine::write) runs one.

mod error;
mod work;

pub use error::UnitError;
pub(crate) use work::{Ran, Waiting, Work};

use domain::decide::Chance as _;
use domain::time::Instant;
use store::audit::{self, AuditWriter, Entry};
use store::outbox::{self, CommitId, NewEvent};
use store::{Connection, StoreError, Vault, keys};
use uuid::Uuid;

use crate::Batch;
use crate::chance::SystemChance;
use crate::idempotency::{Answer, Earlier, KeyUse, Recorded, Reply};

/// What a unit is about. Units of one subject are done in the order in which they came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Subject(pub Uuid);

impl Subject {
    /// Work about nothing in particular, such as a purge.
    pub const NONE: Self = Self(Uuid::nil());
}

/// What happened to the subject of a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitEvent {
    /// What kind of thing it happened to: `venue`.
    pub subject_kind: &'static str,
    pub subject: Uuid,
    /// The thing's version after the change: its events are told in this order.
    pub sequence: i64,
    /// `venue.updated`.
    pub kind: &'static str,
    /// The version of the payload's form.
    pub version: i64,
    /// JSON: ids and numbers, nothing that says who somebody is.
    pub payload: String,
}

impl UnitEvent {
    fn stored(&self, at: Instant) -> NewEvent<'_> {
        let Self { subject_kind, subject, sequence, kind, version, ref payload } = *self;
        NewEvent { subject_kind, subject, sequence, kind, version, payload, at }
    }
}

/// The open transaction of a unit, and what is recorded with it.
pub struct Unit<'a> {
    pub connection: &'a mut Connection,
    /// The lane's time.
    pub now: Instant,
    pub vault: &'a Vault,
    chance: &'a mut SystemChance,
    commit: CommitId,
    /// Events of this commit before those of this unit.
    events_before: &'a mut i64,
    events: Vec<UnitEvent>,
    entries: Vec<Entry>,
    answer: Option<Recorded>,
}

impl<'a> Unit<'a> {
    pub(crate) fn new(batch: &'a mut Batch<'_>) -> Self {
        Self {
            connection: &mut *batch.connection,
            now: batch.now,
            vault: batch.vault,
            chance: &mut *batch.chance,
            commit: batch.commit,
            events_before: &mut batch.events,
            events: Vec::new(),
            entries: Vec::new(),
            answer: None,
        }
    }

    /// The connection and the time.
    pub fn parts(&mut self) -> (&mut Connection, Instant) {
        (self.connection, self.now)
    }

    /// A new id. `hint` is the venue's where it is about one, else 0.
    pub fn id(&mut self, hint: u16) -> Uuid {
        self.chance.id(self.now, hint)
    }

    /// Adds an entry to the audit log.
    pub fn audit(&mut self, entry: impl Into<Entry>) {
        self.entries.push(entry.into());
    }

    /// Tells the world of a change, through the outbox.
    pub fn event(&mut self, event: UnitEvent) {
        self.events.push(event);
    }

    /// What the key was used for before, if anything.
    pub(crate) fn earlier(&mut self, key: &KeyUse) -> Result<Option<Earlier>, StoreError> {
        let mut recorded = Recorded::load(self.connection, self.vault, &[&key.scope])?;
        let earlier = recorded.earlier(key, self.now);
        self.answer = Some(recorded);
        Ok(earlier)
    }

    /// Records the answer that the key brings back from now on.
    pub(crate) fn record(&mut self, key: &KeyUse, reply: Reply) -> Answer {
        let answer = reply.answer();
        self.answer.get_or_insert_default().record(key, &answer, reply.people, self.now);
        answer
    }

    /// Writes down what was recorded.
    pub(crate) fn finish(self) -> Result<(), StoreError> {
        let now = self.now;
        let told = self.events.iter().map(|event| event.stored(now));
        outbox::insert(self.connection, (self.commit, *self.events_before), told)?;
        *self.events_before += i64::try_from(self.events.len()).unwrap_or(0);
        if !self.entries.is_empty() {
            let writer = AuditWriter(self.commit.writer.0);
            audit::append(self.connection, self.vault, writer, self.entries, self.now)?;
        }
        self.answer
            .map_or(Ok(()), |recorded| keys::save(self.connection, self.vault, &recorded.new, self.now))
    }
}
