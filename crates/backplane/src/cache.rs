//! A cache in namespaces that are invalidated as a whole, exactly and at once: nobody reads what was put before.
//!
//! A namespace has a generation. What is put carries the generation that held when it was looked up, so that a slow
//! reader cannot put back what it read before a change.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use crate::{Backplane, Form};

/// Whoever takes longer from the look-up to the value keeps it to himself.
pub const LOOKUP_AGE_MAX: Duration = Duration::from_secs(30);
/// A heavier value is not kept.
pub const VALUE_BYTES_MAX: usize = 1024 * 1024;

/// The handle of the cache.
#[derive(Debug, Clone, Copy)]
pub struct Cache<'a>(pub(crate) &'a Backplane);

#[derive(Debug)]
pub enum Lookup {
    Hit(Bytes),
    /// Nothing is there, or nobody can tell. The value, once it is known, is put with the ticket.
    Miss(Ticket),
}

/// The right to put what a look-up did not find.
pub struct Ticket {
    pub(crate) namespace: String,
    pub(crate) key: String,
    /// The generation and the entry at the time of the look-up; `None` where nobody could tell.
    pub(crate) seen: Option<Seen>,
    pub(crate) issued: Instant,
}

/// What stood there, so that whatever changed since is noticed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seen {
    pub generation: u128,
    pub forgotten: u64,
}

impl fmt::Debug for Ticket {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Ticket").field("namespace", &self.namespace).finish_non_exhaustive()
    }
}

impl Cache<'_> {
    pub async fn get(&self, namespace: &str, key: &str) -> Lookup {
        let found = match self.0.form() {
            Form::Memory(memory) => memory.cache.get(namespace, key),
            Form::Redis(redis) => redis.shared.cached(namespace, key).await,
        };
        found.map_or_else(|seen| Lookup::Miss(Ticket::new(namespace, key, seen)), Lookup::Hit)
    }

    /// Keeps the value for `ttl`, unless it may be outdated by now.
    pub async fn put(&self, ticket: Ticket, value: Bytes, ttl: Duration) {
        let Some(seen) = ticket.seen else { return };
        if ticket.issued.elapsed() > LOOKUP_AGE_MAX || value.len() > VALUE_BYTES_MAX {
            return;
        }
        match self.0.form() {
            Form::Memory(memory) => memory.cache.put(&ticket.namespace, &ticket.key, seen, value, ttl),
            Form::Redis(redis) => redis.shared.cache(&ticket.namespace, &ticket.key, seen, &value, ttl).await,
        }
    }

    /// To be called after the database knows the change.
    pub async fn forget(&self, namespace: &str, key: &str) {
        match self.0.form() {
            Form::Memory(memory) => memory.cache.forget(namespace, key),
            Form::Redis(redis) => redis.shared.uncache(namespace, key).await,
        }
    }

    /// Forgets a whole namespace in one step, however much it holds. To be called after the database knows the change.
    pub async fn invalidate(&self, namespace: &str) {
        match self.0.form() {
            Form::Memory(memory) => memory.cache.invalidate(namespace),
            Form::Redis(redis) => redis.shared.invalidate(namespace).await,
        }
    }
}

impl Ticket {
    fn new(namespace: &str, key: &str, seen: Option<Seen>) -> Self {
        Self { namespace: namespace.to_owned(), key: key.to_owned(), seen, issued: Instant::now() }
    }
}
