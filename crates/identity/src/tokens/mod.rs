//! Tokens: signed statements about a person and their session (RFC 7519, following RFC 8725).
//!
//! A key has one algorithm, and a token is verified with the algorithm of its key, whatever its header says; no key
//! has the algorithm `none`. Key locations in headers are ignored. Keys are rotated: the newest signs, and the others
//! verify until everything they signed has expired. A token does not show whether its session is still active; see
//! [`crate::credentials`].

mod claims;
pub mod external;
mod ring;

use std::sync::Arc;

use arc_swap::ArcSwap;
use domain::ids::{PersonId, SessionId};
use domain::time::Instant;
use store::signing_keys::{self, SigningKey};
use store::vault::Vault;
use store::{Connection, StoreError};
use uuid::Uuid;

pub use claims::{Claims, Kind};
pub use ring::{Algorithm, PublicKey};

use claims::Subject;
use ring::Ring;

/// Age at which the signing key is replaced, in milliseconds (30 days).
pub const SIGNING_KEY_AGE_MS_MAX: i64 = 30 * 86_400_000;

/// Issuer, audience and lifetime of tokens.
#[derive(Debug, Clone)]
pub struct TokenSettings {
    pub algorithm: Algorithm,
    pub issuer: String,
    pub audience: String,
    pub access_ms: i64,
    pub refresh_ms: i64,
}

impl Default for TokenSettings {
    /// 15 minutes and 7 days.
    fn default() -> Self {
        Self {
            algorithm: Algorithm::EdDsa,
            issuer: "holdfast".to_owned(),
            audience: "holdfast".to_owned(),
            access_ms: 15 * 60_000,
            refresh_ms: 7 * 86_400_000,
        }
    }
}

pub struct Tokens {
    pub settings: TokenSettings,
    ring: ArcSwap<Ring>,
}

/// Why a token is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotValid {
    /// Permanently invalid.
    Wrong,
    /// Signed with a key that is unknown to this process, and may be new.
    UnknownKey,
}

impl Tokens {
    /// Reads the keys, and creates the first one in a new database.
    pub fn open(
        connection: &mut Connection,
        vault: &Vault,
        settings: TokenSettings,
        now: Instant,
    ) -> Result<Self, StoreError> {
        // In later calls the provider is already installed, which is fine.
        let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
        let mut stored = signing_keys::all(connection)?;
        if Ring::of(vault, &stored, settings.algorithm)?.is_none() {
            ring::make(connection, vault, settings.algorithm, now)?;
            stored = signing_keys::all(connection)?;
        }
        let ring = Ring::of(vault, &stored, settings.algorithm)?
            .ok_or_else(|| StoreError::Unusable("there is no key for signing tokens".to_owned()))?;
        Ok(Self { settings, ring: ArcSwap::from_pointee(ring) })
    }

    /// Replaces the known keys by the stored ones.
    pub fn replace_keys(&self, vault: &Vault, stored: &[SigningKey]) -> Result<(), StoreError> {
        if let Some(ring) = Ring::of(vault, stored, self.settings.algorithm)? {
            self.ring.store(Arc::new(ring));
        }
        Ok(())
    }

    /// Creates a new key, which signs after the commit and [`Self::replace_keys`]. Returns all keys. Keys that were
    /// retired so long ago that everything they signed has expired are deleted.
    pub fn rotate(
        &self,
        connection: &mut Connection,
        vault: &Vault,
        now: Instant,
    ) -> Result<Vec<SigningKey>, StoreError> {
        let kid = ring::make(connection, vault, self.settings.algorithm, now)?;
        signing_keys::retire_others(connection, &kid, now)?;
        signing_keys::forget(connection, now - self.settings.refresh_ms)?;
        signing_keys::all(connection)
    }

    /// Whether a new key is due.
    pub fn is_rotation_due(&self, now: Instant) -> bool {
        self.ring.load().current_since() + SIGNING_KEY_AGE_MS_MAX <= now
    }

    pub fn access(&self, person: PersonId, session: SessionId, now: Instant) -> Issued {
        let subject = Subject { person, session, generation: None };
        self.issue(Kind::Access, subject, (now, now + self.settings.access_ms))
    }

    /// The refresh token of one generation of a session.
    pub fn refresh(
        &self,
        (person, session): (PersonId, SessionId),
        generation: i64,
        now: Instant,
        expires: Instant,
    ) -> Issued {
        let subject = Subject { person, session, generation: Some(generation) };
        self.issue(Kind::Refresh, subject, (now, expires))
    }

    fn issue(&self, kind: Kind, subject: Subject, (now, expires): (Instant, Instant)) -> Issued {
        let claims = Claims::new(kind, subject, &self.settings, (now, expires));
        Issued { token: self.ring.load().sign(kind, &claims), expires: claims.expires() }
    }

    /// The claims of a token of this kind, if it is ours, intact and within its time.
    pub fn verify(&self, kind: Kind, token: &str, now: Instant) -> Result<Claims, NotValid> {
        let claims = self.ring.load().verify(kind, token, &self.settings)?;
        if claims.is_in_time(now) { Ok(claims) } else { Err(NotValid::Wrong) }
    }

    /// The public keys, for others who verify our tokens.
    pub fn public_keys(&self) -> Vec<PublicKey> {
        self.ring.load().public_keys()
    }
}

/// A token for its owner.
#[derive(Clone)]
pub struct Issued {
    pub token: String,
    pub expires: Instant,
}

/// 122 random bits from the cryptographic library, so that a token's `jti` cannot be guessed.
pub(crate) fn random_id() -> Uuid {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes).expect("the system has random bytes");
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}
