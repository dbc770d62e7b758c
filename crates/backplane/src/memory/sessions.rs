//! Sessions within one process.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use uuid::Uuid;

use super::shelf::Shelf;
use crate::sessions::FORGOTTEN_FOR;

const BYTES_MAX: usize = 64 * 1024 * 1024;

pub struct Sessions {
    /// `None` for a session that was just removed.
    kept: Mutex<Shelf<Uuid, Option<Bytes>>>,
}

impl Default for Sessions {
    fn default() -> Self {
        Self { kept: Mutex::new(Shelf::new(BYTES_MAX)) }
    }
}

impl Sessions {
    pub fn get(&self, id: Uuid) -> Option<Vec<u8>> {
        let found = self.kept().get(&id).cloned().flatten();
        found.map(|bytes| bytes.to_vec())
    }

    pub fn put(&self, id: Uuid, bytes: &[u8], ttl: Duration) {
        let mut kept = self.kept();
        if !matches!(kept.get(&id), Some(None)) {
            kept.put(id, Some(Bytes::copy_from_slice(bytes)), bytes.len(), ttl);
        }
    }

    pub fn forget(&self, id: Uuid) {
        self.kept().put(id, None, 0, FORGOTTEN_FOR);
    }

    fn kept(&self) -> MutexGuard<'_, Shelf<Uuid, Option<Bytes>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
