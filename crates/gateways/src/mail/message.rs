//! A mail, and how it is written down.

use std::time::{Duration, UNIX_EPOCH};

use domain::time::Instant;
use lettre::Message;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use uuid::Uuid;

use super::address::MailAddress;

/// Characters of a subject.
pub const SUBJECT_CHARS_MAX: usize = 200;
/// Bytes of a text, and of its other form.
pub const TEXT_BYTES_MAX: usize = 256 * 1024;

/// One mail to one person.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    pub(super) id: Uuid,
    pub(super) to: MailAddress,
    pub(super) subject: String,
    pub(super) text: String,
    pub(super) html: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAMail {
    #[error("a subject must be one line of 1 to {SUBJECT_CHARS_MAX} characters")]
    Subject,
    #[error("a text must have 1 to {TEXT_BYTES_MAX} bytes")]
    Text,
}

impl Mail {
    /// Two mails with one `id` are one mail, sent twice.
    pub fn new(
        id: Uuid,
        to: MailAddress,
        subject: String,
        (text, html): (String, Option<String>),
    ) -> Result<Self, NotAMail> {
        let is_line = (1..=SUBJECT_CHARS_MAX).contains(&subject.chars().count());
        if !is_line || subject.chars().any(char::is_control) {
            return Err(NotAMail::Subject);
        }
        let fits = |text: &String| (1..=TEXT_BYTES_MAX).contains(&text.len());
        if !fits(&text) || !html.as_ref().is_none_or(fits) {
            return Err(NotAMail::Text);
        }
        Ok(Self { id, to, subject, text, html })
    }

    /// As it goes over the wire. A mail that is sent twice has the same Message-ID both times.
    pub(super) fn written(&self, from: &Mailbox, now: Instant) -> Result<Message, lettre::error::Error> {
        let since_epoch = Duration::from_millis(u64::try_from(now.0).unwrap_or(0));
        let auto_submitted = HeaderName::new_from_ascii_str("Auto-Submitted");
        let builder = Message::builder()
            .from(from.clone())
            .to(Mailbox::new(None, self.to.address()))
            .subject(self.subject.as_str())
            .date(UNIX_EPOCH + since_epoch)
            .message_id(Some(format!("<{}@{}>", self.id.as_simple(), from.email.domain())))
            // RFC 3834 §5: keeps holiday notices from answering us.
            .raw_header(HeaderValue::new(auto_submitted, "auto-generated".to_owned()));
        match &self.html {
            Some(html) => {
                builder.multipart(MultiPart::alternative_plain_html(self.text.clone(), html.clone()))
            }
            None => builder.singlepart(SinglePart::plain(self.text.clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant(1_760_000_000_000);

    fn mail(subject: &str, text: &str, html: Option<&str>) -> Result<Mail, NotAMail> {
        let to = "guest@example.org".parse().unwrap();
        Mail::new(Uuid::from_u128(7), to, subject.to_owned(), (text.to_owned(), html.map(str::to_owned)))
    }

    fn written(mail: &Mail) -> String {
        let from = "Harbour Inn <inn@example.org>".parse().unwrap();
        String::from_utf8(mail.written(&from, NOW).unwrap().formatted()).unwrap()
    }

    #[test]
    fn a_mail_says_who_what_and_when_and_is_the_same_when_repeated() {
        let mail = mail("Your code", "123456", None).unwrap();
        let text = written(&mail);
        for line in [
            "From: \"Harbour Inn\" <inn@example.org>\r\n",
            "To: guest@example.org\r\n",
            "Subject: Your code\r\n",
            "Date: Thu, 09 Oct 2025 08:53:20 +0000\r\n",
            "Message-ID: <00000000000000000000000000000007@example.org>\r\n",
            "Auto-Submitted: auto-generated\r\n",
            "Content-Type: text/plain; charset=utf-8\r\n",
            "\r\n\r\n123456",
        ] {
            assert!(text.contains(line), "{line:?} is in {text}");
        }
        assert_eq!(text, written(&mail));
    }

    #[test]
    fn both_forms_of_a_text_travel_together() {
        let text = written(&mail("Hello", "plain", Some("<p>rich</p>")).unwrap());
        let (plain, html) = (text.find("plain").unwrap(), text.find("<p>rich</p>").unwrap());
        assert!(text.contains("multipart/alternative") && plain < html, "{text}");
    }

    #[test]
    fn nothing_given_can_become_a_header() {
        for subject in ["", "Hello\r\nBcc: all@example.org", "Hello\nX: y", "Hello\u{0}", "x\u{85}y"] {
            assert!(matches!(mail(subject, "text", None), Err(NotAMail::Subject)), "{subject:?}");
        }
        assert!(matches!(mail(&"x".repeat(201), "text", None), Err(NotAMail::Subject)));
        // A text that looks like headers stays below the empty line, and a dot alone ends nothing.
        let text = written(&mail("Grüße aus Łódź", "Bcc: all@example.org\r\n.\r\nend", None).unwrap());
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(!head.contains("Bcc") && !head.contains("Łódź") && body.contains("Bcc"), "{text}");
    }

    #[test]
    fn texts_are_bounded() {
        assert!(matches!(mail("x", "", None), Err(NotAMail::Text)));
        assert!(matches!(mail("x", &"y".repeat(TEXT_BYTES_MAX + 1), None), Err(NotAMail::Text)));
        assert!(matches!(mail("x", "y", Some("")), Err(NotAMail::Text)));
        assert!(mail("x", &"y".repeat(TEXT_BYTES_MAX), None).is_ok());
    }
}
