//! The implementations in memory.

pub mod cache;
pub mod codes;
pub mod limits;
pub mod locks;
pub mod notices;
pub mod sessions;
mod shelf;

use tokio::time::Instant;

use crate::health::{Health, Kind};

pub struct Memory {
    pub locks: locks::Locks,
    pub codes: codes::Codes,
    pub sessions: sessions::Sessions,
    pub notices: notices::Notices,
    pub limits: limits::LocalLimits,
    pub cache: cache::Cache,
    began: Instant,
}

/// Maximum number of pending challenges; the oldest are removed.
const CODES_MAX: usize = 100_000;

impl Default for Memory {
    fn default() -> Self {
        Self {
            locks: locks::Locks::default(),
            codes: codes::Codes::new(CODES_MAX),
            sessions: sessions::Sessions::default(),
            notices: notices::Notices::default(),
            limits: limits::LocalLimits::default(),
            cache: cache::Cache::default(),
            began: Instant::now(),
        }
    }
}

impl Memory {
    pub fn health(&self) -> Health {
        let since = self.began.elapsed();
        Health { kind: Kind::Memory, up: true, since, requests: 0, failures: 0, skipped: 0, recoveries: 0 }
    }
}
