//! A cache of sessions by their id, so that a request of a known session asks no database.
//!
//! What the bytes mean is the caller's business. A session that is not here is read from the database, which has the
//! last word.

use std::time::Duration;

use uuid::Uuid;

use crate::{Backplane, Form};

/// After a session was forgotten nothing can be put in its place for so long: whoever read it before it was revoked and
/// is slow to say so would bring it back otherwise.
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

    /// Keeps the session for `ttl`, or not at all where there is no room or it was forgotten a moment ago.
    pub async fn put(&self, id: Uuid, bytes: &[u8], ttl: Duration) {
        match self.0.form() {
            Form::Memory(memory) => memory.sessions.put(id, bytes, ttl),
            Form::Redis(redis) => redis.shared.put_session(id, bytes, ttl).await,
        }
    }

    /// To be called after the database knows that the session has changed or ended.
    pub async fn forget(&self, id: Uuid) {
        match self.0.form() {
            Form::Memory(memory) => memory.sessions.forget(id),
            Form::Redis(redis) => redis.shared.forget_session(id).await,
        }
    }
}
