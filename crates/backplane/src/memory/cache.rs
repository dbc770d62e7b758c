//! The cache within one process.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;

use super::shelf::Shelf;
use crate::cache::{LOOKUP_AGE_MAX, Seen};

const BYTES_MAX: usize = 64 * 1024 * 1024;

pub struct Cache {
    state: Mutex<State>,
}

struct State {
    entries: Shelf<(String, String), Entry>,
    /// Namespaces that were ever invalidated. A program has few.
    generations: HashMap<String, u128>,
    changes: u64,
}

#[derive(Clone)]
struct Entry {
    seen: Seen,
    /// `None` for an entry that was just removed.
    value: Option<Bytes>,
}

impl Default for Cache {
    fn default() -> Self {
        let state = State { entries: Shelf::new(BYTES_MAX), generations: HashMap::new(), changes: 0 };
        Self { state: Mutex::new(state) }
    }
}

impl Cache {
    /// The value, or the ticket to store it with.
    pub fn get(&self, namespace: &str, key: &str) -> Result<Bytes, Option<Seen>> {
        self.state().look_up(&(namespace.to_owned(), key.to_owned())).map_err(Some)
    }

    pub fn put(&self, namespace: &str, key: &str, seen: Seen, value: Bytes, ttl: Duration) {
        let mut state = self.state();
        let place = (namespace.to_owned(), key.to_owned());
        if state.look_up(&place).is_err_and(|now| now == seen) {
            let bytes = value.len() + namespace.len() + key.len();
            state.entries.put(place, Entry { seen, value: Some(value) }, bytes, ttl);
        }
    }

    pub fn forget(&self, namespace: &str, key: &str) {
        let mut state = self.state();
        state.changes += 1;
        let seen = Seen { generation: state.generation(namespace), forgotten: state.changes };
        let bytes = namespace.len() + key.len();
        // For as long as an earlier lookup may still store a value.
        let place = (namespace.to_owned(), key.to_owned());
        state.entries.put(place, Entry { seen, value: None }, bytes, LOOKUP_AGE_MAX);
    }

    pub fn invalidate(&self, namespace: &str) {
        let mut state = self.state();
        state.changes += 1;
        let generation = state.changes.into();
        state.generations.insert(namespace.to_owned(), generation);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn generation(&self, namespace: &str) -> u128 {
        self.generations.get(namespace).copied().unwrap_or(0)
    }

    fn look_up(&mut self, place: &(String, String)) -> Result<Bytes, Seen> {
        let generation = self.generation(&place.0);
        let entry = self.entries.get(place).filter(|entry| entry.seen.generation == generation);
        match entry {
            Some(Entry { value: Some(value), .. }) => Ok(value.clone()),
            Some(Entry { value: None, seen }) => Err(*seen),
            None => Err(Seen { generation, forgotten: 0 }),
        }
    }
}
