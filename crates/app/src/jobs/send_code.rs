//! Sends a one-time code by SMS. The job does not contain the code; it is computed when it is sent.

use domain::time::Instant;
use gateways::sms::{PhoneNumber, SmsMessage};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Attempt, Outcome, send_sms};
use crate::App;

#[derive(Clone, Serialize, Deserialize)]
pub struct SendCode {
    pub challenge: Uuid,
    pub to: PhoneNumber,
    /// When the code expires.
    pub not_after: Instant,
}

impl SendCode {
    pub(super) async fn run(&self, app: &App, attempt: &Attempt) -> Outcome {
        if app.clock.now() >= self.not_after {
            return Outcome::dead("the code has expired or was used");
        }
        let code = app.code_key.code(self.challenge);
        let body = format!("{} is your code. Don't share it with anyone.", code.expose());
        match SmsMessage::new(self.to.clone(), body, attempt.job.0) {
            Ok(message) => send_sms::send(app, &message, attempt).await,
            Err(error) => Outcome::dead(error.to_string()),
        }
    }
}
