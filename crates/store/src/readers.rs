//! Readers: a few threads, each with its own connection, that answer questions outside the lanes.

mod gathered;

use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use tokio::sync::oneshot;

pub use gathered::{Gathered, Query};

use crate::Database;
use crate::error::{Result, StoreError};
use crate::seam::{Connection, Role};

/// Questions that may wait before further ones are turned away.
const QUEUE_MAX: usize = 4_096;
/// How long whoever asks waits for the answer, in milliseconds.
const ANSWER_WAIT_MS_MAX: u64 = 1_000;

type Question = Box<dyn FnOnce(&mut Reader) + Send>;

#[derive(Debug, Clone)]
pub struct Readers {
    questions: mpsc::SyncSender<Question>,
}

/// One reader's connection, opened when it is first needed and again after it was lost.
struct Reader {
    database: Database,
    connection: Option<Connection>,
}

impl Readers {
    /// Starts `count` reader threads. They end when the last handle is dropped.
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

    /// Asks a question. All its queries see one state of the database. Needs a runtime that keeps time.
    pub async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (answer, answered) = oneshot::channel();
        let asked = Box::new(move |reader: &mut Reader| {
            // Whoever asked has given up: then nobody needs the answer.
            if !answer.is_closed() {
                let _ = answer.send(reader.answer(question));
            }
        });
        self.questions
            .try_send(asked)
            .map_err(|_| StoreError::Unavailable("too many questions are waiting".to_owned()))?;
        let allowed = Duration::from_millis(ANSWER_WAIT_MS_MAX);
        match tokio::time::timeout(allowed, answered).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(StoreError::Unavailable("the reader is gone".to_owned())),
            Err(_) => Err(StoreError::Unavailable("no answer within the time allowed".to_owned())),
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
            .unwrap_or_else(|_| Err(StoreError::Statement("the question panicked".to_owned())));
        connection.rollback();
        if !answer.as_ref().is_err_and(StoreError::is_unavailable) {
            self.connection = Some(connection);
        }
        answer
    }
}
