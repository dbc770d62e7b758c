//! Change notices: a process tells all others, and itself, that something is not what it was.
//!
//! A notice spares waiting, it is no proof. Whoever listens is told when notices may have been lost, and then reads the
//! truth again.

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
    /// Notices may have been lost before this: read everything again.
    Missed,
}

impl Notices<'_> {
    /// Listeners of this process have the notice when this returns.
    pub async fn publish(&self, channel: &str, message: &[u8]) {
        match self.0.form() {
            Form::Memory(memory) => {
                memory.notices.publish(channel, Notice::Message(Bytes::copy_from_slice(message)));
            }
            Form::Redis(redis) => redis.shared.publish(channel, message).await,
        }
    }

    /// Whether the notices of other processes are heard now. While they are not, whatever is remembered on their
    /// strength must be read again every so often; a lost connection is noticed within a second.
    pub fn are_heard(&self) -> bool {
        match self.0.form() {
            Form::Memory(_) => true,
            Form::Redis(redis) => redis.shared.are_notices_heard(),
        }
    }

    /// Whatever is published after this returned is heard, or [`Notice::Missed`] is.
    pub async fn subscribe(&self, channel: &str) -> Subscription {
        let heard = match self.0.form() {
            Form::Memory(memory) => memory.notices.subscribe(channel),
            Form::Redis(redis) => redis.shared.subscribe(channel).await,
        };
        Subscription { heard }
    }
}

/// What one listener hears on one channel.
#[derive(Debug)]
pub struct Subscription {
    heard: broadcast::Receiver<Notice>,
}

impl Subscription {
    /// The next notice; `None` when the backplane is gone. May be dropped while it waits without losing any.
    pub async fn next(&mut self) -> Option<Notice> {
        match self.heard.recv().await {
            Ok(notice) => Some(notice),
            Err(RecvError::Lagged(_)) => Some(Notice::Missed),
            Err(RecvError::Closed) => None,
        }
    }
}
