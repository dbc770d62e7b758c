//! Readers: threads with their own connections, which execute queries outside the lanes.

mod gathered;

use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use tokio::sync::oneshot;

pub use gathered::{Gathered, Query};

use crate::Database;
use crate::error::{Result, StoreError};
use crate::seam::{Connection, Role};

/// Maximum number of waiting queries.
const QUEUE_MAX: usize = 4_096;
/// How long a caller waits for the result, in milliseconds.
const ANSWER_WAIT_MS_MAX: u64 = 1_000;

type Question = Box<dyn FnOnce(&mut Reader) + Send>;

#[derive(Debug, Clone)]
pub struct Readers {
    questions: mpsc::SyncSender<Question>,
}

/// A reader's connection, opened when it is needed and after it was lost.
struct Reader {
    database: Database,
    connection: Option<Connection>,
}

impl Readers {
    /// Starts `count` reader threads. They stop when the last handle is dropped.
    pub fn start(database: &Database, count: usize) -> Result<Self> {
        let (questions, waiting) = mpsc::sync_channel::<Question>(QUEUE_MAX);
        let waiting = Arc::new(Mutex::new(waiting));
        for number in 0..count {
            let mut reader = Reader { database: database.clone(), connection: None };
            let waiting = Arc::clone(&waiting);
            std::thread::Builder::new()
                .name(format!("reader-{number}"))
                .spawn(move || {
                    while let Some(question) = next(&waiting) {
                        question(&mut reader);
                    }
                })
                .map_err(|error| StoreError::Unusable(format!("cannot start a reader: {error}")))?;
        }
        Ok(Self { questions })
    }

    /// Executes a query. All its statements see one snapshot of the database. Needs a tokio runtime with time
    /// enabled.
    pub async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (answer, answered) = oneshot::channel();
        let asked = Box::new(move |reader: &mut Reader| {
            // The caller has given up, so no result is needed.
            if !answer.is_closed() {
                let _ = answer.send(reader.answer(question));
            }
        });
        self.questions
            .try_send(asked)
            .map_err(|_| StoreError::Unavailable("too many queries are waiting".to_owned()))?;
        let allowed = Duration::from_millis(ANSWER_WAIT_MS_MAX);
        match tokio::time::timeout(allowed, answered).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(StoreError::Unavailable("the reader thread has stopped".to_owned())),
            Err(_) => Err(StoreError::Unavailable("the query timed out".to_owned())),
        }
    }
}

fn next(waiting: &Mutex<mpsc::Receiver<Question>>) -> Option<Question> {
    let waiting = waiting.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    waiting.recv().ok()
}

impl Reader {
    fn answer<T>(&mut self, question: impl FnOnce(&mut Connection) -> Result<T>) -> Result<T> {
        let mut connection = match self.connection.take().filter(|connection| !connection.is_broken()) {
            Some(connection) => connection,
            None => Connection::open(&self.database, Role::Reader)?,
        };
        connection.begin_snapshot()?;
        let answer = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| question(&mut connection)))
            .unwrap_or_else(|_| Err(StoreError::Statement("the query panicked".to_owned())));
        connection.rollback();
        if !answer.as_ref().is_err_and(StoreError::is_unavailable) {
            self.connection = Some(connection);
        }
        answer
    }
}
