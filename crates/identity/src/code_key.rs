//! One-time codes that are not stored: a code is computed from its challenge and a key that only the server has.

use std::fmt;

use aws_lc_rs::{constant_time, hmac};
use uuid::Uuid;

/// Digits of a code.
pub const DIGITS: usize = 6;
/// One more than the largest code.
const CODES: u32 = 1_000_000;
/// 32-bit numbers below this are distributed evenly over the codes; the few above are skipped.
const EVEN_BELOW: u32 = u32::MAX / CODES * CODES;
/// Blocks tried. The probability that none of their 128 words is usable is below 2^-1500.
const BLOCKS_MAX: u32 = 16;
/// Separates this use of a secret from all its other uses.
const PURPOSE: &[u8] = b"holdfast one-time code 1";

/// Computes codes. Its owner knows every code.
pub struct CodeKey(hmac::Key);

/// A code to be sent. It has no `Display`, and its `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Code([u8; DIGITS]);

impl CodeKey {
    pub fn new(secret: &[u8]) -> Self {
        let derived = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), PURPOSE);
        Self(hmac::Key::new(hmac::HMAC_SHA256, derived.as_ref()))
    }

    /// The code of a challenge: always the same, and each of the million is equally likely.
    pub fn code(&self, challenge: Uuid) -> Code {
        let code = (0..BLOCKS_MAX).find_map(|block| self.in_block(challenge, block));
        code.expect("128 words in a row are not all among the 967,296 that are passed over")
    }

    fn in_block(&self, challenge: Uuid, block: u32) -> Option<Code> {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(challenge.as_bytes());
        context.update(&block.to_be_bytes());
        let tag = context.sign();
        let (words, _) = tag.as_ref().as_chunks::<4>();
        let number =
            words.iter().map(|word| u32::from_be_bytes(*word)).find(|number| *number < EVEN_BELOW)?;
        Some(Code::of(number % CODES))
    }
}

impl Code {
    fn of(mut number: u32) -> Self {
        let mut digits = [b'0'; DIGITS];
        for digit in digits.iter_mut().rev() {
            *digit = b'0' + u8::try_from(number % 10).unwrap_or(0);
            number /= 10;
        }
        Self(digits)
    }

    /// The digits, for sending them to their recipient.
    pub fn expose(&self) -> &str {
        std::str::from_utf8(&self.0).expect("digits are ASCII")
    }

    /// Whether this is the code. Takes the same time for any wrong one.
    pub fn is(&self, said: &str) -> bool {
        constant_time::verify_slices_are_equal(&self.0, said.as_bytes()).is_ok()
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"a secret of at least thirty-two bytes";

    /// The first word of the fourth is skipped.
    const VECTORS: [(&[u8], u128, &str); 5] = [
        (SECRET, 0x0, "916673"),
        (SECRET, 0x0190_f5c4_1b0a_7c3e_8a41_d2f0_7b6c_9e55, "623636"),
        (b"another secret of thirty-two bytes", 0x0, "492810"),
        (SECRET, 0x1740, "853837"),
        (SECRET, 0x1b, "004353"),
    ];

    fn code(secret: &[u8], challenge: u128) -> String {
        CodeKey::new(secret).code(Uuid::from_u128(challenge)).expose().to_owned()
    }

    /// Computed with Python's `hmac`, so that two programs agree.
    #[test]
    fn codes_are_those_that_another_program_computes() {
        for (secret, challenge, expected) in VECTORS {
            assert_eq!(code(secret, challenge), expected, "{challenge:x}");
        }
    }

    #[test]
    fn a_number_too_large_is_passed_over_and_never_bent() {
        assert_eq!(EVEN_BELOW, 4_294_000_000);
        assert_eq!(Code::of(7).expose(), "000007");
        assert_eq!(Code::of(999_999).expose(), "999999");
    }

    #[test]
    fn every_digit_is_as_likely_in_every_place() {
        let key = CodeKey::new(SECRET);
        let mut seen = [[0_u32; 10]; DIGITS];
        for challenge in 0..20_000 {
            for (place, digit) in key.code(Uuid::from_u128(challenge)).expose().bytes().enumerate() {
                seen[place][usize::from(digit - b'0')] += 1;
            }
        }
        // 2,000 each, with a standard deviation of 42.
        assert!(seen.iter().flatten().all(|count| (1_750..2_250).contains(count)), "{seen:?}");
    }

    #[test]
    fn a_code_knows_itself_and_does_not_show_itself() {
        let code = CodeKey::new(SECRET).code(Uuid::from_u128(1));
        let said = code.expose().to_owned();
        assert!(code.is(&said));
        let other = if said.starts_with('0') { "1" } else { "0" };
        for wrong in ["", &said[1..], &format!("{said}0"), &format!("{other}{}", &said[1..])] {
            assert!(!code.is(wrong), "{wrong}");
        }
        assert_eq!(format!("{code:?}"), "Code");
    }
}
