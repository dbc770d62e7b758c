//! Marks: short keyed hashes by which a row is found again by an exact e-mail address or phone number.
//!
//! A mark is 64 bits, enough for an index; whoever finds a row by it opens the row and compares the text itself.

use aws_lc_rs::hmac;

use super::Vault;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Mark(pub i64);

impl Vault {
    /// The mark of an e-mail address, however it is capitalised. `None` for an empty one.
    pub fn mark_email(&self, email: &str) -> Option<Mark> {
        self.mark(b'e', &plain_email(email))
    }

    /// The mark of a phone number, however its digits are grouped. `None` if it has none.
    pub fn mark_phone(&self, phone: &str) -> Option<Mark> {
        self.mark(b'p', &plain_phone(phone))
    }

    fn mark(&self, kind: u8, text: &str) -> Option<Mark> {
        if text.is_empty() {
            return None;
        }
        let mut context = hmac::Context::with_key(&self.0.marks);
        context.update(&[kind]);
        context.update(text.as_bytes());
        let tag = context.sign();
        tag.as_ref().first_chunk().map(|first| Mark(i64::from_be_bytes(*first)))
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
