//! A map cut into shards: a copy of it shares every shard, and a change copies only the shard it touches. So a snapshot
//! of a large map can be taken, changed and swapped in microseconds.

use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, Hash, Hasher};
use std::sync::Arc;

/// Shards of one map: with 100,000 entries, a change copies about two hundred of them.
const SHARDS: usize = 512;

/// A map by an id that the server made.
pub type IdMap<K, V> = ShardedMap<K, V, BuildHasherDefault<IdHasher>>;

#[derive(Debug, Clone)]
pub struct ShardedMap<K, V, S> {
    shards: Arc<[Arc<HashMap<K, V, S>>]>,
}

impl<K, V, S: BuildHasher + Default> Default for ShardedMap<K, V, S> {
    fn default() -> Self {
        let empty = Arc::new(HashMap::with_hasher(S::default()));
        Self { shards: std::iter::repeat_n(empty, SHARDS).collect() }
    }
}

impl<K: Hash + Eq + Clone, V: Clone, S: BuildHasher + Clone> ShardedMap<K, V, S> {
    pub fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: std::borrow::Borrow<Q>,
    {
        self.shards.get(shard_of(key))?.get(key)
    }

    pub fn insert(&mut self, key: K, value: V) {
        if let Some(shard) = self.shard_mut(&key) {
            shard.insert(key, value);
        }
    }

    pub fn remove<Q: Hash + Eq + ?Sized>(&mut self, key: &Q)
    where
        K: std::borrow::Borrow<Q>,
    {
        if self.get(key).is_some()
            && let Some(shard) = self.shard_mut(key)
        {
            shard.remove(key);
        }
    }

    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.shards.iter().flat_map(|shard| shard.values())
    }

    fn shard_mut<Q: Hash + ?Sized>(&mut self, key: &Q) -> Option<&mut HashMap<K, V, S>> {
        let shard = shard_of(key);
        Arc::make_mut(&mut self.shards).get_mut(shard).map(Arc::make_mut)
    }
}

/// The maps inside may use the lowest and the highest bits of the same hash: the shard uses the
/// bits between. Keys chosen to fill one shard slow down its changes, but not its look-ups.
fn shard_of<Q: Hash + ?Sized>(key: &Q) -> usize {
    (BuildHasherDefault::<IdHasher>::default().hash_one(key) >> 40) as usize % SHARDS
}

/// Mixes the bits of an id. Callers cannot choose ids, so that they cannot make them collide.
#[derive(Debug, Clone, Copy, Default)]
pub struct IdHasher(u64);

const MIX: u64 = 0x9e37_79b9_7f4a_7c15;

impl Hasher for IdHasher {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word.iter_mut().zip(chunk).for_each(|(to, from)| *to = *from);
            self.0 = (self.0 ^ u64::from_le_bytes(word)).wrapping_mul(MIX).rotate_left(29);
        }
    }

    /// Ids are all of one length.
    fn write_usize(&mut self, _: usize) {}

    fn finish(&self) -> u64 {
        let mixed = self.0.wrapping_mul(MIX);
        mixed ^ (mixed >> 32)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn id(number: u64) -> Uuid {
        Uuid::from_u64_pair(0x0190_0000_0000_7000, 0x8000_0000_0000_0000 | (number << 16))
    }

    #[test]
    fn a_copy_does_not_see_what_is_changed_afterwards() {
        let mut map: IdMap<Uuid, u64> = IdMap::default();
        (0..2_000).for_each(|number| map.insert(id(number), number));
        let before = map.clone();
        map.insert(id(7), 70);
        map.remove(&id(8));
        map.remove(&id(9_999));
        assert_eq!((before.get(&id(7)), before.get(&id(8))), (Some(&7), Some(&8)));
        assert_eq!((map.get(&id(7)), map.get(&id(8))), (Some(&70), None));
        assert_eq!((before.values().count(), map.values().count()), (2_000, 1_999));
    }

    #[test]
    fn a_change_copies_one_shard() {
        let mut map: IdMap<Uuid, u64> = IdMap::default();
        (0..2_000).for_each(|number| map.insert(id(number), number));
        let before = map.clone();
        map.insert(id(7), 70);
        let shared =
            map.shards.iter().zip(before.shards.iter()).filter(|(one, other)| Arc::ptr_eq(one, other));
        assert_eq!(shared.count(), SHARDS - 1);
    }

    #[test]
    fn ids_spread_over_the_shards() {
        let mut map: IdMap<Uuid, u64> = IdMap::default();
        (0..51_200).for_each(|number| map.insert(id(number), number));
        let fullest = map.shards.iter().map(|shard| shard.len()).max().unwrap();
        assert!(fullest < 200, "{fullest} of 51,200 entries are in one of {SHARDS} shards");
    }
}
