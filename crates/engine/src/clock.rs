//! The clock: the database's time, or a fixed value in tests.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use domain::time::Instant;

#[derive(Debug, Clone)]
pub enum Clock {
    System,
    /// Stands still until it is set.
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    pub fn fixed(now: Instant) -> Self {
        Self::Fixed(Arc::new(AtomicI64::new(now.0)))
    }

    pub fn now(&self) -> Instant {
        match self {
            Self::System => store::clock::system_now(),
            Self::Fixed(now) => Instant(now.load(Ordering::SeqCst)),
        }
    }

    /// The time of a lane: the database's, unless the clock is fixed.
    pub fn of_lane(&self, database: Instant) -> Instant {
        match self {
            Self::System => database,
            Self::Fixed(_) => self.now(),
        }
    }

    /// Sets a fixed clock. The system clock cannot be set here.
    pub fn set(&self, now: Instant) {
        match self {
            Self::System => {}
            Self::Fixed(value) => value.store(now.0, Ordering::SeqCst),
        }
    }
}
