//! Passwords that a person may choose.

use std::fmt;

use super::Email;
use crate::limits::{PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN};

/// A newly chosen, acceptable password. A password entered for signing in need not be one.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    #[error("must have {PASSWORD_CHARS_MIN} to {PASSWORD_CHARS_MAX} characters")]
    Length,
    #[error("must not be the email address")]
    IsTheEmail,
    #[error("is too common")]
    Common,
}

/// The most frequently leaked passwords that are long enough to be chosen here, and our own name.
const COMMON: &[&str] = &[
    "0123456789",
    "0987654321",
    "1029384756",
    "1111111111",
    "1122334455",
    "12345678900",
    "1234567890",
    "1234567891",
    "12345678910",
    "123456789a",
    "1234567890a",
    "123456789q",
    "123456qwerty",
    "1234qwer1234",
    "123qwe123qwe",
    "1q2w3e4r5t",
    "1q2w3e4r5t6y",
    "1qaz2wsx3edc",
    "1qazxsw23edc",
    "987654321a",
    "abcdefghij",
    "administrator",
    "asdfghjkl;",
    "asdfghjkl1",
    "basketball",
    "changeme123",
    "computer123",
    "football123",
    "helloworld",
    "holdfast123",
    "iloveyou12",
    "iloveyou123",
    "letmein123",
    "letmein1234",
    "liverpool1",
    "manchester",
    "passw0rd123",
    "password01",
    "password10",
    "password11",
    "password12",
    "password123",
    "password1234",
    "password123!",
    "passwordpassword",
    "princess12",
    "q1w2e3r4t5",
    "q1w2e3r4t5y6",
    "qazwsxedcr",
    "qwerty1234",
    "qwerty12345",
    "qwerty123456",
    "qwertyuiop",
    "qwertyuiop1",
    "superman123",
    "trustno1trustno1",
    "welcome123",
    "welcome1234",
    "zaq12wsxcde3",
];

impl Password {
    /// The rules of NIST SP 800-63B §5.1.1.2: length and a list of common passwords. There is no rule about character
    /// classes.
    pub fn new(text: &str, email: Option<&Email>) -> Result<Self, WeakPassword> {
        let count = text.chars().take(PASSWORD_CHARS_MAX + 1).count();
        if !(PASSWORD_CHARS_MIN..=PASSWORD_CHARS_MAX).contains(&count) {
            return Err(WeakPassword::Length);
        }
        let folded = text.to_lowercase();
        let mailbox = |email: &Email| email.folded().split('@').next().map(str::to_owned);
        if email
            .is_some_and(|email| folded == email.folded() || mailbox(email).is_some_and(|own| own == folded))
        {
            return Err(WeakPassword::IsTheEmail);
        }
        let first = folded.chars().next();
        let is_one_letter = folded.chars().all(|letter| Some(letter) == first);
        if is_one_letter || COMMON.contains(&folded.as_str()) {
            return Err(WeakPassword::Common);
        }
        Ok(Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_short_long_known_or_the_address_is_refused() {
        let email: Email = "Long.Mailbox@Example.com".parse().unwrap();
        for (text, expected) in [
            ("short", Err(WeakPassword::Length)),
            ("ninechars", Err(WeakPassword::Length)),
            (&"x y".repeat(43), Err(WeakPassword::Length)),
            ("Password123", Err(WeakPassword::Common)),
            ("qwertyUIOP", Err(WeakPassword::Common)),
            ("zzzzzzzzzzzz", Err(WeakPassword::Common)),
            ("long.mailbox@example.com", Err(WeakPassword::IsTheEmail)),
            ("Long.Mailbox", Err(WeakPassword::IsTheEmail)),
            ("tencharact", Ok(())),
            ("пароль который длинный", Ok(())),
        ] {
            assert_eq!(Password::new(text, Some(&email)).map(drop), expected, "{text}");
        }
    }

    #[test]
    fn the_list_holds_only_what_could_be_chosen() {
        for text in COMMON {
            assert!(text.chars().count() >= PASSWORD_CHARS_MIN, "{text} is refused for its length");
            assert_eq!(*text, text.to_lowercase());
        }
    }
}
