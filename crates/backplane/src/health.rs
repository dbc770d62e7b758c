//! What an operator may know about the backplane.

use std::time::Duration;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Memory,
    Redis,
}

impl Kind {
    /// The word for it in answers, logs and metrics.
    pub fn word(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Redis => "redis",
        }
    }
}

/// How the backplane is, and what it has done since the process began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Health {
    pub kind: Kind,
    /// Memory is always up. Redis is not before it has answered for the first time.
    pub up: bool,
    /// How long it has been so.
    pub since: Duration,
    /// Commands that Redis was asked to do.
    pub requests: u64,
    /// Those of them that it did not do in time, or refused.
    pub failures: u64,
    /// Commands for which it was not even asked, because it was known to be away.
    pub skipped: u64,
    /// How often it came back.
    pub recoveries: u64,
}
