//! Rate limits in Redis, based on its clock.

use std::sync::LazyLock;

use redis::Script;

use super::Shared;
use super::link::Away;
use crate::rate::{Decision, Limit};

static CHARGE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("limits.lua")));

impl Shared {
    pub async fn check(&self, key: &str, limit: Limit, cost: u32) -> Decision {
        let decisions = self.charge(&[(key, limit)], cost).await;
        let decision = decisions.ok().and_then(|decisions| decisions.first().copied());
        decision.unwrap_or_else(|| self.local_limits.check(key, limit, cost))
    }

    pub async fn check_all(&self, keys: &[(&str, Limit)]) -> Vec<Decision> {
        self.charge(keys, 1).await.unwrap_or_else(|Away| self.local_limits.check_all(keys))
    }

    async fn charge(&self, keys: &[(&str, Limit)], cost: u32) -> Result<Vec<Decision>, Away> {
        let mut charge = CHARGE.prepare_invoke();
        for (key, limit) in keys {
            let backlog_us_max = limit.backlog_us_max().cast_signed();
            charge.key(self.key("limit", format!("{}:{}:{key}", limit.cost_us(1), limit.burst())));
            // A request that can never be allowed is refused.
            charge.arg(limit.cost_us(cost)).arg(if cost <= limit.burst() { backlog_us_max } else { -1 });
        }
        let backlogs: Vec<u64> = self.link.script(&charge).await?;
        let each = || backlogs.iter().zip(keys);
        let charged = each().all(|(backlog_us, (_, limit))| limit.fits(*backlog_us, cost));
        Ok(each().map(|(backlog_us, (_, limit))| limit.decision(*backlog_us, cost, charged)).collect())
    }
}
