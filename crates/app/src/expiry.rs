//! The sweeper expires holds whose time is over, so that lists, events and counts are updated soon. Correctness does
//! not depend on it: a buyer who needs the units of such a hold expires it first. It also deletes old keys and jobs.

use std::sync::Arc;
use std::time::Duration;

use domain::command::Command;
use domain::decide::Done;
use domain::limits::CLOCK_SKEW_MS_MAX;
use domain::time::DAY_MS;
use engine::{Subject, Unit};

use crate::App;
use crate::lanes::{Fault, Reply, Request};

/// Holds expired per round.
const SWEEP_HOLDS_MAX: i64 = 200;
/// Keys deleted per round.
const SWEEP_KEYS_MAX: i64 = 5_000;
/// Jobs deleted per round.
const SWEEP_JOBS_MAX: i64 = 5_000;
/// How long completed jobs are kept.
const DONE_JOBS_KEPT_MS: i64 = 7 * DAY_MS;
/// How long failed jobs are kept and can be retried.
const GIVEN_UP_JOBS_KEPT_MS: i64 = 90 * DAY_MS;
const SWEEP_EVERY_MS: u64 = 1_000;

/// Sweeps until the task is aborted.
pub async fn run(app: Arc<App>) {
    let mut ticks = tokio::time::interval(Duration::from_millis(SWEEP_EVERY_MS));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = round(&app).await {
            tracing::warn!(%error, "cannot expire holds; retrying");
        }
    }
}

/// One round of everything that is due.
pub async fn round(app: &App) -> Result<(), Fault> {
    crate::catalogue::refresh(app).await?;
    // A full round means that more may be due. Holds that the lanes do not find due yet end the rounds.
    while i64::try_from(sweep(app).await?) == Ok(SWEEP_HOLDS_MAX) {}
    if app.events_owed.is_due(app.clock.now()) {
        crate::event_cache::forget(app).await;
    }
    if is_purge_due(app).await? {
        let purge = |unit: &mut Unit<'_>| store::keys::purge(unit.connection, unit.now, SWEEP_KEYS_MAX);
        app.engine.save(Subject::NONE, purge).await?;
    }
    forget_jobs(app).await
}

/// Expires the holds that are due and returns how many. They enter their lanes together and share a commit there.
pub async fn sweep(app: &App) -> Result<usize, Fault> {
    let due_since = app.clock.now() - CLOCK_SKEW_MS_MAX;
    let due =
        app.readers.ask(move |connection| store::holds::due(connection, due_since, SWEEP_HOLDS_MAX)).await?;
    let mut sent = Vec::with_capacity(due.len());
    for (booking, pool) in due {
        let lane = pool.map_or(0, |pool| app.lanes.lane_of(pool.0));
        let command = Command::Expire(booking);
        sent.push(
            app.lanes
                .send(lane, Request { command, viewer: None, key: None, at: None, generated: Vec::new() })?,
        );
    }
    let mut ended = 0;
    for command in sent {
        if let Reply::Done { done: Done::Changed(_), .. } = command.patient_outcome().await? {
            ended += 1;
        }
    }
    if ended > 0 {
        crate::event_cache::forget(app).await;
    }
    Ok(ended)
}

/// Deletes old jobs, completed and failed.
async fn forget_jobs(app: &App) -> Result<(), Fault> {
    let now = app.clock.now();
    let (done, given_up) = (now - DONE_JOBS_KEPT_MS, now - GIVEN_UP_JOBS_KEPT_MS);
    if app.readers.ask(move |connection| store::jobs::any_finished(connection, done, given_up)).await? {
        let purge =
            move |unit: &mut Unit<'_>| store::jobs::purge(unit.connection, done, given_up, SWEEP_JOBS_MAX);
        app.engine.save(Subject::NONE, purge).await?;
    }
    Ok(())
}

async fn is_purge_due(app: &App) -> Result<bool, Fault> {
    let now = app.clock.now();
    Ok(app.readers.ask(move |connection| store::keys::any_ended(connection, now)).await?)
}
