//! A table with a maximum number of entries. Entries used since the last round are kept; of the others the oldest is
//! evicted.
//!
//! This is the clock algorithm: a lookup only sets a bit, so that readers can share the table, and a flood of entries
//! that are never used again evicts only itself.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicBool, Ordering};

pub struct Bounded<K, V> {
    places: HashMap<K, usize>,
    slots: Vec<Slot<K, V>>,
    hand: usize,
    entries_max: usize,
}

struct Slot<K, V> {
    key: K,
    value: V,
    used: AtomicBool,
}

impl<K: Eq + Hash + Clone, V> Bounded<K, V> {
    pub fn new(entries_max: usize) -> Self {
        assert!(entries_max > 0, "a table holds at least one entry");
        Self { places: HashMap::new(), slots: Vec::new(), hand: 0, entries_max }
    }

    pub fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        let slot = self.slots.get(*self.places.get(key)?)?;
        if !slot.used.load(Ordering::Relaxed) {
            slot.used.store(true, Ordering::Relaxed);
        }
        Some(&slot.value)
    }

    /// Stores a value and returns the evicted one, which can be the key's previous value.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        if let Some(slot) = self.places.get(&key).and_then(|place| self.slots.get_mut(*place)) {
            return Some(std::mem::replace(&mut slot.value, value));
        }
        let slot = Slot { key: key.clone(), value, used: AtomicBool::new(false) };
        if self.slots.len() < self.entries_max {
            self.places.insert(key, self.slots.len());
            self.slots.push(slot);
            return None;
        }
        let place = self.next_unused();
        self.places.insert(key, place);
        let gone = std::mem::replace(self.slots.get_mut(place)?, slot);
        self.places.remove(&gone.key);
        Some(gone.value)
    }

    pub fn remove<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let place = self.places.remove(key)?;
        let gone = self.slots.swap_remove(place);
        if let Some(moved) = self.slots.get(place) {
            self.places.insert(moved.key.clone(), place);
        }
        Some(gone.value)
    }

    /// Removes the entries that do not satisfy `stays`.
    pub fn retain(&mut self, stays: impl Fn(&V) -> bool) {
        let gone: Vec<K> =
            self.slots.iter().filter(|slot| !stays(&slot.value)).map(|slot| slot.key.clone()).collect();
        for key in gone {
            self.remove(&key);
        }
    }

    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.slots.iter().map(|slot| &slot.value)
    }

    pub fn len(&self) -> usize {
        self.slots.len()
    }

    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// The position of an entry that was not used since the hand last passed it.
    fn next_unused(&mut self) -> usize {
        loop {
            let place = self.hand % self.slots.len();
            self.hand = place + 1;
            match self.slots.get(place) {
                Some(slot) if slot.used.swap(false, Ordering::Relaxed) => {}
                Some(_) | None => return place,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_strangers_does_not_push_out_what_is_in_use() {
        let mut table = Bounded::new(4);
        for regular in 0..3 {
            table.insert(regular, regular);
        }
        for stranger in 100..10_000 {
            for regular in 0..3 {
                assert_eq!(table.get(&regular), Some(&regular), "after {stranger}");
            }
            table.insert(stranger, stranger);
            assert!(table.len() <= 4);
        }
    }

    #[test]
    fn a_key_has_one_value_and_what_is_removed_is_gone() {
        let mut table = Bounded::new(3);
        assert_eq!(table.insert("a", 1), None);
        assert_eq!(table.insert("a", 2), Some(1));
        table.insert("b", 3);
        table.insert("c", 4);
        assert_eq!(table.remove("a"), Some(2));
        assert_eq!((table.get("a"), table.get("b"), table.get("c")), (None, Some(&3), Some(&4)));
        table.retain(|value| *value > 3);
        assert_eq!((table.get("b"), table.get("c"), table.len()), (None, Some(&4), 1));
        assert_eq!(table.insert("d", 5), None);
        assert_eq!(table.insert("e", 6), None);
        assert!(table.insert("f", 7).is_some(), "what it pushes out is handed back");
        assert_eq!(table.len(), 3);
    }
}
