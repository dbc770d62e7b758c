//! Batches concurrent queries of one kind: one query for all keys instead of one per key.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

use super::{ANSWER_WAIT_MS_MAX, Readers};
use crate::error::{Result, StoreError};
use crate::seam::Connection;

/// Keys per query.
const KEYS_MAX: usize = 512;

/// Looks up each key; the results are in the order of the keys.
pub type Query<K, V> = fn(&mut Connection, &[K]) -> Result<Vec<V>>;

/// While a query is running, new callers wait and join the next one. The result is therefore from a snapshot that is
/// not older than the call.
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

    /// Looks up one key. Needs a tokio runtime with time enabled.
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
            Ok(Err(_)) => unavailable("too many queries are waiting"),
            Err(_) => unavailable("the query timed out"),
        }
    }

    /// Sends the gathered keys to a reader. If no reader accepts them, all waiting callers get an error.
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

    /// The keys of the next query, without callers that have given up.
    fn take(&self) -> Vec<Asked<K, V>> {
        let mut waiting = self.lock();
        waiting.asked.retain(|(_, asked)| !asked.is_closed());
        let count = waiting.asked.len().min(KEYS_MAX);
        waiting.asked.drain(..count).collect()
    }

    /// Whether more keys have been added in between.
    fn goes_on(&self) -> bool {
        let mut waiting = self.lock();
        waiting.is_under_way = !waiting.asked.is_empty();
        waiting.is_under_way
    }

    fn lock(&self) -> MutexGuard<'_, Waiting<K, V>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
