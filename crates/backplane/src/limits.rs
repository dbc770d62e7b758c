//! Rate limits, asked here or in Redis. What a limit is stands in `rate`.

use crate::{Backplane, Form};

pub use crate::memory::limits::LocalLimits;
pub use crate::rate::{Decision, Limit};

/// The handle of the limits.
#[derive(Debug, Clone, Copy)]
pub struct Limits<'a>(pub(crate) &'a Backplane);

impl<'a> Limits<'a> {
    /// While Redis is unreachable, the process uses its own limits.
    pub async fn check(&self, key: &str, limit: Limit, cost: u32) -> Decision {
        match self.0.form() {
            Form::Memory(memory) => memory.limits.check(key, limit, cost),
            Form::Redis(redis) => redis.shared.check(key, limit, cost).await,
        }
    }

    /// Charges 1 to each key if every limit allows it, otherwise nothing. The keys must differ.
    pub async fn check_all(&self, keys: &[(&str, Limit)]) -> Vec<Decision> {
        match self.0.form() {
            Form::Memory(memory) => memory.limits.check_all(keys),
            Form::Redis(redis) => redis.shared.check_all(keys).await,
        }
    }

    /// The process's own limits, which need no waiting.
    pub fn local(&self) -> &'a LocalLimits {
        match self.0.form() {
            Form::Memory(memory) => &memory.limits,
            Form::Redis(redis) => &redis.shared.local_limits,
        }
    }
}
