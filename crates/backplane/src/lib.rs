//! Short-lived shared state behind one type, in memory or in Redis: locks, one-time codes, a session cache, change
//! notices, rate limits and caches.
//!
//! Nothing here is authoritative. Losing it with a process or with Redis costs time, a second code or a looser limit,
//! but never oversells: the database's constraints prevent that. Deliberately absent are therefore queues, admission
//! control and durable rows, and also a trait: the two implementations are an enum. While Redis is unreachable, each
//! part works as described in `docs/decisions/0006-backplane.md`. Start with [`Backplane`].

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

/// The shared state of all parts. Clones share it.
#[derive(Clone)]
pub struct Backplane {
    form: Arc<Form>,
}

enum Form {
    Memory(Box<Memory>),
    Redis(Redis),
}

impl Backplane {
    /// State of this process only, with bounded size. It is never unreachable.
    pub fn memory() -> Self {
        Self { form: Arc::new(Form::Memory(Box::default())) }
    }

    /// State shared by all processes with the same server and key prefix. Returns immediately: a background task of
    /// the current runtime connects, and reconnects after failures. `rediss://` uses TLS.
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

    /// Whether the shared state is reachable, and since when.
    pub fn health(&self) -> Health {
        match &*self.form {
            Form::Memory(memory) => memory.health(),
            Form::Redis(redis) => redis.shared.link.health(),
        }
    }

    /// Waits until the shared state is reachable. This is optional: every part also works without it.
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
