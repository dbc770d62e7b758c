//! One key, one booking: the same request sent twice, even at the same moment, gets the one answer.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Mutex, PoisonError};

use aws_lc_rs::hmac;
pub use store::keys::KeyScope;
use tokio::sync::watch;

use crate::lanes::{Reply, SubmitError};

/// A key as it came with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyUse {
    pub scope: KeyScope,
    /// Tells whether another request with the key is the same request.
    pub request_hash: Vec<u8>,
}

/// Hashes requests with a key of the installation's own, so that a stored hash says nothing about a guest.
pub struct RequestHasher(hmac::Key);

impl RequestHasher {
    pub fn new(key: hmac::Key) -> Self {
        Self(key)
    }

    /// The hash of a request for `target` (the resource acted on) with this body.
    pub fn hash(&self, target: &str, body: &[u8]) -> Vec<u8> {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(target.as_bytes());
        context.update(&[0]);
        context.update(body);
        context.sign().as_ref().iter().take(16).copied().collect()
    }
}

type Outcome = Result<Reply, SubmitError>;

/// The requests with a key that are being decided now in this process.
#[derive(Default)]
pub struct InFlight {
    requests: Mutex<HashMap<KeyScope, Waiting>>,
}

struct Waiting {
    request_hash: Vec<u8>,
    outcome: watch::Receiver<Option<Outcome>>,
}

/// What a request with a key should do.
pub enum Turn<'a> {
    /// It is the first: decide it, then [`Leader::finish`].
    Lead(Leader<'a>),
    /// The same request is being decided: wait for its outcome.
    Join(watch::Receiver<Option<Outcome>>),
    /// Another request with the same key is being decided.
    Conflict,
}

/// The right and the duty to decide for all requests with one key.
pub struct Leader<'a> {
    in_flight: &'a InFlight,
    scope: KeyScope,
    outcome: watch::Sender<Option<Outcome>>,
}

impl InFlight {
    pub fn enter(&self, key: &KeyUse) -> Turn<'_> {
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

impl Leader<'_> {
    /// Tells everybody who joined.
    pub fn finish(self, outcome: &Outcome) {
        if self.outcome.receiver_count() > 1 {
            let _ = self.outcome.send(Some(outcome.clone()));
        }
    }
}

impl Drop for Leader<'_> {
    /// Whoever joined a leader that left without an outcome sees the channel close, and asks again.
    fn drop(&mut self) {
        self.in_flight.requests.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.scope);
    }
}
