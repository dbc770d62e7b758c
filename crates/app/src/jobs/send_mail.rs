//! Sends an email. After a lost response it is sent again with the same Message-ID.

use gateways::mail::{Mail, MailAddress, MailError};
use serde::{Deserialize, Serialize};

use super::{Attempt, Outcome};
use crate::App;

#[derive(Clone, Serialize, Deserialize)]
pub struct SendMail {
    pub to: MailAddress,
    pub subject: String,
    pub text: String,
    pub html: Option<String>,
}

impl SendMail {
    pub(super) async fn run(&self, app: &App, attempt: &Attempt) -> Outcome {
        let texts = (self.text.clone(), self.html.clone());
        let mail = match Mail::new(attempt.job.0, self.to.clone(), self.subject.clone(), texts) {
            Ok(mail) => mail,
            Err(error) => return Outcome::dead(error.to_string()),
        };
        match app.gateways.mail.send(&mail, app.clock.now()).await {
            Ok(()) => Outcome::Done,
            Err(MailError::Refused { code }) => Outcome::dead(format!("refused: {code}")),
            Err(MailError::TryLater { reason }) => Outcome::Again { after_ms: None, in_doubt: false, reason },
        }
    }
}
