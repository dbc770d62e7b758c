//! The sweeper: ends holds that are past their time, so that lists, events and counts say so soon. Nothing waits for it
//! to be right: a buyer who needs such a hold's units ends it on the way.

use std::sync::Arc;
use std::time::Duration;

use domain::command::Command;
use domain::decide::Done;
use domain::limits::CLOCK_SKEW_MS_MAX;

use crate::App;
use crate::lanes::{Reply, Request, SubmitError};

/// Holds ended in one go.
const SWEEP_HOLDS_MAX: i64 = 200;
/// Keys forgotten in one go.
const SWEEP_KEYS_MAX: i64 = 5_000;
const SWEEP_EVERY_MS: u64 = 1_000;

/// Sweeps until the task is aborted.
pub async fn run(app: Arc<App>) {
    let mut ticks = tokio::time::interval(Duration::from_millis(SWEEP_EVERY_MS));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = round(&app).await {
            tracing::warn!(%error, "the sweep failed and is done again");
        }
    }
}

async fn round(app: &App) -> Result<(), SubmitError> {
    crate::catalogue::refresh(app).await?;
    // A full round means that there may be more. Holds that the lanes do not find due yet end the rounds.
    while i64::try_from(sweep(app).await?) == Ok(SWEEP_HOLDS_MAX) {}
    if is_purge_due(app).await? {
        app.lanes.write(0, |connection, now| store::keys::purge(connection, now, SWEEP_KEYS_MAX)).await?;
    }
    Ok(())
}

/// Ends the holds that are due; tells how many it ended. They go into their lanes together and share a commit there.
pub async fn sweep(app: &App) -> Result<usize, SubmitError> {
    let due_since = app.clock.now() - CLOCK_SKEW_MS_MAX;
    let due =
        app.readers.ask(move |connection| store::holds::due(connection, due_since, SWEEP_HOLDS_MAX)).await?;
    let mut sent = Vec::with_capacity(due.len());
    for (booking, pool) in due {
        let lane = pool.map_or(0, |pool| app.lanes.lane_of(pool));
        let command = Command::Expire(booking);
        sent.push(
            app.lanes
                .send(lane, Request { command, viewer: None, key: None, at: None, drawn: Vec::new() })?,
        );
    }
    let mut ended = 0;
    for command in sent {
        if let Reply::Done { done: Done::Changed(_), .. } = command.patient_outcome().await? {
            ended += 1;
        }
    }
    Ok(ended)
}

async fn is_purge_due(app: &App) -> Result<bool, SubmitError> {
    let now = app.clock.now();
    Ok(app.readers.ask(move |connection| store::keys::any_ended(connection, now)).await?)
}
