//! Locks within one process.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

/// With fewer locks than this, expired ones are not searched.
const SWEEP_LOCKS_MIN: usize = 1_024;

#[derive(Default)]
pub struct Locks {
    table: Mutex<Table>,
}

#[derive(Default)]
struct Table {
    entries: HashMap<String, Entry>,
    sweep_at: usize,
    last_fence: u64,
}

struct Entry {
    token: [u8; 16],
    expires: Instant,
}

impl Locks {
    /// The fence of the lock, if it was free or is already held with this token.
    pub fn try_acquire(&self, name: &str, token: [u8; 16], ttl: Duration) -> Option<u64> {
        let now = Instant::now();
        let mut table = self.table();
        if table.entries.get(name).is_some_and(|entry| entry.expires > now) {
            return None;
        }
        table.sweep(now);
        table.entries.insert(name.to_owned(), Entry { token, expires: now + ttl });
        table.last_fence = unix_us().max(table.last_fence + 1);
        Some(table.last_fence)
    }

    /// Whether it was held with this token.
    pub fn extend(&self, name: &str, token: [u8; 16], ttl: Duration) -> bool {
        let now = Instant::now();
        let mut table = self.table();
        let ours = table.entries.get_mut(name).filter(|entry| entry.token == token && entry.expires > now);
        ours.map(|entry| entry.expires = now + ttl).is_some()
    }

    /// Whether it was held with this token.
    pub fn release(&self, name: &str, token: [u8; 16]) -> bool {
        let mut table = self.table();
        let ours = table.entries.get(name).is_some_and(|entry| entry.token == token);
        let entry = if ours { table.entries.remove(name) } else { None };
        entry.is_some_and(|entry| entry.expires > Instant::now())
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    /// Removes expired locks, rarely enough that the cost per lock is negligible.
    fn sweep(&mut self, now: Instant) {
        if self.entries.len() >= self.sweep_at.max(SWEEP_LOCKS_MIN) {
            self.entries.retain(|_, entry| entry.expires > now);
            self.sweep_at = self.entries.len() * 2;
        }
    }
}

/// Fences start at the current time, so that they keep growing after a restart.
#[expect(
    clippy::disallowed_methods,
    reason = "a number that grows from process to process, which nobody reads as a time"
)]
fn unix_us() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}
