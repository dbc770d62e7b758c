//! Change notices: a process informs all others, and itself, that something has changed.
//!
//! A notice saves waiting; it is not reliable. Listeners learn when notices may have been lost, and then read the
//! data again.

use bytes::Bytes;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use crate::{Backplane, Form};

/// The handle of the notices.
#[derive(Debug, Clone, Copy)]
pub struct Notices<'a>(pub(crate) &'a Backplane);

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    Message(Bytes),
    /// Notices may have been lost: read everything again.
    Missed,
}

impl Notices<'_> {
    /// When this returns, the listeners of this process have received the notice.
    pub async fn publish(&self, channel: &str, message: &[u8]) {
        match self.0.form() {
            Form::Memory(memory) => {
                memory.notices.publish(channel, Notice::Message(Bytes::copy_from_slice(message)));
            }
            Form::Redis(redis) => redis.shared.publish(channel, message).await,
        }
    }

    /// Whether notices of other processes are being received. If not, cached data that relies on them must be read
    /// again regularly. A lost connection is noticed within a second.
    pub fn are_heard(&self) -> bool {
        match self.0.form() {
            Form::Memory(_) => true,
            Form::Redis(redis) => redis.shared.are_notices_heard(),
        }
    }

    /// Everything published after this returns is received, or [`Notice::Missed`] is.
    pub async fn subscribe(&self, channel: &str) -> Subscription {
        let heard = match self.0.form() {
            Form::Memory(memory) => memory.notices.subscribe(channel),
            Form::Redis(redis) => redis.shared.subscribe(channel).await,
        };
        Subscription { heard }
    }
}

/// The notices of one channel for one listener.
#[derive(Debug)]
pub struct Subscription {
    heard: broadcast::Receiver<Notice>,
}

impl Subscription {
    /// The next notice; `None` when the backplane is dropped. Cancel-safe.
    pub async fn next(&mut self) -> Option<Notice> {
        match self.heard.recv().await {
            Ok(notice) => Some(notice),
            Err(RecvError::Lagged(_)) => Some(Notice::Missed),
            Err(RecvError::Closed) => None,
        }
    }
}
