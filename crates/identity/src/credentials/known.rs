//! The cache of authenticated bearers. An entry is valid until the bearer expires or its session or key ends.
//!
//! This is all that a request of a known caller costs: one lookup under a shared lock and a few loads.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use domain::actor::Actor;
use domain::ids::{ApiKeyId, PersonId, SessionId};
use domain::time::Instant;
use uuid::Uuid;

use engine::bounded::Bounded;

/// Maximum number of cached bearers, over all parts.
const BEARERS_MAX: usize = 65_536;
/// Number of parts of the table, each with its own lock.
const PARTS: usize = 16;
/// Accuracy of the time of a session's last use, in milliseconds.
pub const USED_STEP_MS: i64 = 60_000;

/// Who is calling, and how they authenticated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Authenticated {
    pub actor: Actor,
    pub method: AuthMethod,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthMethod {
    Session(PersonId, SessionId),
    Key(ApiKeyId),
    /// A guest authenticated by the external issuer. There is no session.
    External(PersonId),
}

impl AuthMethod {
    /// The owner of the requests: a person, whatever their session, or an API key.
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

/// A session or key as known to this process. All its bearers share it, so that they end together.
#[derive(Debug)]
pub struct Live {
    pub caller: Authenticated,
    /// When the session or key expires.
    pub expires: Instant,
    ended: AtomicBool,
    used_at: AtomicI64,
}

impl Live {
    pub fn new(caller: Authenticated, expires: Instant, now: Instant) -> Self {
        Self { caller, expires, ended: AtomicBool::new(false), used_at: AtomicI64::new(now.0) }
    }

    /// From now on it must be authenticated again.
    pub fn end(&self) {
        self.ended.store(true, Ordering::Release);
    }

    pub fn is_current(&self, now: Instant) -> bool {
        !self.ended.load(Ordering::Acquire) && now < self.expires
    }

    pub fn used_at(&self) -> Instant {
        Instant(self.used_at.load(Ordering::Relaxed))
    }

    /// Records a use, but rarely, because every write would touch memory shared by all processors.
    fn used(&self, now: Instant) {
        if now.0 - self.used_at.load(Ordering::Relaxed) >= USED_STEP_MS {
            self.used_at.store(now.0, Ordering::Relaxed);
        }
    }
}

/// The cached result of a bearer.
#[derive(Debug, Clone)]
pub enum Remembered {
    Authenticated {
        live: Arc<Live>,
        /// When the bearer itself expires.
        expires: Instant,
        /// Of a token: its `jti`.
        token: Option<Uuid>,
    },
    /// It was valid and never will be again.
    Refused,
}

/// The result of a cache lookup.
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

    /// Removes what was authenticated by this token.
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
        // The end of a bearer is random: the signature of a token, the secret of a key.
        let end = bearer.as_bytes().last_chunk::<8>().map_or(0, |bytes| self.spread.hash_one(bytes));
        let place = usize::try_from(end).unwrap_or_default() % PARTS;
        self.parts.get(place).expect("a remainder is below what it was divided by")
    }
}
