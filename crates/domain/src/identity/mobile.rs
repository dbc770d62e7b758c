//! Mobile phone numbers.

use std::fmt;
use std::str::FromStr;

/// A phone number that can receive messages, in E.164 format: a plus and 10 to 15 digits.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Mobile(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be a phone number like +4915112345678: an optional plus, then 10 to 15 digits that do not begin with 0"
)]
pub struct NotAMobile;

impl Mobile {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Mobile {
    type Err = NotAMobile;

    /// Accepts `^\+?[1-9]\d{9,14}$` and adds the plus, so that each number has one form.
    fn from_str(text: &str) -> Result<Self, NotAMobile> {
        let digits = text.strip_prefix('+').unwrap_or(text);
        let shaped = (10..=15).contains(&digits.len())
            && !digits.starts_with('0')
            && digits.bytes().all(|digit| digit.is_ascii_digit());
        if shaped { Ok(Self(format!("+{digits}"))) } else { Err(NotAMobile) }
    }
}

impl fmt::Debug for Mobile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mobile(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_number_has_one_form() {
        for text in ["+4915112345678", "4915112345678"] {
            assert_eq!(text.parse::<Mobile>().unwrap().as_str(), "+4915112345678");
        }
        assert!("1234567890".parse::<Mobile>().is_ok(), "ten digits");
        assert!("123456789012345".parse::<Mobile>().is_ok(), "fifteen digits");
    }

    #[test]
    fn what_the_documents_pattern_refuses_is_refused() {
        for text in [
            "",
            "+",
            "0491511234567",
            "123456789",
            "1234567890123456",
            "++4915112345678",
            "+49 151 12345678",
            "+49151123456a",
            "+49\u{661}5112345678",
            "+4915112345678\n",
        ] {
            assert_eq!(text.parse::<Mobile>(), Err(NotAMobile), "{text:?}");
        }
    }
}
