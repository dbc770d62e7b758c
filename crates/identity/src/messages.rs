//! What people are sent: codes and mails, each a job in the transaction that decided it.

use std::sync::Arc;

use domain::ids::JobId;
use domain::time::Instant;
use gateways::mail::MailAddress;
use gateways::sms::PhoneNumber;
use store::{Connection, StoreError};
use uuid::Uuid;

#[derive(Clone)]
pub enum Message {
    /// A one-time code by SMS. It is computed where it is sent and stored nowhere.
    Code {
        challenge: Uuid,
        to: PhoneNumber,
        /// When the code is of no more use.
        not_after: Instant,
    },
    Mail {
        to: MailAddress,
        subject: String,
        text: String,
    },
}

/// How messages become jobs.
pub trait Outgoing: Send + Sync {
    /// Writes the job of a message into the open transaction.
    fn enqueue(
        &self,
        connection: &mut Connection,
        id: JobId,
        message: &Message,
        now: Instant,
    ) -> Result<(), StoreError>;

    /// Says that something was enqueued and is committed.
    fn wake(&self);
}

#[derive(Clone)]
pub struct Messages(pub Arc<dyn Outgoing>);

impl Messages {
    /// As [`Outgoing::enqueue`]; nothing where there is no message.
    pub(crate) fn enqueue(
        &self,
        connection: &mut Connection,
        id: JobId,
        message: Option<&Message>,
        now: Instant,
    ) -> Result<(), StoreError> {
        message.map_or(Ok(()), |message| self.0.enqueue(connection, id, message, now))
    }

    pub(crate) fn wake(&self) {
        self.0.wake();
    }
}
