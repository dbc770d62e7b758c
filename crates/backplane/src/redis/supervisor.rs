//! Supervises the connection to Redis: connects, checks that it can write, and settles what was changed meanwhile, before
//! it is used.
//!
//! The connections are made here, and not by the client's own reconnecting one, because that keeps for ever what the
//! server refused once (too many clients, a password that is being changed), and waits for ever on a dead line.

use std::sync::Arc;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, InfoDict, RedisError, RedisResult};
use tokio::time::{sleep, timeout};

use super::Shared;

/// How often a Redis that nobody asks is asked whether it is there.
const PROBE_INTERVAL: Duration = Duration::from_secs(1);
/// Commands that wait for being sent.
const WAITING_MAX: usize = 4_096;
/// For making good on everything that was changed meanwhile.
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

/// `server` is the run of the server that we were connected to last.
async fn connect(shared: &Shared, server: &mut Option<String>) -> RedisResult<MultiplexedConnection> {
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(shared.options.connect_timeout))
        .set_response_timeout(Some(shared.options.connect_timeout))
        .set_pipeline_buffer_size(WAITING_MAX);
    let mut connection = shared.client.get_multiplexed_async_connection_with_config(&config).await?;
    probe(shared).query_async::<()>(&mut connection).await?;
    let info: InfoDict = redis::cmd("INFO").arg("server").query_async(&mut connection).await?;
    let run: Option<String> = info.get("run_id");
    // One that does not tell may have lost everything.
    let has_forgotten = run.is_none() || *server != run;
    let settled = shared.settle(&mut connection, has_forgotten, server.is_some());
    timeout(SETTLING_TIME_MAX, settled).await.map_err(|_| too_slow())??;
    *server = run.or(Some(String::new()));
    // Each command has its own time from here on.
    connection.set_response_timeout(SETTLING_TIME_MAX);
    Ok(connection)
}

fn too_slow() -> RedisError {
    (redis::ErrorKind::Io, "Redis was too slow to take what was changed meanwhile").into()
}

/// A write, because a full or a read-only Redis answers everything else.
fn probe(shared: &Shared) -> redis::Cmd {
    let mut probe = redis::cmd("SET");
    probe.arg(shared.key("probe", "")).arg(1).arg("PX").arg(1_000);
    probe
}

/// Returns when Redis is away.
async fn watch(shared: &Shared) {
    let probe = probe(shared);
    let lost = shared.link.wait_until(false);
    tokio::pin!(lost);
    loop {
        // What was changed between the settling and the opening.
        shared.settle_debts().await;
        tokio::select! {
            () = &mut lost => return,
            () = sleep(PROBE_INTERVAL) => {}
        }
        // A failure is noticed by the link itself.
        let _ = shared.link.command::<()>(&probe).await;
    }
}

impl Shared {
    /// Tells Redis what was changed without it. `has_forgotten` is whether it may have lost what it knew,
    /// `was_known` whether we have used it before.
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
                tracing::debug!("Redis did not take what was changed meanwhile; it is told again");
            }
        }
    }
}
