//! Lanes: one thread, one connection, many writes a commit.
//!
//! A lane takes what is waiting, units first, does it in one transaction, and commits once. Under load batches grow by
//! themselves; alone, a write waits for nothing. Nothing is answered before the commit. A batch that fails for another
//! reason than the database being away is done again part by part, so that only the culprit fails.

mod batch;
mod lane;
mod queue;
mod units;

pub(crate) use queue::Ticket;

use std::sync::Arc;
use std::time::Duration;

use store::{Connection, Database, StoreError, Vault};
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::clock::Clock;
use crate::unit::Work;
use crate::{Decider, Fault, Metrics};
use queue::{Job, Pending, PendingUnit, Queue};

/// How long a write may wait in the queue before it is refused with 503, in milliseconds.
const QUEUE_WAIT_MS_MAX: u64 = 900;
/// How long a caller waits for a write that a lane has taken, in milliseconds.
const DECISION_WAIT_MS_MAX: u64 = 10_000;

/// The data shared by all lanes of a process.
#[derive(Clone)]
pub struct Shared {
    pub database: Database,
    pub clock: Clock,
    pub metrics: Arc<Metrics>,
    pub vault: Vault,
}

pub struct Lanes<D: Decider> {
    queues: Vec<Arc<Queue<D>>>,
    threads: Vec<std::thread::JoinHandle<()>>,
}

impl<D: Decider> Lanes<D> {
    /// Starts `count` lanes, each with a decider made for it.
    pub fn start(
        shared: &Shared,
        count: usize,
        decider: impl Fn(&mut Connection) -> Result<D, StoreError>,
    ) -> Result<Self, StoreError> {
        let mut lanes = Self { queues: Vec::new(), threads: Vec::new() };
        for number in 0..count.max(1) {
            let queue = Arc::new(Queue::new(shared.metrics.lane_queue_length.clone()));
            let mut lane = lane::Lane::open(shared.clone(), Arc::clone(&queue), &decider)?;
            let thread = std::thread::Builder::new()
                .name(format!("lane-{number}"))
                .spawn(move || lane.run())
                .map_err(|error| StoreError::Unusable(format!("cannot start a lane: {error}")))?;
            lanes.queues.push(queue);
            lanes.threads.push(thread);
        }
        Ok(lanes)
    }

    /// The queues, for what knows units only.
    pub(crate) fn unit_queues(&self) -> Vec<Arc<dyn TakesUnits>> {
        self.queues.iter().map(|queue| Arc::clone(queue) as Arc<dyn TakesUnits>).collect()
    }

    /// The lane that all commands about one thing go to.
    pub fn lane_of(&self, subject: Uuid) -> usize {
        lane_of(subject, self.queues.len())
    }

    /// The lane that is done first, for a command that any lane may decide; where they are alike, the subject's own.
    pub fn idlest(&self, subject: Uuid) -> usize {
        let (own, count) = (self.lane_of(subject), self.queues.len());
        let from_own = (0..count).map(|step| (own + step) % count);
        from_own
            .min_by_key(|lane| self.queues.get(*lane).map_or(usize::MAX, |queue| queue.length()))
            .unwrap_or(own)
    }

    /// Submits a command. Returns when its outcome is on disk.
    pub async fn submit(&self, lane: usize, command: impl Into<D::Command>) -> Result<D::Reply, Fault> {
        self.send(lane, command)?.outcome().await
    }

    /// Puts a command into a lane's queue. Commands sent to one lane one after the other are decided in that order.
    pub fn send(&self, lane: usize, command: impl Into<D::Command>) -> Result<Sent<D::Reply>, Fault> {
        let (sender, answered) = oneshot::channel();
        let ticket = Ticket::new();
        self.push(lane, Job::Command(Box::new(Pending::new(command.into(), sender, ticket.clone()))))?;
        Ok(Sent { answered, ticket })
    }

    fn push(&self, lane: usize, job: Job<D>) -> Result<(), Fault> {
        let queue = self.queues.get(lane % self.queues.len()).ok_or(Fault::Overloaded)?;
        queue.push(job)
    }
}

/// A lane, for what knows units only.
pub(crate) trait TakesUnits: Send + Sync {
    fn push_unit(&self, work: Box<dyn Work>, ticket: Ticket) -> Result<(), Fault>;
}

impl<D: Decider> TakesUnits for Queue<D> {
    fn push_unit(&self, work: Box<dyn Work>, ticket: Ticket) -> Result<(), Fault> {
        self.push(Job::Unit(PendingUnit::new(work, ticket)))
    }
}

/// The lane of a subject, of so many.
pub(crate) fn lane_of(subject: Uuid, lanes: usize) -> usize {
    let spread = subject.as_u64_pair().1.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    usize::try_from(spread).unwrap_or(0) % lanes.max(1)
}

/// A write in a queue. Dropped, it is withdrawn, unless a lane has taken it.
pub struct Sent<R, E = Fault> {
    pub(crate) answered: oneshot::Receiver<Result<R, E>>,
    pub(crate) ticket: Ticket,
}

impl<R, E: From<Fault>> Sent<R, E> {
    /// Waits for the outcome; gives up on a write that no lane has taken in time.
    pub async fn outcome(mut self) -> Result<R, E> {
        let in_queue = Duration::from_millis(QUEUE_WAIT_MS_MAX);
        if let Ok(outcome) = tokio::time::timeout(in_queue, &mut self.answered).await {
            return outcome.unwrap_or(Err(Fault::OutcomeUnknown.into()));
        }
        if self.ticket.withdraw() {
            return Err(Fault::Overloaded.into());
        }
        let in_lane = Duration::from_millis(DECISION_WAIT_MS_MAX);
        match tokio::time::timeout(in_lane, &mut self.answered).await {
            Ok(outcome) => outcome.unwrap_or(Err(Fault::OutcomeUnknown.into())),
            Err(_) => Err(Fault::OutcomeUnknown.into()),
        }
    }

    /// Waits for the outcome however long the queue is, for bulk work.
    pub async fn patient_outcome(mut self) -> Result<R, E> {
        (&mut self.answered).await.unwrap_or(Err(Fault::OutcomeUnknown.into()))
    }
}

impl<R, E> Drop for Sent<R, E> {
    fn drop(&mut self) {
        self.ticket.withdraw();
    }
}

impl<D: Decider> Drop for Lanes<D> {
    /// Queued commands are completed first.
    fn drop(&mut self) {
        self.queues.iter().for_each(|queue| queue.close());
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a lane panicked");
            }
        }
    }
}
