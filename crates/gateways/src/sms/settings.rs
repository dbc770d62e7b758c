//! What Twilio needs to know about us.

use std::str::FromStr;

use reqwest::Url;

use super::PhoneNumber;
use crate::Secret;
use crate::http::is_safe;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TwilioSettings {
    pub account_sid: AccountSid,
    pub auth_token: Secret,
    pub sender: Sender,
    pub api_url: TwilioUrl,
    /// From the first byte sent to the last byte read.
    pub answer_ms_max: u64,
}

/// Whom messages come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sender {
    Number(PhoneNumber),
    Service(ServiceSid),
}

/// The id of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountSid(String);

/// The id of a messaging service, which chooses the number that a message comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceSid(String);

/// Where Twilio is, without a slash at its end. Without TLS the token would cross the network in the clear, so that is for
/// this machine only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TwilioUrl(String);

impl AccountSid {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl ServiceSid {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TwilioUrl {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AccountSid {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        is_sid(text, "AC").then(|| Self(text.to_owned())).ok_or("must be AC and 32 hexadecimal digits")
    }
}

impl FromStr for ServiceSid {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        is_sid(text, "MG").then(|| Self(text.to_owned())).ok_or("must be MG and 32 hexadecimal digits")
    }
}

/// Whether a text is one of Twilio's ids of the given kind.
fn is_sid(text: &str, kind: &str) -> bool {
    let digits = text.strip_prefix(kind).filter(|digits| digits.len() == 32);
    digits.is_some_and(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
}

impl FromStr for TwilioUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "must be https://HOST, or http:// on this machine";
        let url = Url::parse(text).map_err(|_| wrong)?;
        let is_bare = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
        if is_safe(&url) && is_bare { Ok(Self(text.trim_end_matches('/').to_owned())) } else { Err(wrong) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "0123456789abcdef0123456789ABCDEF";

    #[test]
    fn an_id_is_of_its_kind() {
        assert!(format!("AC{HEX}").parse::<AccountSid>().is_ok());
        assert!(format!("MG{HEX}").parse::<ServiceSid>().is_ok());
        for wrong in
            ["", "AC", "AC/../other", "AC1", &format!("MG{HEX}"), &format!("AC{HEX}0"), &format!("ac{HEX}")]
        {
            assert!(wrong.parse::<AccountSid>().is_err(), "{wrong}");
        }
        assert!(format!("AC{HEX}").parse::<ServiceSid>().is_err());
    }

    #[test]
    fn twilio_is_asked_over_tls_or_on_this_machine() {
        for (given, url) in [
            ("https://api.twilio.com", "https://api.twilio.com"),
            ("http://127.0.0.1:4100/", "http://127.0.0.1:4100"),
        ] {
            assert_eq!(given.parse::<TwilioUrl>().unwrap().as_str(), url);
        }
        for wrong in
            ["", "http://api.example", "ftp://127.0.0.1", "https://x.example/?a=b", "https://ada@x.example"]
        {
            assert!(wrong.parse::<TwilioUrl>().is_err(), "{wrong}");
        }
    }
}
