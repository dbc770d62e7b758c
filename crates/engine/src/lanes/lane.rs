//! A lane: its thread, its connection, and its error handling.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use domain::decide::Chance as _;
use domain::time::Instant;
use store::outbox::{CommitId, Writer};
use store::seam::Role;
use store::{Connection, StoreError};

use super::Shared;
use super::batch::{self, Worker};
use super::queue::{Load, Pending, Queue};
use crate::chance::SystemChance;
use crate::unit::Ran;
use crate::{Decider, Fault, Outcome, Try};

/// How often one command is tried alone before it fails.
const TRIES_ALONE_MAX: u32 = 4;
/// How often a command may need more rows than were loaded.
const DEFERRALS_MAX: u32 = 8;
/// How long to try to find out whether a commit succeeded, in milliseconds.
const RESOLVE_MS_MAX: u64 = 700;

pub(super) struct Lane<D: Decider> {
    worker: Worker<D>,
    queue: Arc<Queue<D>>,
    connection: Option<Connection>,
    writer: Writer,
    commits: i64,
    /// The database was unavailable for the last batch.
    is_out: bool,
}

impl<D: Decider> Lane<D> {
    /// Opens the lane's connection, so that a database without durable writes is found before anything is sold.
    pub fn open(
        shared: Shared,
        queue: Arc<Queue<D>>,
        decider: &impl Fn(&mut Connection) -> Result<D, StoreError>,
    ) -> Result<Self, StoreError> {
        let mut connection = Connection::open(&shared.database, Role::Writer)?;
        let decider = decider(&mut connection)?;
        let mut chance = SystemChance::from_system();
        let writer = Writer((chance.bits() >> 1).cast_signed());
        Ok(Self {
            worker: Worker { shared, decider, chance, last: Instant(0) },
            queue,
            connection: Some(connection),
            writer,
            commits: 0,
            is_out: false,
        })
    }

    pub fn run(&mut self) {
        let mut deferred: Vec<Pending<D>> = Vec::new();
        while let Some(mut load) = self.queue.take(deferred.is_empty()) {
            self.took(&load);
            deferred.append(&mut load.commands);
            deferred = self.work(Load { commands: std::mem::take(&mut deferred), ..load });
        }
    }

    fn took(&self, load: &Load<D>) {
        let first = load.commands.first().map(|pending| pending.queued_at);
        if let Some(queued_at) = first.or_else(|| Some(load.units.first()?.queued_at)) {
            self.worker.shared.metrics.lane_wait_seconds.observe(queued_at.elapsed().as_secs_f64());
        }
    }

    /// Executes a batch and sends the responses. Returns what must wait for the next batch.
    fn work(&mut self, mut load: Load<D>) -> Vec<Pending<D>> {
        if load.is_empty() {
            return Vec::new();
        }
        let count = u32::try_from(load.len()).unwrap_or(u32::MAX);
        self.worker.shared.metrics.lane_batch_commands.observe(f64::from(count));
        // Conflicts of a batch (fewer units than it had read, a deadlock, a duplicate reference) are resolved by a
        // second attempt under locks.
        let attempted = self.attempt(&mut load, Try::First).or_else(|error| match error {
            Fault::Store(store) if load.may_succeed_after(&store) => {
                tracing::debug!(error = %store, "retrying a batch");
                self.attempt(&mut load, Try::Again)
            }
            other => Err(other),
        });
        match attempted {
            Ok(outcomes) => {
                if std::mem::take(&mut self.is_out) {
                    tracing::info!("the database is available again");
                }
                self.settle(load, outcomes)
            }
            Err(error) => self.failed(load, &error),
        }
    }

    fn failed(&mut self, load: Load<D>, error: &Fault) -> Vec<Pending<D>> {
        match error {
            Fault::Store(store) if store.is_unavailable() => {
                // Logged once per outage, not for each batch.
                if !std::mem::replace(&mut self.is_out, true) {
                    tracing::error!(error = %store, "the database is unavailable");
                }
            }
            Fault::OutcomeUnknown => {}
            Fault::Store(store) if !load.may_succeed_after(store) => {}
            Fault::Store(_) | Fault::Internal(_) | Fault::Overloaded => {
                tracing::warn!(%error, parts = load.len(), "a batch failed and is done again part by part");
                self.worker.shared.metrics.lane_batches_replayed.inc();
                return load.parts().flat_map(|part| self.alone(part)).collect();
            }
        }
        load.fail(error);
        Vec::new()
    }

    fn alone(&mut self, mut load: Load<D>) -> Vec<Pending<D>> {
        for tries in 1.. {
            match self.attempt(&mut load, Try::Again) {
                Ok(outcomes) => return self.settle(load, outcomes),
                Err(Fault::Store(error)) if load.may_succeed_after(&error) && tries < TRIES_ALONE_MAX => {
                    tracing::debug!(%error, "trying again");
                }
                Err(error) => {
                    // What a unit ran into may be a refusal to its use case, which logs it where it is none.
                    if load.units.is_empty() {
                        tracing::error!(%error, "a command failed");
                    }
                    load.fail(&error);
                    return Vec::new();
                }
            }
        }
        Vec::new()
    }

    /// Answers what was done and keeps what was put off.
    fn settle(&mut self, load: Load<D>, outcomes: Vec<Outcome<D>>) -> Vec<Pending<D>> {
        let mut deferred = settle(load.commands, outcomes);
        for mut unit in load.units {
            match unit.ran.take() {
                Some(Ran::Failed(Fault::Store(error))) if error.is_passing() => {
                    deferred.append(&mut self.alone(Load::of_unit(unit)));
                }
                Some(Ran::Failed(error)) => unit.work.answer(Some(error)),
                Some(Ran::Done | Ran::Refused) | None => unit.work.answer(None),
            }
        }
        deferred
    }

    /// One transaction over the load, from its beginning to the end of its commit.
    fn attempt(&mut self, load: &mut Load<D>, attempt: Try) -> Result<Vec<Outcome<D>>, Fault> {
        let commit = self.next_commit();
        let mut connection = self.take_connection()?;
        let started = std::time::Instant::now();
        let done = catch_unwind(AssertUnwindSafe(|| {
            batch::run(&mut self.worker, &mut connection, commit, load, attempt)
        }));
        self.worker.shared.metrics.lane_batch_seconds.observe(started.elapsed().as_secs_f64());
        match done {
            Ok(Ok(outcomes)) => {
                self.connection = Some(connection);
                Ok(outcomes)
            }
            Ok(Err(batch::Failure::Before(error))) => {
                if !error.is_unavailable() {
                    connection.rollback();
                    self.connection = Some(connection).filter(|connection| !connection.is_broken());
                } else if matches!(connection, Connection::Sqlite(_)) {
                    connection.rollback();
                    self.connection = Some(connection);
                }
                Err(error.into())
            }
            Ok(Err(batch::Failure::CommitUnknown(outcomes))) => self.resolve(commit, outcomes),
            Err(_) => Err(Fault::Internal("a decision panicked".to_owned())),
        }
    }

    /// The answer to a commit was lost. Inserting the commit's row again shows whether it succeeded: if the row
    /// exists, everything does.
    fn resolve(&mut self, commit: CommitId, outcomes: Vec<Outcome<D>>) -> Result<Vec<Outcome<D>>, Fault> {
        let deadline = std::time::Instant::now() + Duration::from_millis(RESOLVE_MS_MAX);
        while std::time::Instant::now() < deadline {
            match self.was_committed(commit) {
                Ok(true) => return Ok(outcomes),
                Ok(false) => return Err(StoreError::TryAgain("the commit was lost".to_owned()).into()),
                Err(error) => {
                    tracing::warn!(%error, "cannot check yet whether a commit succeeded");
                    std::thread::park_timeout(Duration::from_millis(50));
                }
            }
        }
        Err(Fault::OutcomeUnknown)
    }

    fn was_committed(&mut self, commit: CommitId) -> Result<bool, StoreError> {
        let mut connection = self.take_connection()?;
        let now = connection.begin()?;
        // Reserves the commit's number permanently: a commit that is still in transit under it can no longer succeed.
        let inserted =
            store::outbox::insert_commit(&mut connection, commit, now).and_then(|()| connection.commit());
        match inserted {
            Ok(()) => {
                self.connection = Some(connection);
                Ok(false)
            }
            Err(StoreError::Constraint(_)) => {
                connection.rollback();
                self.connection = Some(connection);
                Ok(true)
            }
            Err(error) => Err(error),
        }
    }

    fn next_commit(&mut self) -> CommitId {
        self.commits += 1;
        CommitId { writer: self.writer, number: self.commits }
    }

    fn take_connection(&mut self) -> Result<Connection, StoreError> {
        match self.connection.take().filter(|connection| !connection.is_broken()) {
            Some(connection) => Ok(connection),
            None => Connection::open(&self.worker.shared.database, Role::Writer),
        }
    }
}

/// Responds to decided commands and keeps deferred ones.
fn settle<D: Decider>(commands: Vec<Pending<D>>, outcomes: Vec<Outcome<D>>) -> Vec<Pending<D>> {
    let mut deferred = Vec::new();
    for (mut pending, outcome) in commands.into_iter().zip(outcomes) {
        match outcome {
            Outcome::Decided(reply) => {
                let _ = pending.answered.send(Ok(reply));
            }
            Outcome::Deferred(lack) if pending.deferred < DEFERRALS_MAX => {
                pending.deferred += 1;
                D::put_off(&mut pending.command, lack);
                deferred.push(pending);
            }
            Outcome::Deferred(_) => {
                let _ = pending.answered.send(Err(Fault::Overloaded));
            }
        }
    }
    deferred
}
