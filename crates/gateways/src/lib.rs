//! The only access to vendors: SMS through Twilio, email through SMTP, and an inbox that replaces both if they are
//! not configured. [`issuer`] fetches an external issuer's public keys.
//!
//! Deliberately absent: retries, queues and state (jobs do that, in `app::jobs`), rules about recipients, and traits:
//! a gateway is an enum of its adapters. An adapter is a pair of pure functions, to the vendor's request and from its
//! response, over one HTTP client, so it is tested with recorded responses. Errors contain no text of a vendor,
//! because it may contain the recipient. Start with [`Gateways`].

mod call;
mod http;
pub mod inbox;
pub mod issuer;
pub mod mail;
mod secret;
pub mod sms;

use inbox::Inbox;
use mail::MailGateway;
pub use secret::Secret;
use sms::SmsGateway;

/// All gateways of the program.
pub struct Gateways {
    pub sms: SmsGateway,
    pub mail: MailGateway,
}

impl Gateways {
    /// All messages go to one built-in inbox.
    pub fn inbox() -> Self {
        let inbox = Inbox::default();
        Self { sms: SmsGateway::Inbox(inbox.clone()), mail: MailGateway::Inbox(inbox) }
    }

    /// The built-in inbox, if it is used.
    pub fn inbox_in_use(&self) -> Option<&Inbox> {
        match (&self.sms, &self.mail) {
            (SmsGateway::Inbox(inbox), _) | (_, MailGateway::Inbox(inbox)) => Some(inbox),
            (SmsGateway::Twilio(_) | SmsGateway::Off, MailGateway::Smtp(_) | MailGateway::Off) => None,
        }
    }
}
