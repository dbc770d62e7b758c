//! The cache in Redis. Each entry begins with its stamp: the global epoch and the generation of its namespace.
//! Entries with a different stamp are ignored until they expire.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use redis::aio::MultiplexedConnection;
use redis::{Cmd, RedisResult, Script};

use super::Shared;
use super::link::Away;
use crate::cache::{LOOKUP_AGE_MAX, Seen};
use crate::random;

static PUT: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("cache_put.lua")));
static FORGET: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("cache_forget.lua")));

/// The byte after an entry's stamp.
const VALUE: u8 = b'v';
const FORGOTTEN: u8 = b'x';

/// Changes that were not sent to Redis. Until they are, nothing in it can be trusted; then all of it is outdated.
#[derive(Default)]
pub struct Cache {
    owed: AtomicU64,
    settled: AtomicU64,
}

impl Cache {
    pub fn is_owed(&self) -> bool {
        self.owed.load(Ordering::SeqCst) > self.settled.load(Ordering::SeqCst)
    }

    pub fn owe(&self) {
        self.owed.fetch_add(1, Ordering::SeqCst);
    }
}

impl Shared {
    /// The value, or the ticket to store it with.
    pub async fn cached(&self, namespace: &str, key: &str) -> Result<Bytes, Option<Seen>> {
        if self.cache.is_owed() {
            return Err(None);
        }
        let [epoch, generation, entry] = self.cache_keys(namespace, key);
        let mut command = redis::cmd("MGET");
        command.arg(epoch).arg(generation).arg(entry);
        let answer = self.link.command::<(Option<Bytes>, Option<Bytes>, Option<Bytes>)>(&command).await;
        let (epoch, generation, entry) = answer.map_err(|Away| None)?;
        let generation = u128::from(number(epoch)) << 64 | u128::from(number(generation));
        look_into(entry, generation).map_err(Some)
    }

    pub async fn cache(&self, namespace: &str, key: &str, seen: Seen, value: &[u8], ttl: Duration) {
        let mut put = PUT.prepare_invoke();
        for key in self.cache_keys(namespace, key) {
            put.key(key);
        }
        put.arg(&seen.generation.to_be_bytes()).arg(&seen.forgotten.to_be_bytes()).arg(value).arg(ms(ttl));
        // If it is lost, it is read again from its source.
        let _ = self.link.script::<()>(&put).await;
    }

    pub async fn uncache(&self, namespace: &str, key: &str) {
        let mut forget = FORGET.prepare_invoke();
        for key in self.cache_keys(namespace, key) {
            forget.key(key);
        }
        forget.arg(&random::bytes::<8>()).arg(ms(LOOKUP_AGE_MAX));
        if self.link.script::<()>(&forget).await.is_err() {
            self.cache.owe();
        }
    }

    pub async fn invalidate(&self, namespace: &str) {
        if self.link.command::<()>(&renewal(self.key("generation", namespace))).await.is_err() {
            self.cache.owe();
        }
    }

    /// Outdates all entries if a change was not sent to Redis, or if Redis has lost data.
    pub async fn settle_cache(
        &self,
        connection: &mut MultiplexedConnection,
        has_forgotten: bool,
    ) -> RedisResult<()> {
        let owed = self.cache.owed.load(Ordering::SeqCst);
        if has_forgotten || self.cache.is_owed() {
            renewal(self.epoch_key()).query_async::<()>(connection).await?;
            self.cache.settled.store(owed, Ordering::SeqCst);
        }
        Ok(())
    }

    /// The epoch of everything cached, including sessions.
    pub fn epoch_key(&self) -> Vec<u8> {
        self.key("epoch", "")
    }

    fn cache_keys(&self, namespace: &str, key: &str) -> [Vec<u8>; 3] {
        // The length prevents ambiguous keys.
        let entry = format!("{}:{namespace}:{key}", namespace.len());
        [self.epoch_key(), self.key("generation", namespace), self.key("entry", entry)]
    }
}

pub fn ms(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX).clamp(1, MS_MAX)
}

/// A century, which Redis can add to the current time.
const MS_MAX: u64 = 100 * 366 * 24 * 3_600 * 1_000;

/// Random, not counted, because a Redis that lost its data would count the same numbers again.
fn renewal(key: Vec<u8>) -> Cmd {
    let mut renewal = redis::cmd("SET");
    renewal.arg(key).arg(&random::bytes::<8>());
    renewal
}

/// 0 if it was never set.
pub fn number(bytes: Option<Bytes>) -> u64 {
    let bytes = bytes.and_then(|bytes| <[u8; 8]>::try_from(&*bytes).ok());
    bytes.map_or(0, u64::from_be_bytes)
}

fn look_into(entry: Option<Bytes>, generation: u128) -> Result<Bytes, Seen> {
    let entry = entry.filter(|entry| entry.starts_with(&generation.to_be_bytes()));
    let mut forgotten = 0;
    if let Some(mut entry) = entry
        && entry.len() > STAMP_BYTES
    {
        let mut rest = entry.split_off(STAMP_BYTES);
        let content = rest.split_off(1);
        match rest.first() {
            Some(&VALUE) => return Ok(content),
            Some(&FORGOTTEN) => forgotten = number(Some(content)),
            Some(_) | None => {}
        }
    }
    Err(Seen { generation, forgotten })
}

const STAMP_BYTES: usize = 16;
