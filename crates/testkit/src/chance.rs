//! Chance that repeats itself: one seed, one sequence.

use domain::decide::Chance;
use domain::time::Instant;
use uuid::Uuid;

/// Splitmix64, which is enough for ids that must only differ.
#[derive(Debug, Clone)]
pub struct SeededChance(u64);

impl SeededChance {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `bound`, which is more than 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.bits() % bound
    }
}

impl Chance for SeededChance {
    /// A version 7 UUID whose last 16 bits are the hint.
    fn id(&mut self, now: Instant, hint: u16) -> Uuid {
        let ms = u64::try_from(now.0).unwrap_or(0);
        let (high, low) = (self.bits() & 0x0fff, self.bits());
        let first = (ms << 16) | 0x7000 | high;
        let second = (1 << 63) | (low & 0x3fff_ffff_ffff_0000) | u64::from(hint);
        Uuid::from_u64_pair(first, second)
    }

    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_gives_one_sequence() {
        let generate = |seed| {
            let mut chance = SeededChance::new(seed);
            (0..3).map(|_| chance.bits()).collect::<Vec<_>>()
        };
        assert_eq!(generate(7), generate(7));
        assert_ne!(generate(7), generate(8));
    }

    #[test]
    fn an_id_is_a_version_7_that_sorts_by_time_and_ends_in_its_hint() {
        let mut chance = SeededChance::new(1);
        let earlier = chance.id(Instant(1_700_000_000_000), 0xabcd);
        let later = chance.id(Instant(1_700_000_000_001), 0);
        assert!(earlier < later);
        assert_eq!(earlier.get_version_num(), 7);
        assert_eq!(earlier.get_variant(), uuid::Variant::RFC4122);
        assert_eq!(earlier.as_bytes()[14..], [0xab, 0xcd]);
    }
}
