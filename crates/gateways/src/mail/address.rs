//! A mail address, without a name beside it.

use std::fmt;
use std::str::FromStr;

use domain::limits::EMAIL_CHARS_MAX;
use lettre::Address;
use serde::{Deserialize, Serialize};

/// Personal, so that it does not show itself.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MailAddress(Address);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be an email address")]
pub struct NotAMailAddress;

impl MailAddress {
    pub fn as_str(&self) -> &str {
        self.0.as_ref()
    }

    pub(super) fn address(&self) -> Address {
        self.0.clone()
    }
}

impl FromStr for MailAddress {
    type Err = NotAMailAddress;

    fn from_str(text: &str) -> Result<Self, NotAMailAddress> {
        let is_short = text.chars().count() <= EMAIL_CHARS_MAX;
        let is_plain = !text.chars().any(|character| character.is_control() || character.is_whitespace());
        let parsed = text.parse().ok().filter(|_| is_short && is_plain);
        parsed.map(Self).ok_or(NotAMailAddress)
    }
}

impl TryFrom<String> for MailAddress {
    type Error = NotAMailAddress;

    fn try_from(text: String) -> Result<Self, NotAMailAddress> {
        text.parse()
    }
}

impl From<MailAddress> for String {
    fn from(address: MailAddress) -> Self {
        address.as_str().to_owned()
    }
}

impl fmt::Debug for MailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MailAddress")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_become_a_second_header_is_no_address() {
        assert!("guest@example.org".parse::<MailAddress>().is_ok());
        for other in [
            "",
            "guest",
            "@example.org",
            "guest@",
            "guest@example.org\r\nBcc: all@example.org",
            "guest@example.org\nX: y",
            "Guest <guest@example.org>",
            "a b@example.org",
            "guest@example.org, other@example.org",
        ] {
            assert_eq!(other.parse::<MailAddress>(), Err(NotAMailAddress), "{other:?}");
        }
        assert!(format!("{}@example.org", "x".repeat(300)).parse::<MailAddress>().is_err());
    }
}
