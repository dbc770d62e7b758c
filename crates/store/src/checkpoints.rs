//! SQLite's log copied into the file by a thread of its own, so that the lane that fills it seldom has to.
//!
//! A copy beside a busy writer never catches up, and only a log that was copied whole starts again from its beginning.
//! So the writer still checkpoints when the log has grown long (`wal_autocheckpoint`); by then little is left to copy.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::Database;
use crate::error::{Result, StoreError};
use crate::seam::{Connection, Role};

/// How often the log is copied, in milliseconds: often enough that a copy does not keep the disk from the next commit
/// for long. Where nothing was written there is nothing to do.
const EVERY_MS: u64 = 50;

/// The thread; it ends when this is dropped.
#[derive(Debug)]
pub struct Checkpoints {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Checkpoints {
    /// Starts the thread for a SQLite file; PostgreSQL looks after its own log.
    pub fn start(database: &Database) -> Result<Option<Self>> {
        if matches!(database, Database::Postgres(_)) {
            return Ok(None);
        }
        let connection = Connection::open(database, Role::Writer)?;
        let (stop, stopped) = channel();
        let thread = std::thread::Builder::new()
            .name("checkpoints".to_owned())
            .spawn(move || run(connection, &stopped))
            .map_err(|error| StoreError::Unusable(format!("cannot start the checkpoints: {error}")))?;
        Ok(Some(Self { stop: Some(stop), thread: Some(thread) }))
    }
}

impl Drop for Checkpoints {
    fn drop(&mut self) {
        drop(self.stop.take());
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the checkpoints panicked");
        }
    }
}

fn run(mut connection: Connection, stopped: &Receiver<()>) {
    while stopped.recv_timeout(Duration::from_millis(EVERY_MS)) == Err(RecvTimeoutError::Timeout) {
        if let Err(error) = connection.execute_script("pragma wal_checkpoint(passive)") {
            tracing::debug!(%error, "cannot checkpoint now");
        }
    }
}
