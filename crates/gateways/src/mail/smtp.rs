//! SMTP, one connection a mail. Lettre's pool would spare the greeting, but it can be made and dropped only inside a
//! runtime, and the server is put together outside one.

use std::str::FromStr;
use std::time::Duration;

use domain::time::Instant;
use lettre::message::Mailbox;
use lettre::transport::smtp::{AsyncSmtpTransportBuilder, Error};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use reqwest::Url;

use super::{Mail, MailError};
use crate::Secret;
use crate::call::call;

/// How long the server may take over one command, in milliseconds.
const ANSWER_MS_MAX: u64 = 10_000;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmtpSettings {
    pub url: SmtpUrl,
    pub from: MailSender,
}

/// `smtps://USER:PASSWORD@HOST:PORT` for TLS from the first byte, `smtp://…` for STARTTLS. `?tls=none` sends in the clear, and
/// `?tls=opportunistic` does so where the server offers nothing better.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmtpUrl(Secret);

/// Whom mails come from: `NAME <ADDRESS>` or an address alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailSender(Mailbox);

impl SmtpUrl {
    fn builder(&self) -> Result<AsyncSmtpTransportBuilder, Error> {
        AsyncSmtpTransport::<Tokio1Executor>::from_url(self.0.expose())
    }
}

impl FromStr for SmtpUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong =
            "must be smtp:// or smtps://USER:PASSWORD@HOST:PORT, optionally with ?tls=none or opportunistic";
        let url = Self(Secret::of(&explicit(text).ok_or(wrong)?));
        url.builder().map_err(|_| wrong)?;
        Ok(url)
    }
}

impl FromStr for MailSender {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self).map_err(|_| "must be an address, or NAME <ADDRESS>")
    }
}

pub struct Smtp {
    transport: Box<AsyncSmtpTransport<Tokio1Executor>>,
    from: Mailbox,
}

impl Smtp {
    /// Does not connect yet.
    pub fn new(settings: SmtpSettings) -> Result<Self, Error> {
        let transport = settings.url.builder()?.timeout(Some(Duration::from_millis(ANSWER_MS_MAX))).build();
        Ok(Self { transport: Box::new(transport), from: settings.from.0 })
    }

    pub(super) async fn send(&self, mail: &Mail, now: Instant) -> Result<(), MailError> {
        let message = mail
            .written(&self.from, now)
            .map_err(|error| MailError::Refused { code: format!("invalid message: {error}") })?;
        let sent = async { self.transport.send(message).await.map_err(|error| failure(&error)) };
        call("smtp", sent, lettre::transport::smtp::response::Response::code).await.map(drop)
    }
}

/// `smtp://` without a word about TLS means STARTTLS or nothing: never silently in the clear.
fn explicit(url: &str) -> Option<String> {
    let mut url = Url::parse(url).ok().filter(|url| url.host().is_some())?;
    let tls = url.query_pairs().find(|(name, _)| name == "tls").map(|(_, value)| value.into_owned());
    match (url.scheme(), tls.as_deref()) {
        ("smtps", None) | ("smtp", Some("required" | "opportunistic")) => {}
        ("smtp", None) => {
            url.query_pairs_mut().append_pair("tls", "required");
        }
        ("smtp", Some("none")) => url.set_query(None),
        _ => return None,
    }
    Some(url.into())
}

/// Only the code of the server's answer is kept: its text may name the recipient.
fn failure(error: &Error) -> MailError {
    match error.status() {
        Some(code) if error.is_permanent() => MailError::Refused { code: format!("SMTP {code}") },
        Some(code) => MailError::TryLater { reason: format!("SMTP {code}") },
        None if error.is_tls() => {
            MailError::TryLater { reason: "TLS with the mail server failed".to_owned() }
        }
        None if error.is_timeout() => MailError::TryLater { reason: "the mail server timed out".to_owned() },
        None => MailError::TryLater { reason: "unclear response from the mail server".to_owned() },
    }
}

#[cfg(test)]
mod tests {
    use super::{MailSender, SmtpUrl, explicit};

    #[test]
    fn what_is_no_mail_server_or_sender_is_refused() {
        assert!("inn".parse::<MailSender>().is_err() && "".parse::<MailSender>().is_err());
        for sender in ["inn@example.org", "Inn <inn@example.org>"] {
            assert!(sender.parse::<MailSender>().is_ok(), "{sender}");
        }
        assert!("mail.example".parse::<SmtpUrl>().is_err());
        let url: SmtpUrl = "smtp://me:hush@mail.example".parse().unwrap();
        assert!(!format!("{url:?}").contains("hush"));
    }

    #[test]
    fn nothing_is_sent_in_the_clear_unless_that_is_asked_for() {
        for (given, expected) in [
            ("smtp://mail.example", Some("smtp://mail.example?tls=required")),
            ("smtp://mail.example?tls=required", Some("smtp://mail.example?tls=required")),
            ("smtp://mail.example?tls=opportunistic", Some("smtp://mail.example?tls=opportunistic")),
            ("smtp://127.0.0.1:1025?tls=none", Some("smtp://127.0.0.1:1025")),
            ("smtps://me:word@mail.example:465", Some("smtps://me:word@mail.example:465")),
            ("smtp://mail.example?tls=maybe", None),
            ("smtps://mail.example?tls=none", None),
            ("http://mail.example", None),
            ("mail.example", None),
        ] {
            assert_eq!(explicit(given).as_deref(), expected, "{given}");
        }
    }
}
