//! Questions of one kind that come at the same moment, asked together: one query for all instead of one for each.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

use super::{ANSWER_WAIT_MS_MAX, Readers};
use crate::error::{Result, StoreError};
use crate::seam::Connection;

/// Keys of one query.
const KEYS_MAX: usize = 512;

/// Answers a question about each key, in the order of the keys.
pub type Query<K, V> = fn(&mut Connection, &[K]) -> Result<Vec<V>>;

/// While one query is under way, whoever asks waits and is part of the next. So each answer is from a state of the
/// database that is no older than the question.
#[derive(Debug)]
pub struct Gathered<K, V> {
    readers: Readers,
    query: Query<K, V>,
    waiting: Arc<Mutex<Waiting<K, V>>>,
}

#[derive(Debug)]
struct Waiting<K, V> {
    asked: Vec<Asked<K, V>>,
    is_under_way: bool,
}

type Asked<K, V> = (K, oneshot::Sender<std::result::Result<V, Arc<StoreError>>>);

impl<K, V> Clone for Gathered<K, V> {
    fn clone(&self) -> Self {
        Self { readers: self.readers.clone(), query: self.query, waiting: Arc::clone(&self.waiting) }
    }
}

impl<K: Copy + Send + 'static, V: Send + 'static> Gathered<K, V> {
    pub fn new(readers: &Readers, query: Query<K, V>) -> Self {
        let waiting = Waiting { asked: Vec::new(), is_under_way: false };
        Self { readers: readers.clone(), query, waiting: Arc::new(Mutex::new(waiting)) }
    }

    /// Asks about one key. Needs a runtime that keeps time.
    pub async fn ask(&self, key: K) -> std::result::Result<V, Arc<StoreError>> {
        let (answer, answered) = oneshot::channel();
        let is_first = {
            let mut waiting = self.lock();
            waiting.asked.push((key, answer));
            !std::mem::replace(&mut waiting.is_under_way, true)
        };
        if is_first {
            self.post();
        }
        let allowed = Duration::from_millis(ANSWER_WAIT_MS_MAX);
        let unavailable = |why: &str| Err(Arc::new(StoreError::Unavailable(why.to_owned())));
        match tokio::time::timeout(allowed, answered).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => unavailable("too many questions are waiting"),
            Err(_) => unavailable("no answer within the time allowed"),
        }
    }

    /// Has a reader ask what was gathered. Where no reader takes it, all who wait hear so.
    fn post(&self) {
        let gathered = self.clone();
        let posted = self.readers.questions.try_send(Box::new(move |reader| {
            let batch = gathered.take();
            let keys: Vec<K> = batch.iter().map(|(key, _)| *key).collect();
            match reader.answer(|connection| (gathered.query)(connection, &keys)) {
                Ok(answers) => {
                    for ((_, asked), answer) in batch.into_iter().zip(answers) {
                        let _ = asked.send(Ok(answer));
                    }
                }
                Err(error) => {
                    let error = Arc::new(error);
                    for (_, asked) in batch {
                        let _ = asked.send(Err(Arc::clone(&error)));
                    }
                }
            }
            if gathered.goes_on() {
                gathered.post();
            }
        }));
        if posted.is_err() {
            let mut waiting = self.lock();
            waiting.is_under_way = false;
            waiting.asked.clear();
        }
    }

    /// What is asked together next; nobody who has given up.
    fn take(&self) -> Vec<Asked<K, V>> {
        let mut waiting = self.lock();
        waiting.asked.retain(|(_, asked)| !asked.is_closed());
        let count = waiting.asked.len().min(KEYS_MAX);
        waiting.asked.drain(..count).collect()
    }

    /// Whether somebody has asked meanwhile.
    fn goes_on(&self) -> bool {
        let mut waiting = self.lock();
        waiting.is_under_way = !waiting.asked.is_empty();
        waiting.is_under_way
    }

    fn lock(&self) -> MutexGuard<'_, Waiting<K, V>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
