//! A phone number as the world writes it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Digits after the plus (ITU-T E.164 §6.2 allows 15; no country has numbers shorter than this with its code).
const DIGITS_MIN: usize = 8;
const DIGITS_MAX: usize = 15;

/// A number in E.164: a plus and its digits. Personal, so that it does not show itself.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PhoneNumber(String);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be a phone number in international form, a plus and {DIGITS_MIN} to {DIGITS_MAX} digits")]
pub struct NotAPhoneNumber;

impl PhoneNumber {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PhoneNumber {
    type Err = NotAPhoneNumber;

    fn from_str(text: &str) -> Result<Self, NotAPhoneNumber> {
        let digits = text.strip_prefix('+').ok_or(NotAPhoneNumber)?;
        let is_number = (DIGITS_MIN..=DIGITS_MAX).contains(&digits.len())
            && digits.bytes().all(|digit| digit.is_ascii_digit())
            && !digits.starts_with('0');
        if is_number { Ok(Self(text.to_owned())) } else { Err(NotAPhoneNumber) }
    }
}

impl TryFrom<String> for PhoneNumber {
    type Error = NotAPhoneNumber;

    fn try_from(text: String) -> Result<Self, NotAPhoneNumber> {
        text.parse()
    }
}

impl From<PhoneNumber> for String {
    fn from(number: PhoneNumber) -> Self {
        number.0
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PhoneNumber")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_international_numbers_are_taken() {
        for number in ["+15005550006", "+4917012345678", "+12345678"] {
            assert_eq!(number.parse::<PhoneNumber>().map(String::from).as_deref(), Ok(number));
        }
        for other in [
            "",
            "+",
            "15005550006",
            "+0123456789",
            "+1234567",
            "+1234567890123456",
            "+1500555000a",
            "+1 5005550006",
        ] {
            assert_eq!(other.parse::<PhoneNumber>(), Err(NotAPhoneNumber), "{other}");
        }
    }
}
