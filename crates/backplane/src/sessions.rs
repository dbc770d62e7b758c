//! A cache of sessions by id, so that a request of a known session needs no database query.
//!
//! The caller defines the meaning of the bytes. A session that is not cached is read from the database, which is
//! authoritative.

use std::time::Duration;

use uuid::Uuid;

use crate::{Backplane, Form};

/// How long after its removal a session cannot be stored again. Otherwise a slow reader could restore a session that
/// it read before the revocation.
pub const FORGOTTEN_FOR: Duration = Duration::from_secs(10);

/// The handle of the sessions.
#[derive(Debug, Clone, Copy)]
pub struct Sessions<'a>(pub(crate) &'a Backplane);

impl Sessions<'_> {
    pub async fn get(&self, id: Uuid) -> Option<Vec<u8>> {
        match self.0.form() {
            Form::Memory(memory) => memory.sessions.get(id),
            Form::Redis(redis) => redis.shared.session(id).await,
        }
    }

    /// Stores the session for `ttl`, unless there is no room or it was just removed.
    pub async fn put(&self, id: Uuid, bytes: &[u8], ttl: Duration) {
        match self.0.form() {
            Form::Memory(memory) => memory.sessions.put(id, bytes, ttl),
            Form::Redis(redis) => redis.shared.put_session(id, bytes, ttl).await,
        }
    }

    /// Call this after the database has committed that the session changed or ended.
    pub async fn forget(&self, id: Uuid) {
        match self.0.form() {
            Form::Memory(memory) => memory.sessions.forget(id),
            Form::Redis(redis) => redis.shared.forget_session(id).await,
        }
    }
}
