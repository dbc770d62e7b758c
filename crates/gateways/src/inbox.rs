//! The built-in inbox, which receives SMS and emails if no vendor is configured. It keeps the latest messages in
//! memory, shows them, and notifies listeners.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::time::Instant;
use serde::Serialize;
use tokio::sync::broadcast;
use uuid::Uuid;

/// Messages kept; older ones are removed.
pub const MESSAGES_MAX: usize = 200;
/// How many messages a listener may lag behind before it misses some.
const UNHEARD_MAX: usize = 64;

/// A handle. All clones share one inbox.
#[derive(Clone)]
pub struct Inbox(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    arrivals: broadcast::Sender<Received>,
}

#[derive(Default)]
struct State {
    /// Oldest first.
    messages: VecDeque<Received>,
    last: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Medium {
    Sms,
    Mail,
}

impl Medium {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sms => "SMS",
            Self::Mail => "mail",
        }
    }
}

/// A message to be stored.
pub(crate) struct Letter {
    pub medium: Medium,
    pub reference: Uuid,
    pub to: String,
    pub subject: Option<String>,
    pub text: String,
    pub html: Option<String>,
}

/// A received message.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Received {
    /// Counts from 1, in the order of arrival.
    pub number: u64,
    pub medium: Medium,
    pub at: Instant,
    /// The sender's reference: the id of the job.
    pub reference: Uuid,
    pub to: String,
    /// Of an email.
    pub subject: Option<String>,
    pub text: String,
    /// The HTML form of an email, if it has one.
    pub html: Option<String>,
}

impl Default for Inbox {
    fn default() -> Self {
        let (arrivals, _) = broadcast::channel(UNHEARD_MAX);
        Self(Arc::new(Shared { state: Mutex::default(), arrivals }))
    }
}

impl Inbox {
    /// All messages, newest first.
    pub fn messages(&self) -> Vec<Received> {
        self.state().messages.iter().rev().cloned().collect()
    }

    pub fn message(&self, number: u64) -> Option<Received> {
        self.state().messages.iter().find(|message| message.number == number).cloned()
    }

    /// Messages from now on. A slow listener misses messages, and senders do not wait for it.
    pub fn arrivals(&self) -> broadcast::Receiver<Received> {
        self.0.arrivals.subscribe()
    }

    pub(crate) fn deliver(&self, letter: Letter, at: Instant) -> u64 {
        let mut state = self.state();
        state.last += 1;
        let Letter { medium, reference, to, subject, text, html } = letter;
        let received = Received { number: state.last, medium, at, reference, to, subject, text, html };
        if state.messages.len() == MESSAGES_MAX {
            state.messages.pop_front();
        }
        state.messages.push_back(received.clone());
        let number = received.number;
        // There are no listeners.
        let _ = self.0.arrivals.send(received);
        number
    }

    /// The message with this reference.
    pub(crate) fn by_reference(&self, reference: Uuid) -> Option<u64> {
        let state = self.state();
        state.messages.iter().find(|message| message.reference == reference).map(|message| message.number)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sms(number: u128) -> Letter {
        Letter {
            medium: Medium::Sms,
            reference: Uuid::from_u128(number),
            to: "+15005550001".to_owned(),
            subject: None,
            text: format!("message {number}"),
            html: None,
        }
    }

    #[test]
    fn messages_are_listed_newest_first_and_found_by_number_and_reference() {
        let inbox = Inbox::default();
        assert_eq!(inbox.deliver(sms(11), Instant(5)), 1);
        assert_eq!(inbox.clone().deliver(sms(12), Instant(6)), 2);
        let texts: Vec<String> = inbox.messages().into_iter().map(|message| message.text).collect();
        assert_eq!(texts, ["message 12", "message 11"]);
        assert_eq!(
            inbox.message(1).map(|message| (message.text, message.at)),
            Some(("message 11".to_owned(), Instant(5)))
        );
        assert!(inbox.message(3).is_none());
        assert_eq!(inbox.by_reference(Uuid::from_u128(12)), Some(2));
        assert_eq!(inbox.by_reference(Uuid::from_u128(13)), None);
    }

    #[test]
    fn only_the_last_are_kept() {
        let inbox = Inbox::default();
        for number in 0..=MESSAGES_MAX {
            inbox.deliver(sms(number as u128), Instant(0));
        }
        let numbers: Vec<u64> = inbox.messages().iter().map(|message| message.number).collect();
        assert_eq!((numbers.len(), numbers[0], *numbers.last().unwrap()), (MESSAGES_MAX, 201, 2));
    }

    #[test]
    fn listeners_receive_notices() {
        let inbox = Inbox::default();
        inbox.deliver(sms(1), Instant(0));
        let mut arrivals = inbox.arrivals();
        inbox.deliver(sms(2), Instant(0));
        assert_eq!(arrivals.try_recv().map(|message| message.number), Ok(2));
        assert!(arrivals.try_recv().is_err());
    }
}
