//! Reproducible random values: one seed, one sequence.

use domain::chance::SplitMix64;
use domain::decide::Chance;
use domain::time::Instant;
use uuid::Uuid;

#[derive(Debug, Clone)]
pub struct SeededChance(SplitMix64);

impl SeededChance {
    pub fn new(seed: u64) -> Self {
        Self(SplitMix64::new(seed))
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
        self.0.bits()
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
