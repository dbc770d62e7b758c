//! Challenges of one-time codes: what was sent to whom, asked for by which device, and how many tries are left.

use std::fmt;
use std::time::Duration;

use uuid::Uuid;

use crate::{Backplane, Form};

/// After so many wrong answers a challenge is dead.
pub const TRIES_MAX: u32 = 5;

/// The handle of the codes.
#[derive(Debug, Clone, Copy)]
pub struct Codes<'a>(pub(crate) &'a Backplane);

/// What is known of a code that was sent. All three are keyed hashes: whoever reads the backplane learns neither the
/// code nor the number it went to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Challenge {
    /// Of the code.
    pub digest: [u8; 32],
    /// Of the device that asked for it; no other may answer, so that a stranger cannot use up the owner's tries.
    pub bound_to: [u8; 32],
    /// Of the number or address it was sent to.
    pub subject: [u8; 32],
}

impl fmt::Debug for Challenge {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Challenge").finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The challenge is used up by this.
    Right,
    /// With 0 tries left the challenge is dead.
    Wrong { tries_left: u32 },
    /// Expired, used, replaced, dead, lost or never there: a new code must be asked for.
    Gone,
    /// Another device asked for the code. Costs no try and says nothing about the code.
    WrongDevice,
}

impl Codes<'_> {
    /// Keeps a challenge for `ttl`. An earlier one of the same subject and device is gone.
    pub async fn put(&self, id: Uuid, challenge: Challenge, ttl: Duration) {
        match self.0.form() {
            Form::Memory(memory) => memory.codes.put(id, challenge, ttl),
            Form::Redis(redis) => redis.shared.put_code(id, challenge, ttl).await,
        }
    }

    /// Judges one answer; of several at once exactly one can be right, and each wrong one costs a try.
    pub async fn check(&self, id: Uuid, bound_to: [u8; 32], digest: [u8; 32]) -> Verdict {
        match self.0.form() {
            Form::Memory(memory) => memory.codes.check(id, bound_to, digest),
            Form::Redis(redis) => redis.shared.check_code(id, bound_to, digest).await,
        }
    }
}
