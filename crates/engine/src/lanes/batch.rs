//! One batch: begin, run the units, decide the commands, commit.

use std::sync::Arc;

use domain::time::Instant;
use store::outbox::{CommitId, insert_commit};
use store::{Connection, StoreError};

use super::Shared;
use super::queue::Load;
use super::units;
use crate::chance::SystemChance;
use crate::{Batch, Decided, Decider, Outcome, Try};

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
    Before(Arc<StoreError>),
    CommitUnknown(Vec<Outcome<D>>),
}

impl<D: Decider> From<StoreError> for Failure<D> {
    fn from(error: StoreError) -> Self {
        Self::Before(Arc::new(error))
    }
}

/// Units come first: what they wrote is seen by the commands, and slots are locked for as short as without them.
pub(super) fn run<D: Decider>(
    worker: &mut Worker<D>,
    connection: &mut Connection,
    commit: CommitId,
    load: &mut Load<D>,
    attempt: Try,
) -> Result<Vec<Outcome<D>>, Failure<D>> {
    let now = worker.shared.clock.of_lane(connection.begin()?).max(worker.last);
    worker.last = now;
    let Load { commands, units } = load;
    let commands: Vec<&D::Command> = commands.iter().map(|pending| &pending.command).collect();
    let mut batch = Batch {
        connection: &mut *connection,
        commit,
        attempt,
        now,
        vault: &worker.shared.vault,
        chance: &mut worker.chance,
        events: 0,
        has_units: !units.is_empty(),
    };
    let mut units_wrote = false;
    if batch.has_units {
        if !commands.is_empty() {
            worker.decider.prepare(&mut batch, &commands)?;
        }
        let is_alone = commands.is_empty() && units.len() == 1;
        units_wrote = units::run_all(&mut batch, units, is_alone).map_err(Failure::Before)?;
    }
    let Decided { outcomes, wrote } = match commands.as_slice() {
        [] => Decided { outcomes: Vec::new(), wrote: false },
        commands => worker.decider.decide(&mut batch, commands)?,
    };
    if !wrote && !units_wrote {
        connection.rollback();
        return Ok(outcomes);
    }
    if !wrote {
        insert_commit(connection, commit, now)?;
    }
    let committing = std::time::Instant::now();
    let committed = connection.commit();
    worker.shared.metrics.lane_commit_seconds.observe(committing.elapsed().as_secs_f64());
    match committed {
        Ok(()) => Ok(outcomes),
        Err(StoreError::CommitUnknown(reason)) => {
            tracing::warn!(reason, "lost the connection during a commit");
            Err(Failure::CommitUnknown(outcomes))
        }
        Err(error) => Err(error.into()),
    }
}
