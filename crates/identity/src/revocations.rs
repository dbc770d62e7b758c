//! Revocations end what other processes may have cached. They are written with the change and followed by all
//! processes.
//!
//! A revocation is a row in the transaction of its change. This process applies it after the commit. Others receive a
//! notice immediately if they share a backplane, and read the rows twice a second in any case.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use backplane::notices::Notice;
use domain::ids::{ApiKeyId, PersonId, SessionId};
use domain::time::Instant;
pub use store::revocations::{Revocation, Revoked};
use store::{Connection, StoreError, revocations};
use uuid::Uuid;

use crate::People;
use crate::credentials::LATENESS_MS_MAX;
use crate::tokens::random_id;

/// Interval for reading the rows, in milliseconds.
const FOLLOW_EVERY_MS: u64 = 500;
/// How long a revocation is kept beyond what it revokes, in milliseconds.
const KEPT_MS: i64 = 60_000;
const CHANNEL: &str = "revocations";

/// What is revoked, before it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    Session(SessionId),
    /// Everything cached about a person: their sessions are looked up again.
    Person(PersonId),
    ApiKey(ApiKeyId),
    /// One token, until it would have expired.
    Token(Uuid, Instant),
}

/// Writes a revocation in the open transaction. Pass it to [`announce`] after the commit.
pub fn record(
    connection: &mut Connection,
    ending: Ending,
    access_ms: i64,
    now: Instant,
) -> Result<Revocation, StoreError> {
    let (kind, subject, ends) = match ending {
        Ending::Session(id) => (Revoked::Session, id.0, now + access_ms),
        Ending::Person(id) => (Revoked::Person, id.0, now + access_ms),
        Ending::ApiKey(id) => (Revoked::ApiKey, id.0, now + access_ms),
        Ending::Token(jti, expires) => (Revoked::Token, jti, expires),
    };
    let revocation =
        Revocation { id: random_id(), kind, subject, created_at: now, expires_at: ends + KEPT_MS };
    revocations::insert(connection, &revocation)?;
    Ok(revocation)
}

/// Announces a revocation: applied here immediately, sent to others as a notice. Also removes the sessions from the
/// backplane.
pub async fn announce(app: &People, revocation: &Revocation, sessions: &[SessionId]) {
    app.credentials.apply(revocation, app.clock.now());
    for session in sessions {
        app.backplane.sessions().forget(session.0).await;
    }
    // A lookup that read the backplane just before may have admitted the session again, so apply it once more.
    app.credentials.apply(revocation, app.clock.now());
    app.backplane.notices().publish(CHANNEL, b"read").await;
}

/// Follows the revocations of other processes, until the task is aborted.
pub async fn follow(app: Arc<People>) {
    let mut heard = app.backplane.notices().subscribe(CHANNEL).await;
    let mut follower = Follower::new(app.clock.now());
    let mut ticks = tokio::time::interval(Duration::from_millis(FOLLOW_EVERY_MS));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            Some(Notice::Message(_) | Notice::Missed) = heard.next() => {}
        }
        if let Err(error) = follower.read(&app).await {
            tracing::debug!(%error, "cannot read revocations; retrying");
        }
    }
}

/// What one process has read of the list.
struct Follower {
    since: Instant,
    applied: HashSet<Uuid>,
}

impl Follower {
    fn new(now: Instant) -> Self {
        Self { since: now - LATENESS_MS_MAX, applied: HashSet::new() }
    }

    async fn read(&mut self, app: &People) -> Result<(), StoreError> {
        let (now, since) = (app.clock.now(), self.since);
        let found = app.readers.ask(move |connection| revocations::since(connection, since)).await?;
        for revocation in found.iter().filter(|revocation| !self.applied.contains(&revocation.id)) {
            app.credentials.apply(revocation, now);
        }
        self.applied = found.iter().map(|revocation| revocation.id).collect();
        self.since = now - LATENESS_MS_MAX;
        Ok(())
    }
}
