//! The backplane's health, for operators.

use std::time::Duration;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Memory,
    Redis,
}

impl Kind {
    /// The word used in responses, logs and metrics.
    pub fn word(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Redis => "redis",
        }
    }
}

/// The state of the backplane, and its counts since the process started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Health {
    pub kind: Kind,
    /// Memory is always up. Redis is up after its first response.
    pub up: bool,
    /// How long this has been so.
    pub since: Duration,
    /// Commands sent to Redis.
    pub requests: u64,
    /// Commands that Redis did not execute in time, or refused.
    pub failures: u64,
    /// Commands that were not sent, because Redis was known to be unreachable.
    pub skipped: u64,
    /// Number of recoveries.
    pub recoveries: u64,
}
