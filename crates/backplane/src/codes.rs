//! Challenges of one-time codes: recipient, requesting device and remaining attempts.

use std::fmt;
use std::time::Duration;

use uuid::Uuid;

use crate::{Backplane, Form};

/// After this many wrong codes a challenge is dead.
pub const TRIES_MAX: u32 = 5;

/// The handle of the codes.
#[derive(Debug, Clone, Copy)]
pub struct Codes<'a>(pub(crate) &'a Backplane);

/// The data of a code that was sent. All three are keyed hashes: a reader of the backplane learns neither the code
/// nor the phone number.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Challenge {
    /// Of the code.
    pub digest: [u8; 32],
    /// Of the requesting device. No other device may answer, so that a stranger cannot use up the owner's attempts.
    pub bound_to: [u8; 32],
    /// Of the recipient's phone number or email address.
    pub subject: [u8; 32],
}

impl fmt::Debug for Challenge {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Challenge").finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// This uses up the challenge.
    Right,
    /// With 0 attempts left the challenge is dead.
    Wrong { tries_left: u32 },
    /// Expired, used, replaced, dead, lost or never issued: a new code must be requested.
    Gone,
    /// Another device requested the code. This costs no attempt and reveals nothing about the code.
    WrongDevice,
}

impl Codes<'_> {
    /// Stores a challenge for `ttl` and removes an earlier one of the same subject and device.
    pub async fn put(&self, id: Uuid, challenge: Challenge, ttl: Duration) {
        match self.0.form() {
            Form::Memory(memory) => memory.codes.put(id, challenge, ttl),
            Form::Redis(redis) => redis.shared.put_code(id, challenge, ttl).await,
        }
    }

    /// Verifies one answer. Of several concurrent answers at most one is right, and each wrong one costs an attempt.
    pub async fn check(&self, id: Uuid, bound_to: [u8; 32], digest: [u8; 32]) -> Verdict {
        match self.0.form() {
            Form::Memory(memory) => memory.codes.check(id, bound_to, digest),
            Form::Redis(redis) => redis.shared.check_code(id, bound_to, digest).await,
        }
    }
}
