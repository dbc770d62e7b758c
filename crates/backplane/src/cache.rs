//! A cache with namespaces. Invalidating a namespace takes effect immediately: earlier values are never returned
//! again.
//!
//! A namespace has a generation. A value carries the generation from the time of its lookup, so that a slow reader
//! cannot store what it read before a change.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use crate::{Backplane, Form};

/// A value whose lookup took longer is not stored.
pub const LOOKUP_AGE_MAX: Duration = Duration::from_secs(30);
/// A larger value is not stored.
pub const VALUE_BYTES_MAX: usize = 1024 * 1024;

/// The handle of the cache.
#[derive(Debug, Clone, Copy)]
pub struct Cache<'a>(pub(crate) &'a Backplane);

#[derive(Debug)]
pub enum Lookup {
    Hit(Bytes),
    /// There is no entry, or its state is unknown. Store the value with the ticket once it is known.
    Miss(Ticket),
}

/// The permission to store what a lookup did not find.
pub struct Ticket {
    pub(crate) namespace: String,
    pub(crate) key: String,
    /// The generation and the entry at the time of the lookup; `None` if unknown.
    pub(crate) seen: Option<Seen>,
    pub(crate) issued: Instant,
}

/// The entry at the time of the lookup, for detecting changes.
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

    /// Stores the value for `ttl`, unless it may be outdated.
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

    /// Call this after the database has committed the change.
    pub async fn forget(&self, namespace: &str, key: &str) {
        match self.0.form() {
            Form::Memory(memory) => memory.cache.forget(namespace, key),
            Form::Redis(redis) => redis.shared.uncache(namespace, key).await,
        }
    }

    /// Invalidates a whole namespace in one step, whatever its size. Call this after the database has committed the
    /// change.
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
