//! Notices within one process.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::broadcast::{Receiver, Sender};

use crate::notices::Notice;

/// How many notices a listener may lag behind before it misses some.
const WAITING_MAX: usize = 1_024;

#[derive(Default)]
pub struct Notices {
    channels: Mutex<HashMap<String, Sender<Notice>>>,
}

impl Notices {
    pub fn publish(&self, channel: &str, notice: Notice) {
        let mut channels = self.channels();
        // There are no listeners left, so the channel is not needed.
        if channels.get(channel).is_some_and(|sender| sender.send(notice).is_err()) {
            channels.remove(channel);
        }
    }

    pub fn subscribe(&self, channel: &str) -> Receiver<Notice> {
        let mut channels = self.channels();
        channels.entry(channel.to_owned()).or_insert_with(|| Sender::new(WAITING_MAX)).subscribe()
    }

    fn channels(&self) -> MutexGuard<'_, HashMap<String, Sender<Notice>>> {
        self.channels.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
