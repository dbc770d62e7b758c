//! SMS: by Twilio, or into the built-in inbox.

mod number;
mod settings;
mod twilio;

pub use number::{NotAPhoneNumber, PhoneNumber};
pub use settings::{AccountSid, Sender, ServiceSid, TwilioSettings, TwilioUrl};

use domain::time::Instant;
use uuid::Uuid;

use crate::http::Http;
use crate::inbox::{Inbox, Letter, Medium};

/// Characters of one message (Twilio's limit for `Body`).
pub const BODY_CHARS_MAX: usize = 1_600;

pub enum SmsGateway {
    Twilio(Twilio),
    Inbox(Inbox),
    /// Nothing is sent.
    Off,
}

/// One message to one phone.
#[derive(Clone, PartialEq, Eq)]
pub struct SmsMessage {
    to: PhoneNumber,
    body: String,
    reference: Uuid,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an SMS must have 1 to {BODY_CHARS_MAX} characters")]
pub struct NotAnSms;

/// The vendor has taken the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    pub vendor_id: String,
}

/// Why a message was not taken, or may not have been.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SmsError {
    /// It will not be taken however often it is sent. The code is the vendor's, or the HTTP status.
    #[error("refused: {code}")]
    Refused { code: String },
    /// It was not taken now; where the vendor says so, not before `after_ms`.
    #[error("temporary failure: {reason}")]
    TryLater { after_ms: Option<i64>, reason: &'static str },
    /// The answer was lost or made no sense: the message may have been taken. [`SmsGateway::look_up`] may tell.
    #[error("unclear response")]
    Unclear,
}

/// Whether the vendor has a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LookUp {
    Found { vendor_id: String },
    NotFound,
    Unknown,
}

impl SmsMessage {
    /// The reference is ours, and names the message in the built-in inbox.
    pub fn new(to: PhoneNumber, body: String, reference: Uuid) -> Result<Self, NotAnSms> {
        match body.chars().count() {
            1..=BODY_CHARS_MAX => Ok(Self { to, body, reference }),
            _ => Err(NotAnSms),
        }
    }
}

impl SmsGateway {
    /// Sends a message once. It may arrive twice only if it is sent twice.
    pub async fn send(&self, message: &SmsMessage, now: Instant) -> Result<Sent, SmsError> {
        match self {
            Self::Twilio(twilio) => twilio.send(message).await,
            Self::Inbox(inbox) => {
                let letter = Letter {
                    medium: Medium::Sms,
                    reference: message.reference,
                    to: message.to.as_str().to_owned(),
                    subject: None,
                    text: message.body.clone(),
                    html: None,
                };
                Ok(Sent { vendor_id: inbox.deliver(letter, now).to_string() })
            }
            Self::Off => Err(SmsError::Refused { code: "SMS is disabled".to_owned() }),
        }
    }

    /// Asks whether this very message was taken at or after `since`, by its text and recipient. Twilio knows no
    /// reference of ours.
    pub async fn look_up(&self, message: &SmsMessage, since: Instant) -> LookUp {
        match self {
            Self::Twilio(twilio) => twilio.look_up(message, since).await,
            Self::Inbox(inbox) => match inbox.by_reference(message.reference) {
                Some(number) => LookUp::Found { vendor_id: number.to_string() },
                None => LookUp::NotFound,
            },
            Self::Off => LookUp::NotFound,
        }
    }
}

pub struct Twilio {
    settings: TwilioSettings,
    http: Http,
}

impl Twilio {
    /// Fails where the system has no certificates to trust.
    pub fn new(settings: TwilioSettings) -> Result<Self, reqwest::Error> {
        Ok(Self { http: Http::new("twilio", settings.answer_ms_max)?, settings })
    }

    async fn send(&self, message: &SmsMessage) -> Result<Sent, SmsError> {
        twilio::sent(self.http.send(twilio::to_send(&self.settings, message)).await)
    }

    async fn look_up(&self, message: &SmsMessage, since: Instant) -> LookUp {
        match self.http.send(twilio::to_look_up(&self.settings, message)).await {
            Ok(response) => twilio::found(&response, message, since),
            Err(_) => LookUp::Unknown,
        }
    }
}
