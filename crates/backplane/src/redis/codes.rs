//! Challenges in Redis. Those issued by this process are also kept in memory, for outages of Redis.
//!
//! [`super::listener`] keeps the copy up to date. Changes made without Redis are sent to it before it is used again.
//! An answer is accepted only if neither of the two knows that the challenge is dead.

use std::sync::LazyLock;
use std::time::Duration;

use futures_util::future::try_join_all;
use redis::aio::MultiplexedConnection;
use redis::{RedisResult, Script, ScriptInvocation};
use uuid::Uuid;

use super::Shared;
use super::cache::ms;
use super::link::Away;
use crate::codes::{Challenge, TRIES_MAX, Verdict};
pub use crate::memory::codes::Codes;
use crate::memory::codes::{Debt, Kept};

static PUT: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("codes_put.lua")));
static CHECK: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("codes_check.lua")));
static SETTLE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("codes_settle.lua")));

/// Challenges sent to Redis at once.
const SETTLED_AT_ONCE: usize = 256;

impl Shared {
    pub async fn put_code(&self, id: Uuid, challenge: Challenge, ttl: Duration) {
        self.codes.put(id, challenge, ttl);
        let mut put = PUT.prepare_invoke();
        self.name_code(&mut put, id, &challenge);
        put.arg(TRIES_MAX).arg(ms(ttl)).arg(self.key("code", "")).arg(self.codes_channel());
        if self.link.script::<()>(&put).await.is_ok() {
            self.codes.sent(id);
        }
    }

    pub async fn check_code(&self, id: Uuid, bound_to: [u8; 32], digest: [u8; 32]) -> Verdict {
        if !self.codes.must_ask(id) {
            return self.codes.check(id, bound_to, digest);
        }
        let mut check = CHECK.prepare_invoke();
        check.key(self.key("code", id.as_bytes()));
        check.arg(id.as_bytes()).arg(&digest).arg(&bound_to).arg(self.codes_channel());
        match self.link.script::<i64>(&check).await {
            Ok(-3) if self.codes.use_up(id) => Verdict::Right,
            Ok(-2) => Verdict::WrongDevice,
            Ok(left) if left >= 0 => {
                let left = u32::try_from(left).unwrap_or(0);
                self.codes.learn(id, left);
                Verdict::Wrong { tries_left: left }
            }
            Ok(_) => {
                self.codes.learn(id, 0);
                Verdict::Gone
            }
            Err(Away) => self.codes.check(id, bound_to, digest),
        }
    }

    /// What another process did with a challenge: its id and the remaining attempts.
    pub fn hear_of_code(&self, message: &[u8]) {
        if let Some((id, [left])) = message.split_first_chunk() {
            self.codes.learn(Uuid::from_bytes(*id), u32::from(*left));
        }
    }

    /// Some messages may have been missed.
    pub fn doubt_codes(&self) {
        self.codes.doubt();
    }

    pub fn codes_channel(&self) -> Vec<u8> {
        self.key("codes", "")
    }

    pub async fn settle_codes(
        &self,
        connection: &mut MultiplexedConnection,
        has_forgotten: bool,
    ) -> RedisResult<()> {
        if has_forgotten {
            self.codes.doubt();
        }
        for some in self.codes.in_debt().chunks(SETTLED_AT_ONCE) {
            let settling = some.iter().map(|kept| self.settle_code(connection.clone(), kept, has_forgotten));
            try_join_all(settling).await?;
        }
        Ok(())
    }

    async fn settle_code(
        &self,
        mut connection: MultiplexedConnection,
        kept: &Kept,
        has_forgotten: bool,
    ) -> RedisResult<()> {
        let may_be_missing = has_forgotten || kept.debt == Debt::Unsent;
        let mut settle = SETTLE.prepare_invoke();
        self.name_code(&mut settle, kept.id, &kept.challenge);
        settle
            .arg(kept.tries_left)
            .arg(ms(kept.left))
            .arg(u8::from(may_be_missing))
            .arg(self.key("code", ""));
        let alive: u8 = settle.invoke_async(&mut connection).await?;
        self.codes.settled(kept);
        if alive == 0 {
            self.codes.learn(kept.id, 0);
        }
        Ok(())
    }

    fn name_code(&self, script: &mut ScriptInvocation<'_>, id: Uuid, challenge: &Challenge) {
        let device_of_subject = [challenge.subject, challenge.bound_to].concat();
        script.key(self.key("code", id.as_bytes())).key(self.key("latest", device_of_subject));
        script.arg(id.as_bytes()).arg(&challenge.digest).arg(&challenge.bound_to);
    }
}
