//! Ids and random bits. They are fast and unpredictable enough for ids; secrets come from the cryptographic library.

use aws_lc_rs::rand;
use domain::chance::SplitMix64;
use domain::decide::Chance;
use domain::time::Instant;
use uuid::Uuid;

/// A generator, and a counter that keeps the ids of one millisecond in order.
#[derive(Debug)]
pub struct SystemChance {
    random: SplitMix64,
    last_ms: i64,
    count: u64,
    reference_ms: i64,
    reference: u64,
}

/// Bits of the counter within one millisecond.
const COUNT_BITS: u32 = 12;

impl SystemChance {
    pub fn from_system() -> Self {
        let mut seed = [0; 8];
        rand::fill(&mut seed).expect("the system has random bytes");
        Self::from_seed(u64::from_le_bytes(seed))
    }

    pub fn from_seed(seed: u64) -> Self {
        Self { random: SplitMix64::new(seed), last_ms: 0, count: 0, reference_ms: i64::MIN, reference: 0 }
    }

    /// 128 bits for the installation's reference key.
    pub fn key(&mut self) -> [u64; 2] {
        [self.bits(), self.bits()]
    }
}

impl Chance for SystemChance {
    /// A `UUIDv7`: 48 bits of time, 12 of a counter that starts low, 16 of the hint, 46 random.
    fn id(&mut self, now: Instant, hint: u16) -> Uuid {
        if now.0 > self.last_ms {
            self.last_ms = now.0;
            self.count = self.bits() & 0xff;
        } else if self.count >> COUNT_BITS == 0 {
            self.count += 1;
        }
        if self.count >> COUNT_BITS != 0 {
            // If the counter overflows, the next millisecond is used, as RFC 9562 §6.2 allows.
            self.last_ms += 1;
            self.count = 0;
        }
        let time = u128::from(self.last_ms.max(0).cast_unsigned()) << 80;
        let count = u128::from(self.count) << 64;
        let tail = (u128::from(hint) << 46) | u128::from(self.bits() >> 18);
        Uuid::from_u128(time | (0x7 << 76) | count | (0b10 << 62) | tail)
    }

    /// Counts up from a new random value in each millisecond: one generator never repeats a value, and two rarely
    /// collide.
    fn reference_bits(&mut self, now: Instant) -> u64 {
        if now.0 == self.reference_ms {
            self.reference = self.reference.wrapping_add(1);
        } else {
            self.reference_ms = now.0;
            self.reference = self.bits();
        }
        self.reference
    }

    fn bits(&mut self) -> u64 {
        self.random.bits()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_grow_even_within_a_millisecond_and_when_the_clock_steps_back() {
        let mut chance = SystemChance::from_seed(1);
        let times = [5, 5, 5, 4, 3, 6, 6].into_iter().chain(std::iter::repeat_n(6, 10_000));
        let ids: Vec<Uuid> = times.map(|ms| chance.id(Instant(1_700_000_000_000 + ms), 7)).collect();
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(ids.iter().all(|id| id.get_version_num() == 7 && id.get_variant() == uuid::Variant::RFC4122));
    }
}
