//! Locks between processes, for work that no lane serialises: assigning rooms, querying a remote inventory.
//!
//! A lock only saves work. The database's constraints are authoritative. A holder whose lock has expired does no
//! harm, because its fence is lower than its successor's.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::Instant;

use crate::redis::Away;
use crate::{Backplane, Form, random};

/// How long a lock lasts if its holder neither releases nor extends it.
pub const TTL: Duration = Duration::from_mins(2);
/// Maximum time to wait for a lock.
pub const PATIENCE_MAX: Duration = Duration::from_secs(10);
const PAUSE_MIN: Duration = Duration::from_millis(50);
const PAUSE_MAX: Duration = Duration::from_secs(1);

/// The handle of the locks.
#[derive(Debug, Clone, Copy)]
pub struct Locks<'a>(pub(crate) &'a Backplane);

/// How long to wait and how long to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// Waiting ends after this, and after [`PATIENCE_MAX`] in any case.
    pub patience: Duration,
    pub ttl: Duration,
}

impl Default for Terms {
    fn default() -> Self {
        Self { patience: PATIENCE_MAX, ttl: TTL }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LockError {
    /// Others held it the whole time.
    #[error("the lock was not acquired within {} ms", waited.as_millis())]
    NotAcquired { waited: Duration },
    /// The holder is unknown.
    #[error("locks are unavailable")]
    Unavailable { waited: Duration },
}

/// Why a lock is no longer held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Lost {
    /// It expired, and another process may hold it.
    #[error("the lock has expired")]
    Expired,
    #[error("locks are unavailable")]
    Unavailable,
}

impl Locks<'_> {
    /// Waits for the lock for at most 10 s, and holds it for at most 120 s.
    pub async fn acquire(&self, name: &str) -> Result<Held, LockError> {
        self.acquire_on(name, Terms::default()).await
    }

    /// Tries immediately, then after pauses that double from 50 ms to 1 s and are randomly shortened by up to a half.
    pub async fn acquire_on(&self, name: &str, terms: Terms) -> Result<Held, LockError> {
        let began = Instant::now();
        let deadline = began + terms.patience.min(PATIENCE_MAX);
        let mut held = Held::unarmed(self.0.clone(), name, terms.ttl);
        let mut pause = PAUSE_MIN;
        loop {
            match held.attempt().await {
                Ok(true) => {
                    held.waited = began.elapsed();
                    return Ok(held);
                }
                Ok(false) => {}
                Err(Away) => return Err(LockError::Unavailable { waited: began.elapsed() }),
            }
            let now = Instant::now();
            if now >= deadline {
                return Err(LockError::NotAcquired { waited: now - began });
            }
            tokio::time::sleep_until(deadline.min(now + shortened(pause))).await;
            pause = PAUSE_MAX.min(pause * 2);
        }
    }
}

/// Prevents callers that were refused together from retrying together.
fn shortened(pause: Duration) -> Duration {
    let half = pause / 2;
    let nanoseconds = u64::try_from(half.as_nanos()).unwrap_or(u64::MAX).max(1);
    half + Duration::from_nanos(random::number() % nanoseconds)
}

/// A held lock. If dropped, it is released in the background if a runtime is running, and otherwise expires.
pub struct Held {
    backplane: Backplane,
    name: String,
    token: [u8; 16],
    ttl: Duration,
    fence: u64,
    waited: Duration,
    /// Counted from before the lock was requested, so that it is never later than the backplane's.
    expires: Instant,
    /// Whether the backplane may know our token.
    armed: bool,
}

impl Held {
    fn unarmed(backplane: Backplane, name: &str, ttl: Duration) -> Self {
        let now = Instant::now();
        Self {
            backplane,
            name: name.to_owned(),
            token: random::bytes(),
            ttl,
            fence: 0,
            waited: Duration::ZERO,
            expires: now,
            armed: false,
        }
    }

    /// A number greater than that of every earlier holder of this lock. Writes that rely on the lock must store it
    /// and refuse a smaller one.
    pub fn fence(&self) -> u64 {
        self.fence
    }

    /// How long the lock was waited for.
    pub fn waited(&self) -> Duration {
        self.waited
    }

    /// The remaining time; zero if the lock is no longer held.
    pub fn left(&self) -> Duration {
        self.expires.saturating_duration_since(Instant::now())
    }

    /// Extends the lock to its full duration.
    pub async fn extend(&mut self) -> Result<(), Lost> {
        let asked = Instant::now();
        let extended = match self.backplane.form() {
            Form::Memory(memory) => memory.locks.extend(&self.name, self.token, self.ttl),
            Form::Redis(redis) => {
                let extended = redis.shared.extend(&self.name, self.token, self.ttl).await;
                extended.map_err(|Away| Lost::Unavailable)?
            }
        };
        if !extended {
            self.armed = false;
            self.expires = asked;
            return Err(Lost::Expired);
        }
        self.expires = asked + self.ttl;
        Ok(())
    }

    /// Releases the lock and returns whether it was held until the end. A lock that has passed to another holder is
    /// left alone. If Redis is unreachable, the lock is released as soon as it recovers, or expires.
    pub async fn release(mut self) -> Result<(), Lost> {
        let released = match self.backplane.form() {
            Form::Memory(memory) => memory.locks.release(&self.name, self.token),
            Form::Redis(redis) => {
                let released = redis.shared.release(&self.name, self.token).await;
                released.map_err(|Away| Lost::Unavailable)?
            }
        };
        self.armed = false;
        if released { Ok(()) } else { Err(Lost::Expired) }
    }

    /// Armed while the request is pending: a caller that stops waiting may have received the lock.
    async fn attempt(&mut self) -> Result<bool, Away> {
        let asked = Instant::now();
        self.armed = true;
        self.expires = asked + self.ttl;
        let fence = match self.backplane.form() {
            Form::Memory(memory) => memory.locks.try_acquire(&self.name, self.token, self.ttl),
            Form::Redis(redis) => redis.shared.try_acquire(&self.name, self.token, self.ttl).await?,
        };
        self.armed = fence.is_some();
        let Some(fence) = fence else { return Ok(false) };
        self.fence = fence;
        Ok(true)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if !self.armed {
            return;
        }
        match self.backplane.form() {
            Form::Memory(memory) => {
                memory.locks.release(&self.name, self.token);
            }
            Form::Redis(redis) => {
                let shared = Arc::clone(&redis.shared);
                let (name, token, expires) = (std::mem::take(&mut self.name), self.token, self.expires);
                if let Ok(runtime) = Handle::try_current() {
                    runtime.spawn(async move { shared.release_before(expires, &name, token).await });
                }
            }
        }
    }
}

impl fmt::Debug for Held {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Held")
            .field("name", &self.name)
            .field("fence", &self.fence)
            .finish_non_exhaustive()
    }
}
