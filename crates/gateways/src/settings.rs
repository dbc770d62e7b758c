//! What a vendor needs to know about us. Each setting has the name of an environment variable.

use std::fmt;

use lettre::message::Mailbox;
use reqwest::Url;

use crate::sms::PhoneNumber;

pub const TWILIO_ACCOUNT_SID: &str = "TWILIO_ACCOUNT_SID";
pub const TWILIO_AUTH_TOKEN: &str = "TWILIO_AUTH_TOKEN";
/// The number that messages come from; or else a messaging service that chooses one.
pub const TWILIO_FROM_NUMBER: &str = "TWILIO_FROM_NUMBER";
pub const TWILIO_MESSAGING_SERVICE_SID: &str = "TWILIO_MESSAGING_SERVICE_SID";
/// Where Twilio is, if not at its own address: for tests and for other vendors with the same interface.
pub const TWILIO_API_URL: &str = "TWILIO_API_URL";
/// `smtps://USER:PASSWORD@HOST:PORT` for TLS from the first byte, `smtp://…` for STARTTLS. `?tls=none` sends in the
/// clear, and `?tls=opportunistic` does so where the server offers nothing better.
pub const SMTP_URL: &str = "SMTP_URL";
/// Whom mails come from: `NAME <ADDRESS>` or an address alone.
pub const MAIL_FROM: &str = "MAIL_FROM";

pub const ALL: [&str; 7] = [
    TWILIO_ACCOUNT_SID,
    TWILIO_AUTH_TOKEN,
    TWILIO_FROM_NUMBER,
    TWILIO_MESSAGING_SERVICE_SID,
    TWILIO_API_URL,
    SMTP_URL,
    MAIL_FROM,
];

const TWILIO_URL: &str = "https://api.twilio.com";
/// How long Twilio may take over one answer, in milliseconds.
const TWILIO_ANSWER_MS_MAX: u64 = 10_000;

/// A setting that is missing or cannot be used. Never shows its value, which may be a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name} {problem}")]
pub struct WrongSetting {
    pub name: &'static str,
    pub problem: String,
}

impl WrongSetting {
    pub(crate) fn new(name: &'static str, problem: impl Into<String>) -> Self {
        Self { name, problem: problem.into() }
    }
}

/// A text that is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TwilioSettings {
    pub account_sid: String,
    pub auth_token: Secret,
    pub sender: Sender,
    /// Without a slash at its end.
    pub base_url: String,
    /// From the first byte sent to the last byte read.
    pub answer_ms_max: u64,
}

/// Whom messages come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sender {
    Number(PhoneNumber),
    Service(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmtpSettings {
    /// May hold a password.
    pub url: Secret,
    pub from: Mailbox,
}

/// Twilio's settings; `None` where none of those that only Twilio needs is given.
pub fn twilio(
    setting: impl Fn(&'static str) -> Option<String>,
) -> Result<Option<TwilioSettings>, WrongSetting> {
    let named = [TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_FROM_NUMBER, TWILIO_MESSAGING_SERVICE_SID];
    if named.into_iter().all(|name| given(&setting, name).is_none()) {
        return Ok(None);
    }
    let account_sid = needed(&setting, TWILIO_ACCOUNT_SID)?;
    if !is_sid(&account_sid, "AC") {
        return Err(WrongSetting::new(TWILIO_ACCOUNT_SID, "must be AC and 32 hexadecimal digits"));
    }
    Ok(Some(TwilioSettings {
        account_sid,
        auth_token: Secret(needed(&setting, TWILIO_AUTH_TOKEN)?),
        sender: sender(&setting)?,
        base_url: base_url(given(&setting, TWILIO_API_URL).as_deref().unwrap_or(TWILIO_URL))?,
        answer_ms_max: TWILIO_ANSWER_MS_MAX,
    }))
}

/// The mail server's settings; `None` where there are none.
pub fn smtp(setting: impl Fn(&'static str) -> Option<String>) -> Result<Option<SmtpSettings>, WrongSetting> {
    if [SMTP_URL, MAIL_FROM].into_iter().all(|name| given(&setting, name).is_none()) {
        return Ok(None);
    }
    let url = Secret(needed(&setting, SMTP_URL)?);
    let from = needed(&setting, MAIL_FROM)?;
    match from.parse() {
        Ok(from) => Ok(Some(SmtpSettings { url, from })),
        Err(_) => Err(WrongSetting::new(MAIL_FROM, "must be an address, or NAME <ADDRESS>")),
    }
}

/// An empty value counts as none: that is how a variable is switched off.
fn given(setting: &impl Fn(&'static str) -> Option<String>, name: &'static str) -> Option<String> {
    setting(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
}

fn needed(
    setting: &impl Fn(&'static str) -> Option<String>,
    name: &'static str,
) -> Result<String, WrongSetting> {
    given(setting, name).ok_or_else(|| WrongSetting::new(name, "is not set, though its companions are"))
}

fn sender(setting: &impl Fn(&'static str) -> Option<String>) -> Result<Sender, WrongSetting> {
    let (number, service) =
        (given(setting, TWILIO_FROM_NUMBER), given(setting, TWILIO_MESSAGING_SERVICE_SID));
    match (number, service) {
        (Some(number), None) => match number.parse() {
            Ok(number) => Ok(Sender::Number(number)),
            Err(error) => Err(WrongSetting::new(TWILIO_FROM_NUMBER, error.to_string())),
        },
        (None, Some(service)) if is_sid(&service, "MG") => Ok(Sender::Service(service)),
        (None, Some(_)) => {
            Err(WrongSetting::new(TWILIO_MESSAGING_SERVICE_SID, "must be MG and 32 hexadecimal digits"))
        }
        (None, None) => Err(WrongSetting::new(
            TWILIO_FROM_NUMBER,
            format!("or {TWILIO_MESSAGING_SERVICE_SID} must be set"),
        )),
        (Some(_), Some(_)) => Err(WrongSetting::new(
            TWILIO_FROM_NUMBER,
            format!("and {TWILIO_MESSAGING_SERVICE_SID} must not both be set"),
        )),
    }
}

/// Without TLS the token would cross the network in the clear, so that is for this machine only.
fn base_url(text: &str) -> Result<String, WrongSetting> {
    let wrong = || WrongSetting::new(TWILIO_API_URL, "must be https://HOST, or http:// on this machine");
    let url = Url::parse(text).map_err(|_| wrong())?;
    let is_bare = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    if !is_safe(&url) || !is_bare {
        return Err(wrong());
    }
    Ok(text.trim_end_matches('/').to_owned())
}

/// Whether nobody on the way can read or change what is asked and answered.
pub(crate) fn is_safe(url: &Url) -> bool {
    let is_here = url.host_str().is_some_and(|host| ["127.0.0.1", "localhost", "[::1]"].contains(&host));
    url.scheme() == "https" || (url.scheme() == "http" && is_here)
}

/// Whether a text is one of Twilio's ids of the given kind.
fn is_sid(text: &str, kind: &str) -> bool {
    text.strip_prefix(kind)
        .is_some_and(|rest| rest.len() == 32 && rest.bytes().all(|b| b.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SID: &str = "AC0123456789abcdef0123456789abcdef";
    const SERVICE: &str = "MG0123456789abcdef0123456789abcdef";

    fn among<'g>(given: &'g [(&'g str, &'g str)]) -> impl Fn(&'static str) -> Option<String> + 'g {
        move |name| given.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
    }

    /// The name of the setting that is wrong, if one is.
    fn wrong(changed: &[(&'static str, &str)]) -> Option<&'static str> {
        let mut all = changed.to_vec();
        all.extend([
            (TWILIO_ACCOUNT_SID, SID),
            (TWILIO_AUTH_TOKEN, "word"),
            (TWILIO_FROM_NUMBER, "+15005550006"),
        ]);
        twilio(among(&all)).err().map(|wrong| wrong.name)
    }

    #[test]
    fn without_any_setting_there_is_no_vendor() {
        assert_eq!(twilio(among(&[(TWILIO_AUTH_TOKEN, " ")])), Ok(None));
        assert_eq!(smtp(among(&[])), Ok(None));
    }

    #[test]
    fn each_wrong_setting_of_twilio_is_named() {
        assert_eq!(wrong(&[]), None);
        assert_eq!(wrong(&[(TWILIO_FROM_NUMBER, ""), (TWILIO_MESSAGING_SERVICE_SID, SERVICE)]), None);
        assert_eq!(wrong(&[(TWILIO_API_URL, "http://127.0.0.1:4100/")]), None);
        for (name, value) in [
            (TWILIO_ACCOUNT_SID, ""),
            (TWILIO_ACCOUNT_SID, "AC/../other"),
            (TWILIO_AUTH_TOKEN, ""),
            (TWILIO_FROM_NUMBER, ""),
            (TWILIO_FROM_NUMBER, "0171"),
            (TWILIO_API_URL, "http://api.example"),
            (TWILIO_API_URL, "ftp://127.0.0.1"),
            (TWILIO_API_URL, "https://x.example/?a=b"),
        ] {
            assert_eq!(wrong(&[(name, value)]), Some(name), "{value}");
        }
        assert_eq!(wrong(&[(TWILIO_MESSAGING_SERVICE_SID, SERVICE)]), Some(TWILIO_FROM_NUMBER));
        let service = [(TWILIO_FROM_NUMBER, ""), (TWILIO_MESSAGING_SERVICE_SID, "MG1")];
        assert_eq!(wrong(&service), Some(TWILIO_MESSAGING_SERVICE_SID));
    }

    #[test]
    fn half_a_mail_server_is_an_error() {
        for (given, name) in
            [((SMTP_URL, "smtp://mail.example"), MAIL_FROM), ((MAIL_FROM, "inn@example.org"), SMTP_URL)]
        {
            assert_eq!(smtp(among(&[given])).unwrap_err().name, name);
        }
        let wrong = smtp(among(&[(SMTP_URL, "smtp://mail.example"), (MAIL_FROM, "inn")]));
        assert_eq!(wrong.unwrap_err().name, MAIL_FROM);
    }

    #[test]
    fn secrets_are_not_shown() {
        let all =
            [(TWILIO_ACCOUNT_SID, SID), (TWILIO_AUTH_TOKEN, "hush"), (TWILIO_FROM_NUMBER, "+15005550006")];
        let shown = format!("{:?}", twilio(among(&all)).unwrap());
        assert!(!shown.contains("hush") && !shown.contains("5550006"), "{shown}");
        let mail = [(SMTP_URL, "smtp://me:hush@mail.example"), (MAIL_FROM, "inn@example.org")];
        assert!(!format!("{:?}", smtp(among(&mail)).unwrap()).contains("hush"));
    }
}
