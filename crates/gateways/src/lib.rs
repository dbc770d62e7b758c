//! The only vendors: SMS by Twilio, mail by SMTP, and the inbox that stands in for both where nobody has an account. And
//! an external issuer's public keys, in [`issuer`].
//!
//! What is deliberately absent: retries, queues and anything that is remembered (jobs do that, in `app::jobs`), rules
//! about whom to tell what, and traits: a gateway is an enum of its adapters. An adapter is a pair of pure functions,
//! to the vendor's request and from its response, over one HTTP client; so it is tested with recorded answers. No
//! vendor's text is put into an error: it may hold the recipient. Start at [`Gateways`].

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

/// Everything through which the program talks to vendors.
pub struct Gateways {
    pub sms: SmsGateway,
    pub mail: MailGateway,
}

impl Gateways {
    /// Everything into one built-in inbox.
    pub fn inbox() -> Self {
        let inbox = Inbox::default();
        Self { sms: SmsGateway::Inbox(inbox.clone()), mail: MailGateway::Inbox(inbox) }
    }

    /// The built-in inbox, where anything goes into it.
    pub fn inbox_in_use(&self) -> Option<&Inbox> {
        match (&self.sms, &self.mail) {
            (SmsGateway::Inbox(inbox), _) | (_, MailGateway::Inbox(inbox)) => Some(inbox),
            (SmsGateway::Twilio(_) | SmsGateway::Off, MailGateway::Smtp(_) | MailGateway::Off) => None,
        }
    }
}
