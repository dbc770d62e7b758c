//! Validated identity data: phone numbers, email addresses and passwords.
//!
//! All of it is personal data. `Debug` prints only the type, so that no value appears in a log.

mod email;
mod mobile;
mod password;

pub use email::{Email, NotAnEmail};
pub use mobile::{Mobile, NotAMobile};
pub use password::{Password, WeakPassword};

use std::fmt;

use crate::limits::CODE_DIGITS;

/// How to reach a person. At least one of the two is verified.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Contact {
    pub name: Option<String>,
    pub email: Option<Email>,
    pub mobile: Option<Mobile>,
}

impl fmt::Debug for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Contact(…)")
    }
}

/// A one-time code as entered.
#[derive(Clone, PartialEq, Eq)]
pub struct Code(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must have {CODE_DIGITS} digits")]
pub struct NotACode;

impl Code {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for Code {
    type Err = NotACode;

    /// Accepts `^\d{6}$`.
    fn from_str(text: &str) -> Result<Self, NotACode> {
        let shaped = text.len() == CODE_DIGITS && text.bytes().all(|digit| digit.is_ascii_digit());
        if shaped { Ok(Self(text.to_owned())) } else { Err(NotACode) }
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_six_digits() {
        assert_eq!("012345".parse::<Code>().unwrap().as_str(), "012345");
        for text in ["", "12345", "1234567", "12345a", "１２３４５６", " 12345"] {
            assert_eq!(text.parse::<Code>(), Err(NotACode), "{text}");
        }
    }

    #[test]
    fn nothing_personal_is_shown() {
        let contact = Contact {
            name: Some("Ada".to_owned()),
            email: Some("ada@example.com".parse().unwrap()),
            mobile: Some("+4915112345678".parse().unwrap()),
        };
        let password = Password::new("correct horse battery", None).unwrap();
        let code: Code = "123456".parse().unwrap();
        let shown = format!("{contact:?} {:?} {:?} {password:?} {code:?}", contact.email, contact.mobile);
        for secret in ["Ada", "ada@", "4915", "correct", "123456"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}
