//! One key, one act: the same request sent twice, even at the same moment, gets the one answer.

mod in_flight;
mod recorded;

pub use in_flight::{InFlight, Leader, Turn};
pub use recorded::{Earlier, Recorded, earlier};
pub use store::keys::KeyScope;

use aws_lc_rs::hmac;
use bytes::Bytes;
use domain::ids::PersonId;

/// A key of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyUse {
    pub scope: KeyScope,
    /// Distinguishes requests with the same key.
    pub request_hash: Vec<u8>,
}

/// What is sent back for a request, and again at each of its repetitions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub body: Bytes,
    /// Whether these are the bytes of an earlier request.
    pub replayed: bool,
}

/// What a unit answers, before it is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    pub body: Bytes,
    /// Whom the body says anything about: it is sealed under their keys.
    pub people: Vec<PersonId>,
}

impl Reply {
    pub(crate) fn answer(&self) -> Answer {
        Answer { status: self.status, body: self.body.clone(), replayed: false }
    }
}

/// Why a key does not bring an answer back, and nothing is done for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyRefusal {
    #[error("the idempotency key was used for another request")]
    OtherRequest,
    #[error("what the key was used for has been erased")]
    Erased,
}

/// Hashes requests with a key of the installation, so that a stored hash reveals nothing about a guest.
pub struct RequestHasher(hmac::Key);

impl RequestHasher {
    pub fn new(key: hmac::Key) -> Self {
        Self(key)
    }

    /// The hash of a request for `target` (the affected resource) with this body.
    pub fn hash(&self, target: &str, body: &[u8]) -> Vec<u8> {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(target.as_bytes());
        context.update(&[0]);
        context.update(body);
        context.sign().as_ref().iter().take(16).copied().collect()
    }
}
