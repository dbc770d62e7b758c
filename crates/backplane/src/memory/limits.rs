//! Rate limits in one process, without waiting. The HTTP layer checks them for every request.

use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

use crate::rate::{Decision, Limit};

/// Keys that are not full again, about 20 bytes each.
pub const KEYS_MAX: usize = 256 * 1_024;
const SHARDS: usize = 64;
/// Buckets that new keys of a limit share when their shard is full of limited keys.
const SHARED_BUCKETS: u64 = 64;
/// Minimum time between two searches of a shard for keys that are full again.
const SWEEP_INTERVAL_US: u64 = 10_000;

/// Limits of this process. A key is identified by a keyed hash of itself and its limit.
pub struct LocalLimits {
    shards: Vec<Mutex<Shard>>,
    keys_per_shard_max: usize,
    hashing: RandomState,
    began: Instant,
    shared: AtomicU64,
}

/// When each key is full again, in microseconds since the start.
type Buckets = HashMap<u64, u64, BuildHasherDefault<Hashed>>;

#[derive(Default)]
struct Shard {
    own: Buckets,
    shared: Buckets,
    sweep_at_us: u64,
}

impl Default for LocalLimits {
    fn default() -> Self {
        Self::new(KEYS_MAX)
    }
}

impl LocalLimits {
    pub fn new(keys_max: usize) -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            keys_per_shard_max: keys_max.div_ceil(SHARDS),
            hashing: RandomState::new(),
            began: Instant::now(),
            shared: AtomicU64::new(0),
        }
    }

    pub fn check(&self, key: &str, limit: Limit, cost: u32) -> Decision {
        let mark = self.mark(key, limit);
        let now_us = self.now_us();
        let mut shard = self.shard(mark);
        let full_at_us = self.bucket(&mut shard, mark, limit, now_us);
        let backlog_us = full_at_us.saturating_sub(now_us);
        let allowed = limit.fits(backlog_us, cost);
        if allowed {
            *full_at_us = now_us + backlog_us + limit.cost_us(cost);
        }
        limit.decision(backlog_us, cost, allowed)
    }

    /// Charges 1 to each key if every limit allows it, otherwise nothing. The keys must differ.
    pub fn check_all(&self, keys: &[(&str, Limit)]) -> Vec<Decision> {
        let now_us = self.now_us();
        let marks: Vec<u64> = keys.iter().map(|(key, limit)| self.mark(key, *limit)).collect();
        let mut shards = self.shards_in_order(&marks);
        let mut each = |act: &mut dyn FnMut(&mut u64, Limit)| {
            for (mark, (_, limit)) in marks.iter().zip(keys) {
                let shard = shards.iter_mut().find(|(number, _)| *number == number_of(*mark));
                let (_, shard) = shard.expect("the shard of every mark was locked above");
                act(self.bucket(shard, *mark, *limit, now_us), *limit);
            }
        };
        let mut allowed = true;
        each(&mut |full_at_us, limit| allowed &= limit.fits(full_at_us.saturating_sub(now_us), 1));
        let mut decisions = Vec::with_capacity(keys.len());
        each(&mut |full_at_us, limit| {
            let backlog_us = full_at_us.saturating_sub(now_us);
            if allowed {
                *full_at_us = now_us + backlog_us + limit.cost_us(1);
            }
            decisions.push(limit.decision(backlog_us, 1, allowed));
        });
        decisions
    }

    /// How often a new key had to share a bucket, because too many others were limited.
    pub fn shared(&self) -> u64 {
        self.shared.load(Ordering::Relaxed)
    }

    /// A keyed hash, so that collisions cannot be constructed. With 64 bits they do not occur by chance.
    fn mark(&self, key: &str, limit: Limit) -> u64 {
        self.hashing.hash_one((key, limit))
    }

    fn now_us(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    fn shard(&self, mark: u64) -> MutexGuard<'_, Shard> {
        let shard = self.shards.get(number_of(mark)).expect("a number of a shard is less than their count");
        shard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Locked in ascending order, so that two callers cannot deadlock.
    fn shards_in_order(&self, marks: &[u64]) -> Vec<(usize, MutexGuard<'_, Shard>)> {
        let mut marks = marks.to_vec();
        marks.sort_unstable_by_key(|mark| number_of(*mark));
        marks.dedup_by_key(|mark| number_of(*mark));
        marks.into_iter().map(|mark| (number_of(mark), self.shard(mark))).collect()
    }

    /// The key's own bucket, or a shared one if the shard is full of limited keys. A flood of new keys must not make
    /// the shard forget limited keys.
    fn bucket<'a>(&self, shard: &'a mut Shard, mark: u64, limit: Limit, now_us: u64) -> &'a mut u64 {
        let full = shard.own.len() >= self.keys_per_shard_max;
        if full && !shard.own.contains_key(&mark) && !shard.sweep(now_us, self.keys_per_shard_max) {
            self.shared.fetch_add(1, Ordering::Relaxed);
            let shared_mark = self.hashing.hash_one((mark % SHARED_BUCKETS, limit));
            return shard.shared.entry(shared_mark).or_insert(now_us);
        }
        shard.own.entry(mark).or_insert(now_us)
    }
}

impl std::fmt::Debug for LocalLimits {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("LocalLimits").finish_non_exhaustive()
    }
}

impl Shard {
    /// Removes the keys that are full again, and returns whether there is room.
    fn sweep(&mut self, now_us: u64, keys_max: usize) -> bool {
        if now_us < self.sweep_at_us {
            return false;
        }
        self.sweep_at_us = now_us + SWEEP_INTERVAL_US;
        self.own.retain(|_, full_at_us| *full_at_us > now_us);
        self.own.len() < keys_max
    }
}

/// Uses other bits than the hash tables in a shard.
fn number_of(mark: u64) -> usize {
    usize::from(mark.to_be_bytes()[2]) % SHARDS
}

/// For keys that are already hashes.
#[derive(Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, mark: u64) {
        self.0 = mark;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const THREE_A_MINUTE: Limit = Limit::new(3, Duration::from_mins(1));

    #[tokio::test(start_paused = true)]
    async fn a_key_fills_up_evenly() {
        let limits = LocalLimits::default();
        let allowed = || limits.check("guest", THREE_A_MINUTE, 1).allowed;
        assert_eq!([allowed(), allowed(), allowed(), allowed()], [true, true, true, false]);
        tokio::time::advance(Duration::from_secs(19)).await;
        assert!(!allowed());
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!([allowed(), allowed()], [true, false]);
        tokio::time::advance(Duration::from_hours(1)).await;
        assert_eq!([allowed(), allowed(), allowed(), allowed()], [true, true, true, false]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_flood_of_keys_frees_nobody_and_takes_no_more_room() {
        let limits = LocalLimits::new(SHARDS * 16);
        while limits.check("attacker", THREE_A_MINUTE, 1).allowed {}
        let flood = 100_000;
        let allowed =
            (0..flood).filter(|key| limits.check(&format!("flood {key}"), THREE_A_MINUTE, 1).allowed).count();
        assert!(!limits.check("attacker", THREE_A_MINUTE, 1).allowed);
        // Each bucket of the table, whether own or shared, allows three.
        assert!(allowed <= 3 * SHARDS * (16 + usize::try_from(SHARED_BUCKETS).unwrap()), "{allowed}");
        assert!(limits.shared() > flood / 2);
        let kept: usize = limits.shards.iter().map(|shard| shard.lock().unwrap().own.len()).sum();
        assert_eq!(kept, SHARDS * 16);
    }

    #[tokio::test(start_paused = true)]
    async fn keys_that_are_full_again_make_room() {
        let limits = LocalLimits::new(SHARDS);
        for key in 0..10_000 {
            limits.check(&format!("flood {key}"), THREE_A_MINUTE, 1);
        }
        tokio::time::advance(Duration::from_mins(1)).await;
        let shared_before = limits.shared();
        assert_eq!(limits.check("newcomer", THREE_A_MINUTE, 1).remaining, 2);
        assert_eq!(limits.shared(), shared_before);
    }

    #[test]
    fn all_are_charged_or_none() {
        let limits = LocalLimits::default();
        let of = |address: &str| limits.check_all(&[(address, THREE_A_MINUTE), ("number", THREE_A_MINUTE)]);
        while Decision::all_allowed(&of("first")) {}
        let refused = of("second");
        assert_eq!([refused[0].allowed, refused[1].allowed], [true, false]);
        assert_eq!(refused[0].remaining, 3);
        assert_eq!(limits.check("second", THREE_A_MINUTE, 3).remaining, 0);
    }

    #[test]
    fn callers_with_the_same_keys_in_another_order_do_not_wait_for_each_other() {
        let limits = LocalLimits::default();
        let wide = Limit::new(1_000_000, Duration::from_hours(24 * 365));
        let forth: Vec<String> = (0..16).map(|key| format!("key {key}")).collect();
        std::thread::scope(|scope| {
            for turned in [false, true] {
                let mut keys: Vec<(&str, Limit)> = forth.iter().map(|key| (key.as_str(), wide)).collect();
                if turned {
                    keys.reverse();
                }
                let limits = &limits;
                scope.spawn(move || (0..2_000).for_each(|_| drop(limits.check_all(&keys))));
            }
        });
        let spent = wide.burst() - limits.check("key 0", wide, 1).remaining;
        // Half a minute returns one.
        assert!((3_999..=4_001).contains(&spent), "{spent}");
    }
}
