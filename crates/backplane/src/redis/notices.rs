//! Notices in Redis: delivered immediately in this process, and by pub/sub to the others.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use redis::RedisResult;
use redis::aio::MultiplexedConnection;
use tokio::sync::broadcast::Receiver;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use super::Shared;
use crate::memory::notices::Notices as Local;
use crate::notices::Notice;
use crate::random;

const SENDER_BYTES: usize = 16;
/// The byte after the sender.
const MESSAGE: u8 = b'm';
const MISSED: u8 = b'?';

pub struct Notices {
    local: Local,
    /// The id by which a process recognises its own notices.
    me: [u8; SENDER_BYTES],
    wanted: mpsc::UnboundedSender<Wanted>,
    /// Channels with notices that could not be sent to others.
    owed: Mutex<HashSet<String>>,
    heard: AtomicBool,
}

/// A channel to subscribe to, with a signal for the confirmation.
pub struct Wanted {
    pub channel: String,
    pub heard: oneshot::Sender<()>,
}

impl Notices {
    pub fn new() -> (Self, mpsc::UnboundedReceiver<Wanted>) {
        let (wanted, asked) = mpsc::unbounded_channel();
        let (local, owed, heard) = (Local::default(), Mutex::default(), AtomicBool::new(false));
        (Self { local, me: random::bytes(), wanted, owed, heard }, asked)
    }

    pub fn is_owed(&self) -> bool {
        !self.owed().is_empty()
    }

    fn owed(&self) -> MutexGuard<'_, HashSet<String>> {
        self.owed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn packed(&self, kind: u8, message: &[u8]) -> Vec<u8> {
        [&self.me, &[kind][..], message].concat()
    }
}

impl Shared {
    pub async fn publish(&self, channel: &str, message: &[u8]) {
        self.notices.local.publish(channel, Notice::Message(Bytes::copy_from_slice(message)));
        let mut publish = redis::cmd("PUBLISH");
        publish.arg(self.notices_channel(channel)).arg(self.notices.packed(MESSAGE, message));
        if self.link.command::<()>(&publish).await.is_err() {
            self.notices.owed().insert(channel.to_owned());
        }
    }

    /// Waits briefly for Redis to confirm. If the confirmation is late, the listener receives `Missed`.
    pub async fn subscribe(&self, channel: &str) -> Receiver<Notice> {
        let (heard, confirmed) = oneshot::channel();
        // The listener ends with the backplane, and then there are no subscribers.
        let _ = self.notices.wanted.send(Wanted { channel: channel.to_owned(), heard });
        tokio::pin!(confirmed);
        let _ = timeout(self.options.response_timeout, &mut confirmed).await;
        self.notices.local.subscribe(channel)
    }

    pub fn are_notices_heard(&self) -> bool {
        self.notices.heard.load(Ordering::Relaxed)
    }

    pub fn set_notices_heard(&self, heard: bool) {
        self.notices.heard.store(heard, Ordering::Relaxed);
    }

    /// A notice of another process.
    pub fn hear(&self, channel: &str, message: &[u8]) {
        let Some((sender, [kind, message @ ..])) = message.split_first_chunk::<SENDER_BYTES>() else {
            return;
        };
        if *sender == self.notices.me {
            return;
        }
        match *kind {
            MESSAGE => self.notices.local.publish(channel, Notice::Message(Bytes::copy_from_slice(message))),
            _ => self.miss(channel),
        }
    }

    pub fn miss(&self, channel: &str) {
        self.notices.local.publish(channel, Notice::Missed);
    }

    pub fn notices_channel(&self, channel: &str) -> Vec<u8> {
        self.key("notices", channel)
    }

    /// Sends `Missed` to the others for notices that could not be sent.
    pub async fn settle_notices(&self, connection: &mut MultiplexedConnection) -> RedisResult<()> {
        let owed: Vec<String> = self.notices.owed().iter().cloned().collect();
        for channel in owed {
            let mut publish = redis::cmd("PUBLISH");
            publish.arg(self.notices_channel(&channel)).arg(self.notices.packed(MISSED, &[]));
            publish.query_async::<()>(connection).await?;
            self.notices.owed().remove(&channel);
        }
        Ok(())
    }
}
