//! One batch: begin, decide, commit.

use domain::time::Instant;
use store::outbox::CommitId;
use store::{Connection, StoreError};

use super::Shared;
use super::queue::Pending;
use crate::chance::SystemChance;
use crate::{Batch, Decider, Outcome, Try};

/// What a lane works with, besides its connection.
pub(super) struct Worker<D: Decider> {
    pub shared: Shared,
    pub decider: D,
    pub chance: SystemChance,
    /// The time of the last batch: a lane's time never runs backwards.
    pub last: Instant,
}

pub(super) enum Failure<D: Decider> {
    /// Nothing was written.
    Before(StoreError),
    CommitUnknown(Vec<Outcome<D>>),
}

impl<D: Decider> From<StoreError> for Failure<D> {
    fn from(error: StoreError) -> Self {
        Self::Before(error)
    }
}

pub(super) fn run<D: Decider>(
    worker: &mut Worker<D>,
    connection: &mut Connection,
    commit: CommitId,
    commands: &[Pending<D>],
    attempt: Try,
) -> Result<Vec<Outcome<D>>, Failure<D>> {
    let now = worker.shared.clock.of_lane(connection.begin()?).max(worker.last);
    worker.last = now;
    let mut batch = Batch {
        connection: &mut *connection,
        commit,
        attempt,
        now,
        vault: &worker.shared.vault,
        chance: &mut worker.chance,
    };
    let commands: Vec<&D::Command> = commands.iter().map(|pending| &pending.command).collect();
    let decided = worker.decider.decide(&mut batch, &commands)?;
    if !decided.wrote {
        connection.rollback();
        return Ok(decided.outcomes);
    }
    let committing = std::time::Instant::now();
    let committed = connection.commit();
    worker.shared.metrics.lane_commit_seconds.observe(committing.elapsed().as_secs_f64());
    match committed {
        Ok(()) => Ok(decided.outcomes),
        Err(StoreError::CommitUnknown(reason)) => {
            tracing::warn!(reason, "the answer to a commit was lost");
            Err(Failure::CommitUnknown(decided.outcomes))
        }
        Err(error) => Err(error.into()),
    }
}
