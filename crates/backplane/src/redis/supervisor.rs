//! Supervises the connection to Redis: connects, checks that writes are accepted, and replays the changes made during
//! the outage before Redis is used again.
//!
//! The client's reconnecting connection is not used, because it keeps a server's error for ever (too many clients, a
//! password that is being changed), and never abandons a dead connection.

use std::sync::Arc;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, InfoDict, RedisError, RedisResult};
use tokio::time::{sleep, timeout};

use super::Shared;

/// Interval for probing a Redis that is not in use.
const PROBE_INTERVAL: Duration = Duration::from_secs(1);
/// Commands waiting to be sent.
const WAITING_MAX: usize = 4_096;
/// Maximum time for replaying the changes made during an outage.
const SETTLING_TIME_MAX: Duration = Duration::from_secs(10);

pub async fn supervise(shared: Arc<Shared>) {
    let mut server = None;
    let mut told = false;
    loop {
        match connect(&shared, &mut server).await {
            Ok(connection) => {
                told = true;
                shared.link.open(connection);
                watch(&shared).await;
            }
            Err(error) if !told => {
                told = true;
                tracing::warn!(failure = %error, "Redis is unreachable; using per-process state");
            }
            Err(_) => {}
        }
        sleep(shared.options.pause).await;
    }
}

/// `server` is the run id of the server of the last connection.
async fn connect(shared: &Shared, server: &mut Option<String>) -> RedisResult<MultiplexedConnection> {
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(shared.options.connect_timeout))
        .set_response_timeout(Some(shared.options.connect_timeout))
        .set_pipeline_buffer_size(WAITING_MAX);
    let mut connection = shared.client.get_multiplexed_async_connection_with_config(&config).await?;
    probe(shared).query_async::<()>(&mut connection).await?;
    let info: InfoDict = redis::cmd("INFO").arg("server").query_async(&mut connection).await?;
    let run: Option<String> = info.get("run_id");
    // A server that does not report its run id may have lost everything.
    let has_forgotten = run.is_none() || *server != run;
    let settled = shared.settle(&mut connection, has_forgotten, server.is_some());
    timeout(SETTLING_TIME_MAX, settled).await.map_err(|_| too_slow())??;
    *server = run.or(Some(String::new()));
    // From here on each command has its own timeout.
    connection.set_response_timeout(SETTLING_TIME_MAX);
    Ok(connection)
}

fn too_slow() -> RedisError {
    (redis::ErrorKind::Io, "Redis is too slow to accept the changes made during the outage").into()
}

/// A write, because a full or read-only Redis answers everything else.
fn probe(shared: &Shared) -> redis::Cmd {
    let mut probe = redis::cmd("SET");
    probe.arg(shared.key("probe", "")).arg(1).arg("PX").arg(1_000);
    probe
}

/// Returns when Redis is unreachable.
async fn watch(shared: &Shared) {
    let probe = probe(shared);
    let lost = shared.link.wait_until(false);
    tokio::pin!(lost);
    loop {
        // Changes made between replaying and opening.
        shared.settle_debts().await;
        tokio::select! {
            () = &mut lost => return,
            () = sleep(PROBE_INTERVAL) => {}
        }
        // The link itself notices failures.
        let _ = shared.link.command::<()>(&probe).await;
    }
}

impl Shared {
    /// Sends Redis the changes made without it. `has_forgotten` is whether it may have lost data, `was_known` whether
    /// it was used before.
    async fn settle(
        &self,
        connection: &mut MultiplexedConnection,
        has_forgotten: bool,
        was_known: bool,
    ) -> RedisResult<()> {
        self.settle_cache(connection, has_forgotten && was_known).await?;
        self.settle_sessions(connection).await?;
        self.settle_notices(connection).await?;
        self.settle_codes(connection, has_forgotten).await
    }

    async fn settle_debts(&self) {
        let owed =
            self.cache.is_owed() || self.sessions.is_owed() || self.notices.is_owed() || self.codes.is_owed();
        if owed && let Some(mut connection) = self.link.current() {
            let settled = timeout(SETTLING_TIME_MAX, self.settle(&mut connection, false, true)).await;
            if !matches!(settled, Ok(Ok(()))) {
                tracing::debug!("cannot replay changes to Redis; retrying");
            }
        }
    }
}
