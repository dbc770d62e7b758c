//! Blind indexes: short keyed hashes by which a row is found again by an exact e-mail address or phone number.
//!
//! A blind index has 64 bits, so two texts may share one: a caller that finds a row by it opens the row and compares the
//! text itself.

use aws_lc_rs::hmac;

use super::Vault;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BlindIndex(pub i64);

impl Vault {
    /// The blind index of an e-mail address, however it is capitalised. `None` for an empty one.
    pub fn email_index(&self, email: &str) -> Option<BlindIndex> {
        self.blind_index(b'e', &plain_email(email))
    }

    /// The blind index of a phone number, however its digits are grouped. `None` if it has none.
    pub fn phone_index(&self, phone: &str) -> Option<BlindIndex> {
        self.blind_index(b'p', &plain_phone(phone))
    }

    fn blind_index(&self, kind: u8, text: &str) -> Option<BlindIndex> {
        if text.is_empty() {
            return None;
        }
        let mut context = hmac::Context::with_key(&self.0.blind_indexes);
        context.update(&[kind]);
        context.update(text.as_bytes());
        let tag = context.sign();
        tag.as_ref().first_chunk().map(|first| BlindIndex(i64::from_be_bytes(*first)))
    }
}

/// An address as it is compared: without the blanks around it, in lower case whole. The part before the `@` may differ
/// by case in theory (RFC 5321 §2.4); nobody's mailbox does.
pub fn plain_email(email: &str) -> String {
    email.trim().to_lowercase()
}

/// A number as it is compared: the digits of its E.164 form, without the plus or the two zeros that stand for it.
pub fn plain_phone(phone: &str) -> String {
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    digits.strip_prefix("00").map_or(digits.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_is_written_in_many_ways() {
        for email in ["Grace.Hopper@Example.org", "  grace.hopper@example.org\t"] {
            assert_eq!(plain_email(email), "grace.hopper@example.org");
        }
        for phone in ["+49 (30) 901820", "0049-30-901820", "4930901820"] {
            assert_eq!(plain_phone(phone), "4930901820");
        }
    }
}
