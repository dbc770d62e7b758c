//! Lanes: one thread, one connection, many commands a commit.
//!
//! A lane takes what is waiting, loads and locks what all of it needs, decides each command in the order of arrival,
//! writes what changed and commits once. Under load batches grow by themselves; alone, a command waits for nobody.
//! Nothing is answered before the commit. A batch that fails for another reason than the database being away is done
//! again command by command, so that only the culprit fails.

mod batch;
mod lane;
mod queue;

pub(crate) use batch::replay;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use domain::actor::Actor;
use domain::booking::Booking;
use domain::catalogue::Catalogue;
use domain::command::Command;
use domain::decide::Done;
use domain::ids::{OrderId, PersonId, PoolId};
use domain::reference::ReferenceKey;
use domain::refusal::Refusal;
use domain::time::Instant;
use store::outbox::CommitId;
use store::vault::people::GeneratedKey;
use store::{Connection, Database, StoreError, Vault};
use tokio::sync::oneshot;

use crate::catalogue::CatalogueCache;
use crate::clock::Clock;
use crate::idempotency::KeyUse;
use crate::metrics::Metrics;
use queue::{Job, Pending, Queue, Ticket};

/// How long a command may wait in the queue before it is refused with 503, in milliseconds.
const QUEUE_WAIT_MS_MAX: u64 = 900;
/// How long a caller waits for a command that a lane has taken, in milliseconds.
const DECISION_WAIT_MS_MAX: u64 = 10_000;

/// Writes a decision's answer down, inside the transaction: these bytes are sent now and at every repetition.
pub trait Render: Send + Sync {
    fn answer(&self, seen: &Seen<'_>) -> (u16, Vec<u8>);
}

/// A decision, as the one who asked for it may see it.
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
    /// Whom the bookings say anything about, each once.
    fn people(&self) -> Vec<PersonId> {
        let mut people: Vec<PersonId> = self.bookings.iter().filter_map(|booking| booking.about()).collect();
        people.sort_unstable();
        people.dedup();
        people
    }
}

/// A command on its way to a lane.
pub struct Request {
    pub command: Command,
    /// Who gets the answer. `None` wants no answer rendered, only to know what was done.
    pub viewer: Option<Actor>,
    pub key: Option<KeyUse>,
    /// The time the command is decided at, where it is not now: an import's.
    pub at: Option<Instant>,
    /// Keys for guests whose ids were generated for this command.
    pub generated: Vec<GeneratedKey>,
}

/// What became of a command.
#[derive(Debug, Clone)]
pub enum Reply {
    Done { done: Done, answer: Option<Answer> },
    Refused(Refusal),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub body: Bytes,
    /// Whether these are an earlier request's bytes.
    pub replayed: bool,
}

/// Why nobody can say what became of a command, or why nothing did.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SubmitError {
    #[error("more is waiting than can be served")]
    Overloaded,
    /// It may or may not have been done; its idempotency key will tell.
    #[error("the outcome is not known")]
    OutcomeUnknown,
    #[error(transparent)]
    Store(#[from] Arc<StoreError>),
    #[error("the command failed: {0}")]
    Fault(String),
}

impl From<StoreError> for SubmitError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::CommitUnknown(_) => Self::OutcomeUnknown,
            error => Self::Store(Arc::new(error)),
        }
    }
}

/// What all lanes of a process share.
#[derive(Clone)]
pub struct Shared {
    pub database: Database,
    pub clock: Clock,
    pub catalogue: Arc<CatalogueCache>,
    pub metrics: Arc<Metrics>,
    pub render: Arc<dyn Render>,
    pub reference_key: ReferenceKey,
    pub vault: Vault,
}

pub struct Lanes {
    queues: Vec<Arc<Queue>>,
    threads: Vec<std::thread::JoinHandle<()>>,
}

impl Lanes {
    pub fn start(shared: &Shared, count: usize) -> Result<Self, StoreError> {
        let mut lanes = Self { queues: Vec::new(), threads: Vec::new() };
        for number in 0..count.max(1) {
            let queue = Arc::new(Queue::new(shared.metrics.lane_queue_length.clone()));
            let mut lane = lane::Lane::open(shared.clone(), Arc::clone(&queue))?;
            let thread = std::thread::Builder::new()
                .name(format!("lane-{number}"))
                .spawn(move || lane.run())
                .map_err(|error| StoreError::Unusable(format!("cannot start a lane: {error}")))?;
            lanes.queues.push(queue);
            lanes.threads.push(thread);
        }
        Ok(lanes)
    }

    /// The lane that buyers of a pool go to.
    pub fn lane_of(&self, pool: PoolId) -> usize {
        let spread = pool.0.as_u64_pair().1.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        usize::try_from(spread).unwrap_or(0) % self.queues.len()
    }

    /// The lane that is done first, for a command that any lane may decide; where they are alike, the pool's own.
    pub fn idlest(&self, pool: PoolId) -> usize {
        let (own, count) = (self.lane_of(pool), self.queues.len());
        let from_own = (0..count).map(|step| (own + step) % count);
        from_own
            .min_by_key(|lane| self.queues.get(*lane).map_or(usize::MAX, |queue| queue.load()))
            .unwrap_or(own)
    }

    /// Has a command decided. Returns when its outcome is on the disk.
    pub async fn submit(&self, lane: usize, request: Request) -> Result<Reply, SubmitError> {
        self.send(lane, request)?.outcome().await
    }

    /// Puts a command into a lane's queue. Commands sent one after the other to one lane are decided in that order.
    pub fn send(&self, lane: usize, request: Request) -> Result<Sent, SubmitError> {
        let (sender, answered) = oneshot::channel();
        let ticket = Ticket::new();
        self.push(lane, Job::Command(Box::new(Pending::new(request, sender, ticket.clone()))))?;
        Ok(Sent { answered, ticket })
    }

    /// Segments a write of its own, alone in its transaction.
    pub async fn write<T: Send + 'static>(
        &self,
        lane: usize,
        write: impl FnOnce(&mut Connection, Instant) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, SubmitError> {
        let (sender, receiver) = oneshot::channel();
        let job = Job::Write(Box::new(move |connection| {
            let _ = sender.send(match connection {
                Ok((connection, now, commit)) => in_transaction(connection, now, commit, write),
                Err(error) => Err(error),
            });
        }));
        self.push(lane, job)?;
        match receiver.await {
            Ok(outcome) => Ok(outcome?),
            Err(_) => Err(SubmitError::OutcomeUnknown),
        }
    }

    fn push(&self, lane: usize, job: Job) -> Result<(), SubmitError> {
        let queue = self.queues.get(lane % self.queues.len()).ok_or(SubmitError::Overloaded)?;
        queue.push(job)
    }
}

/// A command in a queue. Dropped, it is withdrawn, unless a lane has taken it.
pub struct Sent {
    answered: oneshot::Receiver<Result<Reply, SubmitError>>,
    ticket: Ticket,
}

impl Sent {
    /// Waits for the outcome; gives up on a command that no lane has taken in time.
    pub async fn outcome(mut self) -> Result<Reply, SubmitError> {
        let in_queue = Duration::from_millis(QUEUE_WAIT_MS_MAX);
        if let Ok(outcome) = tokio::time::timeout(in_queue, &mut self.answered).await {
            return outcome.unwrap_or(Err(SubmitError::OutcomeUnknown));
        }
        if self.ticket.withdraw() {
            return Err(SubmitError::Overloaded);
        }
        let in_lane = Duration::from_millis(DECISION_WAIT_MS_MAX);
        match tokio::time::timeout(in_lane, &mut self.answered).await {
            Ok(outcome) => outcome.unwrap_or(Err(SubmitError::OutcomeUnknown)),
            Err(_) => Err(SubmitError::OutcomeUnknown),
        }
    }

    /// Waits for the outcome however long the queue is: for bulk work, which nobody waits for.
    pub async fn patient_outcome(mut self) -> Result<Reply, SubmitError> {
        (&mut self.answered).await.unwrap_or(Err(SubmitError::OutcomeUnknown))
    }
}

impl Drop for Sent {
    fn drop(&mut self) {
        self.ticket.withdraw();
    }
}

impl Drop for Lanes {
    /// What is queued is finished first.
    fn drop(&mut self) {
        self.queues.iter().for_each(|queue| queue.close());
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a lane panicked");
            }
        }
    }
}

fn in_transaction<T>(
    connection: &mut Connection,
    now: Instant,
    commit: CommitId,
    write: impl FnOnce(&mut Connection, Instant) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let written = write(connection, now).and_then(|value| {
        store::outbox::insert_commit(connection, commit, now)?;
        connection.commit()?;
        Ok(value)
    });
    if written.is_err() {
        connection.rollback();
    }
    written
}
