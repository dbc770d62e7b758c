//! Email addresses.

use std::fmt;
use std::str::FromStr;

use crate::limits::EMAIL_CHARS_MAX;

/// An address as it was entered. Addresses that differ only in case are equal.
#[derive(Clone)]
pub struct Email {
    written: String,
    folded: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be an email address of at most {EMAIL_CHARS_MAX} characters")]
pub struct NotAnEmail;

impl Email {
    /// The address to send mail to.
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// The address in lower case, for lookups.
    pub fn folded(&self) -> &str {
        &self.folded
    }
}

impl FromStr for Email {
    type Err = NotAnEmail;

    /// Refuses addresses that no message could reach. Whether the mailbox exists can only be found out by sending a
    /// message.
    fn from_str(text: &str) -> Result<Self, NotAnEmail> {
        let (mailbox, host) = text.rsplit_once('@').ok_or(NotAnEmail)?;
        let plain = |c: char| !c.is_whitespace() && !c.is_control() && !"<>()[],;:\\\"@".contains(c);
        let labels = || host.split('.');
        let shaped = text.chars().count() <= EMAIL_CHARS_MAX
            && !mailbox.is_empty()
            && mailbox.chars().all(plain)
            && labels().count() >= 2
            && labels().all(|label| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-'))
            && host.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '.');
        if shaped {
            Ok(Self { written: text.to_owned(), folded: text.to_lowercase() })
        } else {
            Err(NotAnEmail)
        }
    }
}

impl PartialEq for Email {
    fn eq(&self, other: &Self) -> bool {
        self.folded == other.folded
    }
}

impl Eq for Email {}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_kept_as_written_and_found_whatever_its_case() {
        let email: Email = "Jane.Doe+tag@Example.COM".parse().unwrap();
        assert_eq!(email.as_str(), "Jane.Doe+tag@Example.COM");
        assert_eq!(email.folded(), "jane.doe+tag@example.com");
        assert_eq!(email, "JANE.DOE+TAG@EXAMPLE.COM".parse().unwrap());
        assert!("jürgen@bücher.example".parse::<Email>().is_ok());
    }

    #[test]
    fn what_no_message_reaches_is_refused() {
        let long = format!("{}@example.com", "x".repeat(250));
        for text in [
            "",
            "@",
            "a@",
            "@b.c",
            "a@b",
            "a b@example.com",
            "a@exa mple.com",
            "a@.com",
            "a@example..com",
            "a@-example.com",
            "a@@example.com",
            "a\r\nBcc:b@example.com",
            "a@example.com>",
            "\"a\"@example.com",
            &long,
        ] {
            assert_eq!(text.parse::<Email>(), Err(NotAnEmail), "{text:?}");
        }
    }
}
