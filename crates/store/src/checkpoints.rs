//! A thread that checkpoints SQLite's write-ahead log, so that the lane rarely has to.
//!
//! While a writer is busy, the thread never finishes, and the log restarts only after a complete checkpoint.
//! Therefore the writer also checkpoints when the log is long (`wal_autocheckpoint`). By then few pages remain.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::Database;
use crate::error::{Result, StoreError};
use crate::seam::{Connection, Role};

/// Interval between checkpoints, in milliseconds. It is short, so that one checkpoint does not delay the next commit
/// for long. Without new writes a checkpoint does nothing.
const EVERY_MS: u64 = 50;

/// The thread. It stops when this value is dropped.
#[derive(Debug)]
pub struct Checkpoints {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Checkpoints {
    /// Starts the thread for a SQLite file. PostgreSQL manages its own log.
    pub fn start(database: &Database) -> Result<Option<Self>> {
        if matches!(database, Database::Postgres(_)) {
            return Ok(None);
        }
        let connection = Connection::open(database, Role::Writer)?;
        let (stop, stopped) = channel();
        let thread = std::thread::Builder::new()
            .name("checkpoints".to_owned())
            .spawn(move || run(connection, &stopped))
            .map_err(|error| StoreError::Unusable(format!("cannot start the checkpoint thread: {error}")))?;
        Ok(Some(Self { stop: Some(stop), thread: Some(thread) }))
    }
}

impl Drop for Checkpoints {
    fn drop(&mut self) {
        drop(self.stop.take());
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the checkpoint thread panicked");
        }
    }
}

fn run(mut connection: Connection, stopped: &Receiver<()>) {
    while stopped.recv_timeout(Duration::from_millis(EVERY_MS)) == Err(RecvTimeoutError::Timeout) {
        if let Err(error) = connection.execute_script("pragma wal_checkpoint(passive)") {
            tracing::debug!(%error, "cannot write a checkpoint; retrying later");
        }
    }
}
