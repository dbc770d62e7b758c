//! Background maintenance of accounts: records the use of sessions, deletes expired rows, rotates keys.

use std::sync::Arc;
use std::time::Duration;

use domain::time::{DAY_MS, Instant};
use engine::Subject;
use store::{email_tokens, revocations as rows, sessions};

use crate::People;
use crate::credentials::USED_STEP_MS;
use engine::Fault;

const ROUND_EVERY_MS: u64 = 60_000;
/// How long ended sessions are kept, so that their owner and audits can see why they ended, in milliseconds.
const ENDED_SESSIONS_KEPT_MS: i64 = 30 * DAY_MS;
/// Rows deleted, and sessions recorded as used, per round.
const ROWS_MAX: i64 = 2_000;

/// Keeps order until the task is aborted.
pub async fn run(app: Arc<People>) {
    let mut ticks = tokio::time::interval(Duration::from_millis(ROUND_EVERY_MS));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut since = app.clock.now();
    loop {
        ticks.tick().await;
        let now = app.clock.now();
        if let Err(error) = round(&app, since).await {
            tracing::warn!(%error, "account maintenance failed; retrying");
        }
        since = now - USED_STEP_MS;
    }
}

/// One round. `since` is the start of the previous one.
pub async fn round(app: &People, since: Instant) -> Result<(), Fault> {
    let used = app.credentials.used_since(since);
    for some in used.chunks(usize::try_from(ROWS_MAX).unwrap_or(1)) {
        let some = some.to_vec();
        app.engine.save(Subject::NONE, move |unit| sessions::touch(unit.connection, &some)).await?;
    }
    let purge = app.engine.save(Subject::NONE, |unit| {
        let (connection, now) = unit.parts();
        email_tokens::purge(connection, now, ROWS_MAX)?;
        rows::purge(connection, now, ROWS_MAX)?;
        sessions::purge(connection, now - ENDED_SESSIONS_KEPT_MS, ROWS_MAX)
    });
    purge.await?;
    if app.tokens.is_rotation_due(app.clock.now()) { rotate_keys(app).await } else { Ok(()) }
}

/// Signs with a new key from now on. Other processes load it when they receive its first token.
pub async fn rotate_keys(app: &People) -> Result<(), Fault> {
    let (tokens, vault) = (Arc::clone(&app.tokens), app.vault.clone());
    let rotated =
        app.engine.save(Subject::NONE, move |unit| tokens.rotate(unit.connection, &vault, unit.now));
    app.tokens.replace_keys(&app.vault, &rotated.await?)?;
    Ok(())
}
