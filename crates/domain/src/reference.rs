//! Booking references such as `BR-20241225-K7QXM2RD9A`: the day of creation and ten characters without look-alikes.
//!
//! A reference represents a number that grows with time (milliseconds since the epoch, then 22 random bits), shown
//! through a keyed permutation of the number within its day. References therefore look random and cannot be
//! enumerated, while the index on the number is filled in order, which keeps inserts fast with millions of bookings.
//! The permutation is not access control: permissions are checked elsewhere. See `docs/decisions/0003-references.md`.

use std::fmt;

use crate::time::{DAY_MS, Instant, day_from_number, day_number};

/// 32 letters and digits, without 0, O, 1 and I.
const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
const CHARS: usize = 10;
const HALF_BITS: u32 = 25;
const HALF_MASK: u64 = (1 << HALF_BITS) - 1;
const RANDOM_BITS: u32 = 22;
const ROUNDS: u64 = 8;
/// Milliseconds are counted from here, so that the remaining bits cover 1970 to 2109.
const MIDDLE_MS: i64 = 1 << (63 - RANDOM_BITS);
const LAST_MS: i64 = 2 * MIDDLE_MS - 1;

/// The number behind a reference. Unique, and grows with time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReferenceNumber(pub i64);

impl ReferenceNumber {
    /// The number for a booking created at `now`. `random` distinguishes it from others of the same millisecond.
    pub fn generate(now: Instant, random: u64) -> Self {
        let random = i64::try_from(random & ((1 << RANDOM_BITS) - 1)).expect("22 bits");
        Self(((now.0.clamp(0, LAST_MS) - MIDDLE_MS) << RANDOM_BITS) | random)
    }

    fn split(self) -> (i64, u64) {
        let made_ms = (self.0 >> RANDOM_BITS) + MIDDLE_MS;
        let day = made_ms.div_euclid(DAY_MS);
        let within = self.0 - ((day * DAY_MS - MIDDLE_MS) << RANDOM_BITS);
        (day, u64::try_from(within).expect("within a day is not negative"))
    }
}

/// The installation's key for references. It is stored in the database, because references must outlive the process.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ReferenceKey(pub [u64; 2]);

impl fmt::Debug for ReferenceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReferenceKey")
    }
}

impl ReferenceKey {
    /// The written form of a reference.
    pub fn show(self, number: ReferenceNumber) -> String {
        let (day, within) = number.split();
        let mut code = self.permute(within);
        let mut characters = [0_u8; CHARS];
        for character in characters.iter_mut().rev() {
            *character = *ALPHABET.get(usize::try_from(code & 31).unwrap_or(0)).expect("five bits");
            code >>= 5;
        }
        let day = day_from_number(day).map_or_else(String::new, |day| day.strftime("%Y%m%d").to_string());
        format!("BR-{day}-{}", std::str::from_utf8(&characters).expect("the alphabet is ASCII"))
    }

    /// The number behind a reference; `None` if the text is not a valid reference. Letters may be lower case.
    pub fn read(self, text: &str) -> Option<ReferenceNumber> {
        let (day, code) = text.strip_prefix("BR-").or_else(|| text.strip_prefix("br-"))?.split_once('-')?;
        if day.len() != 8 || code.len() != CHARS {
            return None;
        }
        let day = day_number(jiff::civil::Date::strptime("%Y%m%d", day).ok()?);
        let mut permuted = 0;
        for character in code.bytes() {
            let index = ALPHABET.iter().position(|known| *known == character.to_ascii_uppercase())?;
            permuted = (permuted << 5) | u64::try_from(index).ok()?;
        }
        let within = i64::try_from(self.invert(permuted)).ok()?;
        Some(ReferenceNumber((day * DAY_MS - MIDDLE_MS).checked_mul(1 << RANDOM_BITS)?.checked_add(within)?))
            .filter(|number| self.show(*number).eq_ignore_ascii_case(text))
    }

    /// A Feistel network over 50 bits, which is a permutation for any round function.
    fn permute(self, value: u64) -> u64 {
        let (mut left, mut right) = (value >> HALF_BITS, value & HALF_MASK);
        for round in 0..ROUNDS {
            (left, right) = (right, left ^ self.mix(round, right));
        }
        (left << HALF_BITS) | right
    }

    fn invert(self, value: u64) -> u64 {
        let (mut left, mut right) = (value >> HALF_BITS, value & HALF_MASK);
        for round in (0..ROUNDS).rev() {
            (left, right) = (right ^ self.mix(round, left), left);
        }
        (left << HALF_BITS) | right
    }

    fn mix(self, round: u64, half: u64) -> u64 {
        let [first, second] = self.0;
        let mut mixed = (half | (round << 32)).wrapping_add(first);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27) ^ second).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) & HALF_MASK
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KEY: ReferenceKey = ReferenceKey([0x1234_5678_9abc_def0, 0x0fed_cba9_8765_4321]);

    #[test]
    fn a_reference_shows_its_day_and_ten_characters() {
        let number = ReferenceNumber::generate(Instant(1_735_120_800_000), 7);
        let text = KEY.show(number);
        assert!(text.starts_with("BR-20241225-"), "{text}");
        assert_eq!(text.len(), 22);
        assert_eq!(KEY.read(&text.to_lowercase()), Some(number));
    }

    #[test]
    fn a_reference_shows_its_day_for_longer_than_the_server_will_live() {
        for (ms, day) in [(0, "19700101"), (2_199_023_255_552, "20390907"), (4_398_046_511_103, "21090515")] {
            let number = ReferenceNumber::generate(Instant(ms), u64::MAX);
            let text = KEY.show(number);
            assert!(text.starts_with(&format!("BR-{day}-")), "{text}");
            assert_eq!(KEY.read(&text), Some(number));
        }
        assert_eq!(
            ReferenceNumber::generate(Instant(i64::MAX), 0),
            ReferenceNumber::generate(Instant(4_398_046_511_103), 0)
        );
    }

    #[test]
    fn what_is_no_reference_is_none() {
        for text in [
            "",
            "BR-",
            "BR-20241225-",
            "BR-20241225-A3B9C2",
            "BR-20249925-K7QXM2RD9A",
            "XX-20241225-K7QXM2RD9A",
        ] {
            assert_eq!(KEY.read(text), None, "{text}");
        }
        assert_eq!(KEY.read("BR-20241225-01OI000000"), None, "look-alikes are not in the alphabet");
    }

    proptest! {
        #[test]
        fn every_number_reads_back(ms in 0_i64..4_000_000_000_000, random: u64) {
            let number = ReferenceNumber::generate(Instant(ms), random);
            prop_assert_eq!(KEY.read(&KEY.show(number)), Some(number));
        }

        #[test]
        fn numbers_grow_with_time(ms in 0_i64..4_000_000_000_000, one: u64, other: u64) {
            prop_assert!(ReferenceNumber::generate(Instant(ms), one) < ReferenceNumber::generate(Instant(ms + 1), other));
        }
    }
}
