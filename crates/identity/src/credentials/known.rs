//! Bearers that were proved once, remembered until they expire or what they rest on ends.
//!
//! This is what a request meets when its caller is known: one look-up under a shared lock and a few loads.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use domain::actor::Actor;
use domain::ids::{ApiKeyId, PersonId, SessionId};
use domain::time::Instant;
use uuid::Uuid;

use engine::bounded::Bounded;

/// Bearers remembered, over all parts.
const BEARERS_MAX: usize = 65_536;
/// Parts of the table, each with a lock of its own.
const PARTS: usize = 16;
/// How exactly it is known when a session was last used, in milliseconds.
pub const USED_STEP_MS: i64 = 60_000;

/// Who calls, and through what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Authenticated {
    pub actor: Actor,
    pub method: AuthMethod,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthMethod {
    Session(PersonId, SessionId),
    Key(ApiKeyId),
    /// A guest by the word of the external issuer: there is no session.
    External(PersonId),
}

impl AuthMethod {
    /// Whose requests these are: a person's, through whichever session, or a program's.
    pub fn whose(self) -> Uuid {
        match self {
            Self::Session(person, _) | Self::External(person) => person.0,
            Self::Key(id) => id.0,
        }
    }

    pub(super) fn subject(self) -> Uuid {
        match self {
            Self::Session(_, id) => id.0,
            Self::Key(id) => id.0,
            Self::External(person) => person.0,
        }
    }

    pub(super) fn person(self) -> Option<PersonId> {
        match self {
            Self::Session(person, _) | Self::External(person) => Some(person),
            Self::Key(_) => None,
        }
    }
}

/// A session or key as this process knows it. All its bearers share it, so that its end is theirs at once.
#[derive(Debug)]
pub struct Live {
    pub caller: Authenticated,
    /// When the session or key ends by itself.
    pub expires: Instant,
    ended: AtomicBool,
    used_at: AtomicI64,
}

impl Live {
    pub fn new(caller: Authenticated, expires: Instant, now: Instant) -> Self {
        Self { caller, expires, ended: AtomicBool::new(false), used_at: AtomicI64::new(now.0) }
    }

    /// From now on this must be proved anew.
    pub fn end(&self) {
        self.ended.store(true, Ordering::Release);
    }

    pub fn is_current(&self, now: Instant) -> bool {
        !self.ended.load(Ordering::Acquire) && now < self.expires
    }

    pub fn used_at(&self) -> Instant {
        Instant(self.used_at.load(Ordering::Relaxed))
    }

    /// Notes a use, now and then: every request would write to memory that all processors share.
    fn used(&self, now: Instant) {
        if now.0 - self.used_at.load(Ordering::Relaxed) >= USED_STEP_MS {
            self.used_at.store(now.0, Ordering::Relaxed);
        }
    }
}

/// What is remembered of a bearer.
#[derive(Debug, Clone)]
pub enum Remembered {
    Authenticated {
        live: Arc<Live>,
        /// When the bearer itself ends.
        expires: Instant,
        /// Of a token: its `jti`.
        token: Option<Uuid>,
    },
    /// It was good and never will be again.
    Refused,
}

/// What memory says about a bearer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recalled {
    Authenticated(Authenticated),
    Refused,
    /// To be proved.
    Nothing,
}

pub struct Known {
    parts: [RwLock<Bounded<Box<str>, Remembered>>; PARTS],
    spread: RandomState,
}

impl Default for Known {
    fn default() -> Self {
        let part = |_| RwLock::new(Bounded::new(BEARERS_MAX / PARTS));
        Self { parts: std::array::from_fn(part), spread: RandomState::new() }
    }
}

impl Known {
    pub fn recall(&self, bearer: &str, now: Instant) -> Recalled {
        let part = self.part(bearer).read().unwrap_or_else(PoisonError::into_inner);
        match part.get(bearer) {
            Some(Remembered::Authenticated { live, expires, .. })
                if now < *expires && live.is_current(now) =>
            {
                live.used(now);
                Recalled::Authenticated(live.caller)
            }
            Some(Remembered::Refused) => Recalled::Refused,
            Some(Remembered::Authenticated { .. }) | None => Recalled::Nothing,
        }
    }

    pub fn remember(&self, bearer: &str, what: Remembered) {
        let mut part = self.part(bearer).write().unwrap_or_else(PoisonError::into_inner);
        part.insert(bearer.into(), what);
    }

    /// Forgets what was proved by this token.
    pub fn forget_token(&self, jti: Uuid) {
        for part in &self.parts {
            let mut part = part.write().unwrap_or_else(PoisonError::into_inner);
            part.retain(
                |known| !matches!(known, Remembered::Authenticated { token: Some(token), .. } if *token == jti),
            );
        }
    }

    pub fn len(&self) -> usize {
        self.parts.iter().map(|part| part.read().unwrap_or_else(PoisonError::into_inner).len()).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn part(&self, bearer: &str) -> &RwLock<Bounded<Box<str>, Remembered>> {
        // The end of a bearer is random: of a token the signature, of a key its secret.
        let end = bearer.as_bytes().last_chunk::<8>().map_or(0, |bytes| self.spread.hash_one(bytes));
        let place = usize::try_from(end).unwrap_or_default() % PARTS;
        self.parts.get(place).expect("a remainder is below what it was divided by")
    }
}
