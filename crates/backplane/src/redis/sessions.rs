//! Sessions in Redis. Each begins with its epoch, so that all can be outdated at once.

use std::collections::HashSet;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use redis::aio::MultiplexedConnection;
use redis::{Cmd, RedisResult, Script};
use uuid::Uuid;

use super::Shared;
use super::cache::{ms, number};
use crate::sessions::FORGOTTEN_FOR;

static PUT: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("sessions_put.lua")));

/// Removed sessions that Redis does not know of, remembered individually. Beyond this, the epoch outdates all.
const OWED_MAX: usize = 10_000;
const EPOCH_BYTES: usize = 8;

#[derive(Default)]
pub struct Sessions {
    owed: Mutex<HashSet<Uuid>>,
}

impl Sessions {
    pub fn is_owed(&self) -> bool {
        !self.owed().is_empty()
    }

    fn owe(&self, id: Uuid) {
        let mut owed = self.owed();
        if owed.len() < OWED_MAX {
            owed.insert(id);
        }
    }

    fn owed(&self) -> MutexGuard<'_, HashSet<Uuid>> {
        self.owed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    pub async fn session(&self, id: Uuid) -> Option<Vec<u8>> {
        if self.cache.is_owed() {
            return None;
        }
        let mut command = redis::cmd("MGET");
        command.arg(self.epoch_key()).arg(self.key("session", id.as_bytes()));
        let (epoch, entry) = self.link.command::<(Option<Bytes>, Option<Bytes>)>(&command).await.ok()?;
        let entry = entry?;
        let content = entry.strip_prefix(&number(epoch).to_be_bytes())?;
        content.strip_prefix(b"v").map(<[u8]>::to_vec)
    }

    pub async fn put_session(&self, id: Uuid, bytes: &[u8], ttl: Duration) {
        let mut put = PUT.prepare_invoke();
        put.key(self.epoch_key()).key(self.key("session", id.as_bytes())).arg(bytes).arg(ms(ttl));
        // If it is lost, it is read again from the database.
        let _ = self.link.script::<()>(&put).await;
    }

    pub async fn forget_session(&self, id: Uuid) {
        if self.link.command::<()>(&self.forgetting(id)).await.is_err() {
            self.sessions.owe(id);
            self.cache.owe();
        }
    }

    pub async fn settle_sessions(&self, connection: &mut MultiplexedConnection) -> RedisResult<()> {
        let owed = self.sessions.owed().clone();
        if owed.is_empty() {
            return Ok(());
        }
        let mut pipe = redis::pipe();
        for id in &owed {
            pipe.add_command(self.forgetting(*id)).ignore();
        }
        pipe.query_async::<()>(connection).await?;
        let mut still_owed = self.sessions.owed();
        still_owed.retain(|id| !owed.contains(id));
        Ok(())
    }

    fn forgetting(&self, id: Uuid) -> Cmd {
        let mut mark = [0; EPOCH_BYTES + 1];
        if let Some(last) = mark.last_mut() {
            *last = b'x';
        }
        let mut command = redis::cmd("SET");
        command.arg(self.key("session", id.as_bytes())).arg(&mark).arg("PX").arg(ms(FORGOTTEN_FOR));
        command
    }
}
