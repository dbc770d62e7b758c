//! Short-lived shared state behind one plain type, in memory or in Redis: locks, one-time codes, a cache of sessions,
//! change notices, rate limits and caches.
//!
//! Nothing here is the truth. Whatever is lost with a process or with Redis costs time, a second code or a looser limit,
//! never a seat sold twice: constraints of the database see to that. So there is deliberately no queue, no admission and
//! no durable row here, and no trait either: the two forms are an enum. While Redis is away each part does what
//! `docs/decisions/0006-backplane.md` says, without asking anybody. Start at [`Backplane`].

pub mod cache;
pub mod codes;
mod health;
pub mod limits;
pub mod locks;
mod memory;
pub mod notices;
mod options;
mod random;
mod rate;
mod redis;
pub mod sessions;

use std::fmt;
use std::sync::Arc;

pub use health::{Health, Kind};
pub use limits::LocalLimits;
pub use options::{Options, RedisUrl, Unusable};

use crate::redis::Redis;
use cache::Cache;
use codes::Codes;
use limits::Limits;
use locks::Locks;
use memory::Memory;
use notices::Notices;
use sessions::Sessions;

/// The shared state of all parts; clones are handles of the same.
#[derive(Clone)]
pub struct Backplane {
    form: Arc<Form>,
}

enum Form {
    Memory(Box<Memory>),
    Redis(Redis),
}

impl Backplane {
    /// State of this process alone, as large as it may grow and no larger. It is never away.
    pub fn memory() -> Self {
        Self { form: Arc::new(Form::Memory(Box::default())) }
    }

    /// State that all processes share which use this server and key prefix. Returns at once: the connection is made in
    /// the background, by the runtime that this must be called in, and made again whenever it is lost. `rediss://` is
    /// encrypted.
    pub fn redis(url: &RedisUrl, options: Options) -> Result<Self, Unusable> {
        Ok(Self { form: Arc::new(Form::Redis(Redis::start(url, options)?)) })
    }

    pub fn locks(&self) -> Locks<'_> {
        Locks(self)
    }

    pub fn codes(&self) -> Codes<'_> {
        Codes(self)
    }

    pub fn sessions(&self) -> Sessions<'_> {
        Sessions(self)
    }

    pub fn notices(&self) -> Notices<'_> {
        Notices(self)
    }

    pub fn limits(&self) -> Limits<'_> {
        Limits(self)
    }

    pub fn cache(&self) -> Cache<'_> {
        Cache(self)
    }

    /// Whether the shared state is within reach, and since when.
    pub fn health(&self) -> Health {
        match &*self.form {
            Form::Memory(memory) => memory.health(),
            Form::Redis(redis) => redis.shared.link.health(),
        }
    }

    /// Waits until the shared state is within reach. Nobody has to: everything works without, in its own way.
    pub async fn wait_until_up(&self) {
        match &*self.form {
            Form::Memory(_) => {}
            Form::Redis(redis) => redis.shared.link.wait_until(true).await,
        }
    }

    fn form(&self) -> &Form {
        &self.form
    }
}

impl fmt::Debug for Backplane {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Backplane").field(&self.health().kind).finish()
    }
}
