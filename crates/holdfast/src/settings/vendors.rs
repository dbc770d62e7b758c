//! The gateways as they are set.

use anyhow::Context as _;
use gateways::Gateways;
use gateways::inbox::Inbox;
use gateways::mail::{MailGateway, Smtp, SmtpSettings};
use gateways::sms::{Sender, SmsGateway, Twilio, TwilioSettings};

use super::table::Settings;
use super::values::Environment;

/// How long Twilio may take over one answer, in milliseconds.
const TWILIO_ANSWER_MS_MAX: u64 = 10_000;

impl Settings {
    /// The vendors that are set. Without one, production sends nothing, and elsewhere the built-in inbox takes it.
    pub(super) fn gateways(&self) -> anyhow::Result<Gateways> {
        let inbox = (self.environment != Environment::Production).then(Inbox::default);
        let sms = match (self.twilio(), inbox.clone()) {
            (Some(twilio), _) => {
                let twilio = Twilio::new(twilio).context("cannot reach Twilio: no certificates to trust")?;
                SmsGateway::Twilio(twilio)
            }
            (None, Some(inbox)) => SmsGateway::Inbox(inbox),
            (None, None) => SmsGateway::Off,
        };
        let mail = match (self.smtp(), inbox) {
            (Some(smtp), _) => MailGateway::Smtp(Smtp::new(smtp).context("cannot use the mail server")?),
            (None, Some(inbox)) => MailGateway::Inbox(inbox),
            (None, None) => MailGateway::Off,
        };
        if matches!(sms, SmsGateway::Off) {
            tracing::warn!("SMS is off: twilio.account_sid is not set");
        }
        if matches!(mail, MailGateway::Off) {
            tracing::warn!("mail is off: mail.smtp_url is not set");
        }
        Ok(Gateways { sms, mail })
    }

    fn twilio(&self) -> Option<TwilioSettings> {
        let number = self.twilio_from_number.clone().map(Sender::Number);
        let service = self.twilio_messaging_service_sid.clone().map(Sender::Service);
        Some(TwilioSettings {
            account_sid: self.twilio_account_sid.clone()?,
            auth_token: self.twilio_auth_token.clone()?,
            sender: number.or(service)?,
            api_url: self.twilio_api_url.clone(),
            answer_ms_max: TWILIO_ANSWER_MS_MAX,
        })
    }

    fn smtp(&self) -> Option<SmtpSettings> {
        Some(SmtpSettings { url: self.smtp_url.clone()?, from: self.mail_from.clone()? })
    }
}
