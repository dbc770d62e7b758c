//! Locks in Redis.

use std::sync::LazyLock;
use std::time::Duration;

use redis::Script;
use tokio::time::{Instant, timeout_at};

use super::Shared;
use super::cache::ms;
use super::link::Away;

static ACQUIRE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("locks_acquire.lua")));
static EXTEND: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("locks_extend.lua")));
static RELEASE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("locks_release.lua")));

impl Shared {
    /// The fence of the lock, if it was free.
    pub async fn try_acquire(&self, name: &str, token: [u8; 16], ttl: Duration) -> Result<Option<u64>, Away> {
        let mut acquire = ACQUIRE.prepare_invoke();
        // One fence for all locks. It grows for each of them, and no lock leaves a key behind.
        acquire.key(self.key("lock", name)).key(self.key("fence", "")).arg(&token).arg(ms(ttl));
        let fence = self.link.script::<u64>(&acquire).await?;
        Ok((fence > 0).then_some(fence))
    }

    /// Whether it was held with this token.
    pub async fn extend(&self, name: &str, token: [u8; 16], ttl: Duration) -> Result<bool, Away> {
        let mut extend = EXTEND.prepare_invoke();
        extend.key(self.key("lock", name)).arg(&token).arg(ms(ttl));
        self.link.script(&extend).await
    }

    /// Whether it was held with this token.
    pub async fn release(&self, name: &str, token: [u8; 16]) -> Result<bool, Away> {
        let mut release = RELEASE.prepare_invoke();
        release.key(self.key("lock", name)).arg(&token);
        self.link.script(&release).await
    }

    /// As soon as Redis is reachable, while it still matters.
    pub async fn release_before(&self, expires: Instant, name: &str, token: [u8; 16]) {
        let released = async {
            while self.release(name, token).await.is_err() {
                self.link.wait_until(true).await;
            }
        };
        // After its expiry it is released anyway.
        let _ = timeout_at(expires, released).await;
    }
}
