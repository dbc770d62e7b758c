//! Mail: by SMTP, or into the built-in inbox.

mod address;
mod message;
mod smtp;

pub use address::{MailAddress, NotAMailAddress};
pub use message::{Mail, NotAMail, SUBJECT_CHARS_MAX, TEXT_BYTES_MAX};
pub use smtp::{MailSender, Smtp, SmtpSettings, SmtpUrl};

use domain::time::Instant;

use crate::inbox::{Inbox, Letter, Medium};

pub enum MailGateway {
    Smtp(Smtp),
    Inbox(Inbox),
    /// Nothing is sent.
    Off,
}

/// Why a mail was not taken. There is no third case: a mail whose answer was lost is sent again, and its Message-ID
/// tells the recipient's side that it is the same one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// It will not be taken however often it is sent.
    #[error("refused: {code}")]
    Refused { code: String },
    #[error("temporary failure: {reason}")]
    TryLater { reason: String },
}

impl MailGateway {
    pub async fn send(&self, mail: &Mail, now: Instant) -> Result<(), MailError> {
        match self {
            Self::Smtp(smtp) => smtp.send(mail, now).await,
            Self::Inbox(inbox) => {
                let letter = Letter {
                    medium: Medium::Mail,
                    reference: mail.id,
                    to: mail.to.as_str().to_owned(),
                    subject: Some(mail.subject.clone()),
                    text: mail.text.clone(),
                    html: mail.html.clone(),
                };
                inbox.deliver(letter, now);
                Ok(())
            }
            Self::Off => Err(MailError::Refused { code: "mail is disabled".to_owned() }),
        }
    }
}
