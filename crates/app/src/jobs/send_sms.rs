//! Sends an SMS at most once.

use gateways::sms::{LookUp, PhoneNumber, SmsError, SmsMessage};
use serde::{Deserialize, Serialize};

use super::{Attempt, Outcome};
use crate::App;

#[derive(Clone, Serialize, Deserialize)]
pub struct SendSms {
    pub to: PhoneNumber,
    pub body: String,
}

/// How long after a lost response the vendor may not list the message yet, in milliseconds.
const SHOWN_MS_MAX: i64 = 10_000;

impl SendSms {
    pub(super) async fn run(&self, app: &App, attempt: &Attempt) -> Outcome {
        match SmsMessage::new(self.to.clone(), self.body.clone(), attempt.job.0) {
            Ok(message) => send(app, &message, attempt).await,
            Err(error) => Outcome::dead(error.to_string()),
        }
    }
}

/// Twilio sends a message as often as it is requested. A message that may have been sent is therefore looked up
/// first, and if the result is inconclusive, it is not sent again.
pub(super) async fn send(app: &App, message: &SmsMessage, attempt: &Attempt) -> Outcome {
    if attempt.in_doubt {
        match app.gateways.sms.look_up(message, attempt.created_at).await {
            LookUp::Found { .. } => return Outcome::Done,
            LookUp::NotFound => {}
            LookUp::Unknown => return unclear(),
        }
    }
    match app.gateways.sms.send(message, app.clock.now()).await {
        Ok(_) => Outcome::Done,
        Err(SmsError::Refused { code }) => Outcome::dead(format!("refused: {code}")),
        Err(SmsError::TryLater { after_ms, reason }) => {
            Outcome::Again { after_ms, in_doubt: false, reason: reason.to_owned() }
        }
        Err(SmsError::Unclear) => after_a_lost_answer(app, message, attempt).await,
    }
}

async fn after_a_lost_answer(app: &App, message: &SmsMessage, attempt: &Attempt) -> Outcome {
    match app.gateways.sms.look_up(message, attempt.created_at).await {
        LookUp::Found { .. } => Outcome::Done,
        // Perhaps it is not listed yet: it is looked up again before it is sent.
        LookUp::NotFound => Outcome::Again {
            after_ms: Some(SHOWN_MS_MAX),
            in_doubt: true,
            reason: "the response was lost".to_owned(),
        },
        LookUp::Unknown => unclear(),
    }
}

fn unclear() -> Outcome {
    Outcome::Unclear { reason: "the response was lost; the message may or may not have been sent".to_owned() }
}
