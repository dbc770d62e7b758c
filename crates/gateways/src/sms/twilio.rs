//! Twilio's Messages resource (version 2010-04-01): to its requests, and from its answers.

use domain::time::Instant;
use serde::Deserialize;

use super::{LookUp, Sender, Sent, SmsError, SmsMessage, TwilioSettings};
use crate::http::{Ask, NoResponse, Request, Response};

/// Messages of one page of a list.
const PAGE_MESSAGES: usize = 50;
/// How far Twilio's clock and ours may be apart, in milliseconds.
const CLOCKS_APART_MS_MAX: i64 = 300_000;

pub(super) fn to_send(settings: &TwilioSettings, message: &SmsMessage) -> Request {
    let sender = match &settings.sender {
        Sender::Number(number) => ("From", number.as_str().to_owned()),
        Sender::Service(service) => ("MessagingServiceSid", service.as_str().to_owned()),
    };
    let form = vec![("To", message.to.as_str().to_owned()), sender, ("Body", message.body.clone())];
    request(settings, Ask::Post { form })
}

/// Only by recipient: a message that still waits to be sent has no `DateSent` that a filter could find.
pub(super) fn to_look_up(settings: &TwilioSettings, message: &SmsMessage) -> Request {
    let query = vec![("To", message.to.as_str().to_owned()), ("PageSize", PAGE_MESSAGES.to_string())];
    request(settings, Ask::Get { query })
}

fn request(settings: &TwilioSettings, ask: Ask) -> Request {
    let account = settings.account_sid.as_str();
    Request {
        url: format!("{}/2010-04-01/Accounts/{account}/Messages.json", settings.api_url.as_str()),
        account: Some((account.to_owned(), settings.auth_token.clone())),
        ask,
    }
}

/// A message in one of Twilio's answers. Everything else in it is of no use to us.
#[derive(Deserialize)]
struct Message {
    sid: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    body: String,
    /// RFC 2822.
    date_created: Option<String>,
    error_code: Option<i64>,
}

#[derive(Deserialize)]
struct Page {
    messages: Vec<Message>,
}

#[derive(Deserialize)]
struct Refusal {
    code: i64,
}

pub(super) fn sent(answered: Result<Response, NoResponse>) -> Result<Sent, SmsError> {
    let response = match answered {
        Ok(response) => response,
        Err(NoResponse::NotSent) => {
            return Err(SmsError::TryLater { after_ms: None, reason: "cannot be reached" });
        }
        Err(NoResponse::Lost) => return Err(SmsError::Unclear),
    };
    match response.status {
        200..=299 => taken(&response),
        408 => Err(SmsError::TryLater { after_ms: response.retry_after_ms, reason: "timed out" }),
        429 => Err(SmsError::TryLater { after_ms: response.retry_after_ms, reason: "too many requests" }),
        300..=499 => Err(SmsError::Refused { code: refusal(&response) }),
        // A fault of theirs, perhaps after they took it.
        _ => Err(SmsError::Unclear),
    }
}

fn taken(response: &Response) -> Result<Sent, SmsError> {
    let message: Message = serde_json::from_slice(&response.body).map_err(|_| SmsError::Unclear)?;
    match (message.status.as_str(), message.error_code) {
        ("failed" | "undelivered" | "canceled", code) => {
            let code = code.map_or_else(|| message.status.clone(), |code| code.to_string());
            Err(SmsError::Refused { code })
        }
        _ => Ok(Sent { vendor_id: message.sid }),
    }
}

/// Twilio's own code where the answer has one. Its text is left: it may name the recipient.
fn refusal(response: &Response) -> String {
    match serde_json::from_slice::<Refusal>(&response.body) {
        Ok(refusal) => format!("Twilio {}", refusal.code),
        Err(_) => format!("HTTP {}", response.status),
    }
}

pub(super) fn found(response: &Response, message: &SmsMessage, since: Instant) -> LookUp {
    let page = serde_json::from_slice::<Page>(&response.body).ok().filter(|_| response.status == 200);
    let Some(Page { messages }) = page else { return LookUp::Unknown };
    let since = since - CLOCKS_APART_MS_MAX;
    if let Some(found) = messages.iter().find(|listed| is_it(listed, message, since)) {
        return LookUp::Found { vendor_id: found.sid.clone() };
    }
    // Newest first: on a full page that ends after `since`, ours may be on the next.
    let ends_before = messages.last().and_then(created).is_some_and(|created| created < since);
    if messages.len() < PAGE_MESSAGES || ends_before { LookUp::NotFound } else { LookUp::Unknown }
}

/// A trial account puts words of its own before ours. A message without a date counts: it can only keep us from sending
/// twice.
fn is_it(listed: &Message, message: &SmsMessage, since: Instant) -> bool {
    listed.to == message.to.as_str()
        && listed.body.ends_with(&message.body)
        && created(listed).is_none_or(|created| created >= since)
}

fn created(listed: &Message) -> Option<Instant> {
    let text = listed.date_created.as_deref()?;
    jiff::fmt::rfc2822::parse(text).ok().map(|created| created.timestamp().into())
}

#[cfg(test)]
mod tests;
