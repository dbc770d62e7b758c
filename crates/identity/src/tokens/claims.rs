//! What a token says.

use domain::ids::{PersonId, SessionId};
use domain::time::Instant;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{TokenSettings, random_id};

/// Tolerated clock difference for tokens that are not valid yet, in seconds.
const NOT_BEFORE_SKEW_S: i64 = 5;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Access,
    Refresh,
}

impl Kind {
    /// The header's `typ`, so that a token of one kind is never taken for another (RFC 8725 §3.11, RFC 9068 §2.1).
    pub(super) fn header_type(self) -> &'static str {
        match self {
            Self::Access => "at+jwt",
            Self::Refresh => "rt+jwt",
        }
    }
}

/// The subject of a token.
#[derive(Debug, Clone, Copy)]
pub(super) struct Subject {
    pub person: PersonId,
    pub session: SessionId,
    pub generation: Option<i64>,
}

/// The claims of a session, and those that prevent a token from being used elsewhere or too early.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    iss: String,
    aud: String,
    pub sub: PersonId,
    pub session_id: SessionId,
    #[serde(rename = "type")]
    pub kind: Kind,
    iat: i64,
    nbf: i64,
    exp: i64,
    pub jti: Uuid,
    /// Of a refresh token: its position in the family.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generation: Option<i64>,
}

impl Claims {
    pub(super) fn new(
        kind: Kind,
        subject: Subject,
        settings: &TokenSettings,
        (now, expires): (Instant, Instant),
    ) -> Self {
        let seconds = |instant: Instant| instant.0.div_euclid(1_000);
        Self {
            iss: settings.issuer.clone(),
            aud: settings.audience.clone(),
            sub: subject.person,
            session_id: subject.session,
            kind,
            iat: seconds(now),
            nbf: seconds(now),
            exp: seconds(expires),
            jti: random_id(),
            generation: subject.generation,
        }
    }

    pub fn expires(&self) -> Instant {
        Instant(self.exp.saturating_mul(1_000))
    }

    pub(super) fn is_in_time(&self, now: Instant) -> bool {
        now < self.expires() && Instant((self.nbf - NOT_BEFORE_SKEW_S).saturating_mul(1_000)) <= now
    }
}
