//! The connection and its state: an unreachable Redis is not used.

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{Cmd, FromRedisValue, RedisResult, ScriptInvocation};
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use crate::health::{Health, Kind};

/// Redis is unreachable, or became so before it responded. Then it is unknown whether the command was executed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Away;

pub struct Link {
    response_timeout: Duration,
    /// Numbered, so that a late failure of an earlier connection does not close a later one.
    connection: RwLock<Option<(u64, MultiplexedConnection)>>,
    state: watch::Sender<State>,
    requests: AtomicU64,
    failures: AtomicU64,
    skipped: AtomicU64,
    recoveries: AtomicU64,
}

#[derive(Debug, Clone, Copy)]
struct State {
    up: bool,
    since: Instant,
}

impl Link {
    pub fn new(response_timeout: Duration) -> Self {
        Self {
            response_timeout,
            connection: RwLock::new(None),
            state: watch::Sender::new(State { up: false, since: Instant::now() }),
            requests: AtomicU64::new(0),
            failures: AtomicU64::new(0),
            skipped: AtomicU64::new(0),
            recoveries: AtomicU64::new(0),
        }
    }

    pub async fn command<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, Away> {
        let (number, mut connection) = self.connection()?;
        self.answered(number, command.query_async(&mut connection)).await
    }

    /// Sends the script itself only if Redis does not have it.
    pub async fn script<T: FromRedisValue>(&self, script: &ScriptInvocation<'_>) -> Result<T, Away> {
        let (number, mut connection) = self.connection()?;
        self.answered(number, script.invoke_async(&mut connection)).await
    }

    pub fn health(&self) -> Health {
        let State { up, since } = *self.state.borrow();
        Health {
            kind: Kind::Redis,
            up,
            since: since.elapsed(),
            requests: self.requests.load(Ordering::Relaxed),
            failures: self.failures.load(Ordering::Relaxed),
            skipped: self.skipped.load(Ordering::Relaxed),
            recoveries: self.recoveries.load(Ordering::Relaxed),
        }
    }

    pub async fn wait_until(&self, up: bool) {
        let mut state = self.state.subscribe();
        // This holds the sender, so it lives while callers wait.
        let _ = state.wait_for(|state| state.up == up).await;
    }

    /// From now on Redis is used.
    pub fn open(&self, connection: MultiplexedConnection) {
        let number = self.recoveries.fetch_add(1, Ordering::Relaxed) + 1;
        *self.connection.write().unwrap_or_else(PoisonError::into_inner) = Some((number, connection));
        self.state.send_replace(State { up: true, since: Instant::now() });
        tracing::info!("Redis is reachable");
    }

    /// The connection, for operations that take longer than a command.
    pub fn current(&self) -> Option<MultiplexedConnection> {
        let connection = self.connection.read().unwrap_or_else(PoisonError::into_inner);
        connection.as_ref().map(|(_, connection)| connection.clone())
    }

    fn connection(&self) -> Result<(u64, MultiplexedConnection), Away> {
        let connection = self.connection.read().unwrap_or_else(PoisonError::into_inner).clone();
        if connection.is_none() {
            self.skipped.fetch_add(1, Ordering::Relaxed);
        }
        connection.ok_or(Away)
    }

    async fn answered<T>(
        &self,
        connection: u64,
        answer: impl Future<Output = RedisResult<T>>,
    ) -> Result<T, Away> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let failure = match timeout(self.response_timeout, answer).await {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("no answer within {} ms", self.response_timeout.as_millis()),
        };
        self.failures.fetch_add(1, Ordering::Relaxed);
        self.close(connection, &failure);
        Err(Away)
    }

    /// The first of all callers that fail on a connection closes it and logs the failure.
    fn close(&self, connection: u64, failure: &str) {
        let mut current = self.connection.write().unwrap_or_else(PoisonError::into_inner);
        if current.as_ref().is_some_and(|(number, _)| *number == connection) {
            *current = None;
            drop(current);
            self.state.send_replace(State { up: false, since: Instant::now() });
            tracing::warn!(failure, "Redis is unreachable; using per-process state");
        }
    }
}
