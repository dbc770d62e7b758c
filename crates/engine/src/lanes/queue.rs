//! The queue of a lane. It is bounded, and the lane takes all commands at once.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use prometheus::IntGauge;
use store::StoreError;
use tokio::sync::oneshot;

use crate::unit::{Ran, Work};
use crate::{Decider, Fault};

/// Maximum number of waiting entries; further ones are refused immediately.
const QUEUE_MAX: usize = 16_384;
/// Maximum number of commands in a batch.
const BATCH_COMMANDS_MAX: usize = 256;
/// Units of one batch: its commands wait for all of them.
const BATCH_UNITS_MAX: usize = 32;

pub(super) type Answered<D> = oneshot::Sender<Result<<D as Decider>::Reply, Fault>>;
pub(super) enum Job<D: Decider> {
    Command(Box<Pending<D>>),
    Unit(PendingUnit),
}

/// A command waiting for its decision.
pub(super) struct Pending<D: Decider> {
    pub command: D::Command,
    pub answered: Answered<D>,
    pub queued_at: std::time::Instant,
    /// How often the command was deferred to the next batch.
    pub deferred: u32,
    ticket: Ticket,
}

impl<D: Decider> Pending<D> {
    pub fn new(command: D::Command, answered: Answered<D>, ticket: Ticket) -> Self {
        let queued_at = std::time::Instant::now();
        Self { command, answered, queued_at, deferred: 0, ticket }
    }
}

/// A unit that waits to be run.
pub(crate) struct PendingUnit {
    pub work: Box<dyn Work>,
    /// How its last run ended.
    pub ran: Option<Ran>,
    pub queued_at: std::time::Instant,
    ticket: Ticket,
}

impl PendingUnit {
    pub fn new(work: Box<dyn Work>, ticket: Ticket) -> Self {
        Self { work, ran: None, queued_at: std::time::Instant::now(), ticket }
    }
}

/// Whether a command still belongs to the caller or already to the lane.
#[derive(Clone)]
pub(crate) struct Ticket(Arc<AtomicU8>);

const WAITING: u8 = 0;
const TAKEN: u8 = 1;
const WITHDRAWN: u8 = 2;

impl Ticket {
    pub fn new() -> Self {
        Self(Arc::new(AtomicU8::new(WAITING)))
    }

    /// Withdraws the command, if no lane has taken it.
    pub fn withdraw(&self) -> bool {
        self.0.compare_exchange(WAITING, WITHDRAWN, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    fn take(&self) -> bool {
        self.0.compare_exchange(WAITING, TAKEN, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }
}

/// What a lane does in one transaction.
pub(super) struct Load<D: Decider> {
    pub commands: Vec<Pending<D>>,
    pub units: Vec<PendingUnit>,
}

impl<D: Decider> Load<D> {
    pub fn len(&self) -> usize {
        self.commands.len() + self.units.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether another try may end otherwise: what a unit runs into alone is its own, unless it met another.
    pub fn may_succeed_after(&self, error: &StoreError) -> bool {
        let is_lone_unit = self.commands.is_empty() && self.units.len() == 1;
        if is_lone_unit { error.is_passing() } else { !error.is_unavailable() }
    }

    /// The same, each part alone.
    pub fn parts(self) -> impl Iterator<Item = Self> {
        let units = self.units.into_iter().map(Self::of_unit);
        units.chain(
            self.commands.into_iter().map(|pending| Self { commands: vec![pending], units: Vec::new() }),
        )
    }

    pub fn of_unit(unit: PendingUnit) -> Self {
        Self { commands: Vec::new(), units: vec![unit] }
    }

    /// Answers everything with the error.
    pub fn fail(self, error: &Fault) {
        for pending in self.commands {
            let _ = pending.answered.send(Err(error.clone()));
        }
        for unit in self.units {
            unit.work.answer(Some(error.clone()));
        }
    }
}

pub(super) struct Queue<D: Decider> {
    state: Mutex<State<D>>,
    filled: Condvar,
    /// Waiting entries and those that the lane took last, which are done when it takes more.
    load: AtomicUsize,
    /// Waiting entries, over all lanes. Withdrawn commands count until they are skipped.
    length: IntGauge,
}

struct State<D: Decider> {
    jobs: VecDeque<Job<D>>,
    /// The lane is sleeping and must be woken.
    idle: bool,
    closed: bool,
}

impl<D: Decider> State<D> {
    /// What a lane does next, in the order in which it came.
    fn next(&mut self) -> Load<D> {
        let mut load = Load { commands: Vec::new(), units: Vec::new() };
        while load.commands.len() < BATCH_COMMANDS_MAX && load.units.len() < BATCH_UNITS_MAX {
            match self.jobs.pop_front() {
                Some(Job::Command(pending)) if pending.ticket.take() => load.commands.push(*pending),
                Some(Job::Unit(unit)) if unit.ticket.take() => load.units.push(unit),
                // Withdrawn by its caller.
                Some(Job::Command(_) | Job::Unit(_)) => {}
                None => break,
            }
        }
        load
    }
}

impl<D: Decider> Queue<D> {
    pub fn new(length: IntGauge) -> Self {
        let state = State { jobs: VecDeque::new(), idle: false, closed: false };
        Self { state: Mutex::new(state), filled: Condvar::new(), load: AtomicUsize::new(0), length }
    }

    pub fn push(&self, job: Job<D>) -> Result<(), Fault> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.closed || state.jobs.len() >= QUEUE_MAX {
            return Err(Fault::Overloaded);
        }
        state.jobs.push_back(job);
        self.load.fetch_add(1, Ordering::Relaxed);
        self.length.inc();
        if std::mem::take(&mut state.idle) {
            self.filled.notify_one();
        }
        Ok(())
    }

    /// Takes what is waiting. Waits if there is nothing and `wait` is set. `None` once the queue is closed and empty.
    pub fn take(&self, wait: bool) -> Option<Load<D>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        self.load.store(state.jobs.len(), Ordering::Relaxed);
        while state.jobs.is_empty() && !state.closed && wait {
            state.idle = true;
            state = self.filled.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.idle = false;
        let waiting = state.jobs.len();
        let load = state.next();
        self.length.sub(i64::try_from(waiting - state.jobs.len()).unwrap_or(0));
        if load.is_empty() && state.closed && wait { None } else { Some(load) }
    }

    /// How much work would precede a command added now.
    pub fn length(&self) -> usize {
        self.load.load(Ordering::Relaxed)
    }

    /// Accepts no more commands; waiting ones are still executed.
    pub fn close(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).closed = true;
        self.filled.notify_all();
    }
}
