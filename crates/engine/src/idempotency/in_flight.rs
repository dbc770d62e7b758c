//! Requests with a key that are being done now, and those that wait for their outcome.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Mutex, PoisonError};

use store::keys::KeyScope;
use tokio::sync::watch;

use super::KeyUse;

/// The requests with a key that are being decided now in this process, with outcomes of type `O`.
pub struct InFlight<O> {
    requests: Mutex<HashMap<KeyScope, Waiting<O>>>,
}

struct Waiting<O> {
    request_hash: Vec<u8>,
    outcome: watch::Receiver<Option<O>>,
}

/// What a request with a key must do.
pub enum Turn<'a, O> {
    /// It is the first: decide it, then call [`Leader::finish`].
    Lead(Leader<'a, O>),
    /// The same request is being decided: wait for its outcome.
    Join(watch::Receiver<Option<O>>),
    /// Another request with the same key is being decided.
    Conflict,
}

/// Decides for all requests with one key.
pub struct Leader<'a, O> {
    in_flight: &'a InFlight<O>,
    scope: KeyScope,
    outcome: watch::Sender<Option<O>>,
}

impl<O> Default for InFlight<O> {
    fn default() -> Self {
        Self { requests: Mutex::default() }
    }
}

impl<O: Clone> InFlight<O> {
    pub fn enter(&self, key: &KeyUse) -> Turn<'_, O> {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        match requests.entry(key.scope.clone()) {
            Entry::Occupied(waiting) if waiting.get().request_hash == key.request_hash => {
                Turn::Join(waiting.get().outcome.clone())
            }
            Entry::Occupied(_) => Turn::Conflict,
            Entry::Vacant(place) => {
                let (sender, receiver) = watch::channel(None);
                place.insert(Waiting { request_hash: key.request_hash.clone(), outcome: receiver });
                Turn::Lead(Leader { in_flight: self, scope: key.scope.clone(), outcome: sender })
            }
        }
    }
}

impl<O: Clone> Leader<'_, O> {
    /// Sends the outcome to every request that joined.
    pub fn finish(self, outcome: &O) {
        if self.outcome.receiver_count() > 1 {
            let _ = self.outcome.send(Some(outcome.clone()));
        }
    }
}

impl<O> Drop for Leader<'_, O> {
    /// If a leader is dropped without an outcome, those that joined see the channel close, and ask again.
    fn drop(&mut self) {
        self.in_flight.requests.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.scope);
    }
}
