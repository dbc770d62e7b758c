//! A map with a limited size in bytes, which evicts entries.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::time::Duration;

use tokio::time::Instant;

/// The overhead of an entry, in bytes: keys and the tables' fields.
const ENTRY_BYTES: usize = 200;

/// When full, it evicts entries that have expired or were not used since their last turn.
pub struct Shelf<K, V> {
    entries: HashMap<K, Entry<V>>,
    /// The order of turns. It may contain keys that were removed or replaced.
    turns: VecDeque<(u64, K)>,
    puts: u64,
    bytes: usize,
    bytes_max: usize,
}

struct Entry<V> {
    value: V,
    bytes: usize,
    expires: Instant,
    asked_for: bool,
    number: u64,
}

impl<K: Hash + Eq + Clone, V> Shelf<K, V> {
    pub fn new(bytes_max: usize) -> Self {
        Self { entries: HashMap::new(), turns: VecDeque::new(), puts: 0, bytes: 0, bytes_max }
    }

    pub fn get(&mut self, key: &K) -> Option<&V> {
        let now = Instant::now();
        let entry = self.entries.get_mut(key).filter(|entry| entry.expires > now)?;
        entry.asked_for = true;
        Some(&entry.value)
    }

    /// `bytes` is the size of the value. A value larger than a sixteenth of the shelf is not stored, and the previous
    /// value of its key is removed.
    pub fn put(&mut self, key: K, value: V, bytes: usize, ttl: Duration) {
        self.remove(&key);
        let bytes = bytes + ENTRY_BYTES;
        if bytes > self.bytes_max / 16 {
            return;
        }
        let now = Instant::now();
        while self.bytes + bytes > self.bytes_max {
            self.give_up_one(now);
        }
        self.puts += 1;
        self.bytes += bytes;
        let entry = Entry { value, bytes, expires: now + ttl, asked_for: false, number: self.puts };
        self.entries.insert(key.clone(), entry);
        self.turns.push_back((self.puts, key));
        self.drop_stale_turns();
    }

    pub fn remove(&mut self, key: &K) {
        if let Some(entry) = self.entries.remove(key) {
            self.bytes -= entry.bytes;
        }
    }

    /// Takes turns until one entry is evicted. This ends, because each entry is skipped only once.
    fn give_up_one(&mut self, now: Instant) {
        while let Some((number, key)) = self.turns.pop_front() {
            let Some(entry) = self.entries.get_mut(&key).filter(|entry| entry.number == number) else {
                continue;
            };
            if entry.asked_for && entry.expires > now {
                entry.asked_for = false;
                self.turns.push_back((number, key));
                continue;
            }
            self.remove(&key);
            return;
        }
    }

    fn drop_stale_turns(&mut self) {
        if self.turns.len() > 2 * self.entries.len() + 64 {
            let entries = &self.entries;
            self.turns.retain(|(number, key)| entries.get(key).is_some_and(|entry| entry.number == *number));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TTL: Duration = Duration::from_mins(1);

    /// A shelf of 32 entries whose values have no size.
    fn shelf_of_32() -> Shelf<u32, u32> {
        Shelf::new(32 * ENTRY_BYTES)
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_asked_for_outlives_what_is_not() {
        let mut shelf = shelf_of_32();
        shelf.put(0, 0, 0, TTL);
        for key in 1..1_000 {
            assert_eq!(shelf.get(&0).copied(), Some(0));
            shelf.put(key, key, 0, TTL);
            assert!(shelf.bytes <= shelf.bytes_max);
        }
        assert_eq!(
            (shelf.entries.len(), shelf.get(&999).copied(), shelf.get(&1).copied()),
            (32, Some(999), None)
        );
    }

    #[tokio::test(start_paused = true)]
    async fn one_key_put_over_and_over_takes_one_place() {
        let mut shelf = shelf_of_32();
        for value in 0..1_000 {
            shelf.put(7, value, 0, TTL);
        }
        assert_eq!((shelf.get(&7).copied(), shelf.bytes), (Some(999), ENTRY_BYTES));
        assert!(shelf.turns.len() <= 67);
    }

    #[tokio::test(start_paused = true)]
    async fn it_expires_and_what_is_too_heavy_is_not_kept() {
        let mut shelf = shelf_of_32();
        shelf.put(1, 1, 0, TTL);
        shelf.put(2, 2, 2 * ENTRY_BYTES, TTL);
        assert_eq!((shelf.get(&1).copied(), shelf.get(&2).copied()), (Some(1), None));
        tokio::time::advance(TTL).await;
        assert_eq!(shelf.get(&1), None);
    }
}
