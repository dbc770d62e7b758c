//! The only vendors: SMS by Twilio, mail by SMTP, and the inbox that stands in for both where nobody has an account. And
//! an external issuer's public keys, in [`issuer`].
//!
//! What is deliberately absent: retries, queues and anything that is remembered (jobs do that, in `app::jobs`), rules
//! about whom to tell what, and traits: a gateway is an enum of its adapters. An adapter is a pair of pure functions,
//! to the vendor's request and from its response, over one HTTP client; so it is tested with recorded answers. No
//! vendor's text is put into an error: it may hold the recipient. Start at [`Gateways`].

mod http;
pub mod inbox;
pub mod issuer;
pub mod mail;
pub mod settings;
pub mod sms;

use inbox::Inbox;
use mail::{MailGateway, Smtp};
use settings::WrongSetting;
use sms::{SmsGateway, Twilio};

/// Everything through which the program talks to vendors.
pub struct Gateways {
    pub sms: SmsGateway,
    pub mail: MailGateway,
}

/// What takes the place of a vendor that is not set up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Otherwise {
    /// The built-in inbox, which anybody who reaches the server may read: for development and the demo.
    Inbox,
    /// Nothing: what is to be sent is refused, and says so.
    Off,
}

impl Gateways {
    /// Everything into one built-in inbox.
    pub fn inbox() -> Self {
        let inbox = Inbox::default();
        Self { sms: SmsGateway::Inbox(inbox.clone()), mail: MailGateway::Inbox(inbox) }
    }

    /// The gateways that `setting` speaks of, by the names of environment variables; `otherwise` for those that it does
    /// not mention. A vendor that is set up by halves is an error that names what is missing.
    pub fn from_settings(
        setting: impl Fn(&'static str) -> Option<String>,
        otherwise: Otherwise,
    ) -> Result<Self, WrongSetting> {
        let inbox = Inbox::default();
        let sms = match (settings::twilio(&setting)?, otherwise) {
            (Some(twilio), _) => SmsGateway::Twilio(Twilio::new(twilio)?),
            (None, Otherwise::Inbox) => SmsGateway::Inbox(inbox.clone()),
            (None, Otherwise::Off) => SmsGateway::Off,
        };
        let mail = match (settings::smtp(&setting)?, otherwise) {
            (Some(smtp), _) => MailGateway::Smtp(Smtp::new(&smtp)?),
            (None, Otherwise::Inbox) => MailGateway::Inbox(inbox),
            (None, Otherwise::Off) => MailGateway::Off,
        };
        Ok(Self { sms, mail })
    }

    /// The built-in inbox, where anything goes into it.
    pub fn inbox_in_use(&self) -> Option<&Inbox> {
        match (&self.sms, &self.mail) {
            (SmsGateway::Inbox(inbox), _) | (_, MailGateway::Inbox(inbox)) => Some(inbox),
            (SmsGateway::Twilio(_) | SmsGateway::Off, MailGateway::Smtp(_) | MailGateway::Off) => None,
        }
    }

    /// What is sent nowhere, and the setting that would change that: to be said when the server starts.
    pub fn off(&self) -> Vec<(&'static str, &'static str)> {
        let mut off = Vec::new();
        if matches!(self.sms, SmsGateway::Off) {
            off.push(("SMS", settings::TWILIO_ACCOUNT_SID));
        }
        if matches!(self.mail, MailGateway::Off) {
            off.push(("mail", settings::SMTP_URL));
        }
        off
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWILIO: [(&str, &str); 3] = [
        (settings::TWILIO_ACCOUNT_SID, "AC00000000000000000000000000000000"),
        (settings::TWILIO_AUTH_TOKEN, "not a real token"),
        (settings::TWILIO_FROM_NUMBER, "+15005550006"),
    ];

    fn gateways(given: &[(&str, &str)], otherwise: Otherwise) -> Result<Gateways, WrongSetting> {
        let find = |name| given.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        Gateways::from_settings(find, otherwise)
    }

    #[test]
    fn what_is_not_set_up_goes_to_the_inbox_only_where_that_is_asked_for() {
        let built_in = gateways(&[], Otherwise::Inbox).unwrap();
        assert!(built_in.inbox_in_use().is_some() && built_in.off().is_empty());
        let off = gateways(&[], Otherwise::Off).unwrap();
        assert!(off.inbox_in_use().is_none());
        assert_eq!(off.off(), [("SMS", "TWILIO_ACCOUNT_SID"), ("mail", "SMTP_URL")]);
    }

    #[test]
    fn a_vendor_that_is_set_up_is_used() {
        let sms = gateways(&TWILIO, Otherwise::Off).unwrap();
        assert!(matches!(sms.sms, SmsGateway::Twilio(_)));
        assert_eq!(sms.off(), [("mail", "SMTP_URL")]);
        let mail =
            [(settings::SMTP_URL, "smtps://mail.example"), (settings::MAIL_FROM, "Inn <inn@example.org>")];
        assert!(matches!(gateways(&mail, Otherwise::Off).unwrap().mail, MailGateway::Smtp(_)));
    }
}
