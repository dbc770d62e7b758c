//! Kinds of fields that several requests have.

use domain::identity::{Email, Mobile};
use domain::limits::{EMAIL_CHARS_MAX, NAME_CHARS_MAX, NAME_CHARS_MIN};

use crate::kind::{Parsed, Text, parsed, text};

pub const EMAIL_EXAMPLE: &str = "jane.doe@example.com";
const EMAIL_PATTERN: &str = r"^[^@\s]+@[^@\s]+$";
const MOBILE_EXAMPLE: &str = "+4915112345678";
/// An example of a token from an email.
pub const TOKEN_EXAMPLE: &str = "5d41402abc4b2a76b9719d911017c592ae2b1d3f7c6a4e8f90b1c2d3e4f5a6b7";
/// Characters of a token issued by the server.
pub const TOKEN_CHARS_MAX: usize = 2_048;

pub const fn name(example: &'static str) -> Text {
    text(NAME_CHARS_MIN, NAME_CHARS_MAX, example)
}

/// The address of an account.
pub const fn email() -> Parsed<Email> {
    parsed(text(3, EMAIL_CHARS_MAX, EMAIL_EXAMPLE).like(EMAIL_PATTERN))
}

pub const fn mobile() -> Parsed<Mobile> {
    parsed(text(1, 16, MOBILE_EXAMPLE).like(r"^\+?[1-9]\d{9,14}$"))
}

pub const fn token() -> Text {
    text(1, TOKEN_CHARS_MAX, TOKEN_EXAMPLE)
}

/// An email address, as stored in a booking.
pub const fn contact_email() -> Text {
    text(3, EMAIL_CHARS_MAX, EMAIL_EXAMPLE).shaped(EMAIL_PATTERN, is_email, "must be an email address")
}

fn is_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(mailbox, host)| {
        !mailbox.is_empty() && !host.is_empty() && !host.contains('@') && !text.contains(char::is_whitespace)
    })
}

/// A phone number, as stored in a booking.
pub const fn contact_phone() -> Text {
    text(7, 24, "+49 30 1234567").shaped(
        r"^\+?([ ().-]*[0-9]){7,15}[ ().-]*$",
        is_phone,
        "must be a phone number like +49 30 1234567",
    )
}

fn is_phone(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let mut others = text.chars().skip(usize::from(text.starts_with('+')));
    (7..=15).contains(&digits) && others.all(|c| c.is_ascii_digit() || " -().".contains(c))
}
