//! Who calls: bearer tokens signed with the installation's secret.
//!
//! `holdfast token` issues them for development; the claims are those of the founding documents, so that sessions can
//! take their place without a caller noticing.

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::{PoisonError, RwLock};

use domain::actor::Actor;
use domain::ids::{BusinessId, GuestId, PersonId};
use domain::permission::MemberRole;
use domain::time::Instant;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use uuid::Uuid;

pub struct Tokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
    verified: RwLock<HashMap<Box<str>, Proof>>,
}

/// Tokens whose signature was checked and is not checked again; further ones make room by forgetting all.
const VERIFIED_MAX: usize = 20_000;

/// What a verified token proves, until when.
#[derive(Clone, Copy)]
struct Proof {
    actor: Actor,
    expires: Instant,
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Claims {
    sub: Uuid,
    role: String,
    #[serde(rename = "type")]
    kind: String,
    exp: i64,
}

/// The roles a token can carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Guest,
    Business,
    Admin,
}

impl FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "guest" => Ok(Self::Guest),
            "business" => Ok(Self::Business),
            "admin" => Ok(Self::Admin),
            _ => Err("a role is guest, business or admin".to_owned()),
        }
    }
}

impl Role {
    fn as_str(self) -> &'static str {
        match self {
            Self::Guest => "guest",
            Self::Business => "business",
            Self::Admin => "admin",
        }
    }
}

impl Tokens {
    pub fn new(secret: &[u8]) -> Self {
        // The second call in a process finds the provider installed, which is what we want.
        let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
        let mut validation = Validation::new(Algorithm::HS256);
        // Expiry is checked below against our own clock.
        validation.validate_exp = false;
        validation.set_required_spec_claims(&["exp", "sub"]);
        Self {
            encoding: EncodingKey::from_secret(secret),
            decoding: DecodingKey::from_secret(secret),
            validation,
            verified: RwLock::default(),
        }
    }

    /// A token that proves `role` and `subject` until `expires`.
    pub fn issue(&self, role: Role, subject: Uuid, expires: Instant) -> String {
        let claims = Claims {
            sub: subject,
            role: role.as_str().to_owned(),
            kind: "access".to_owned(),
            exp: expires.0.div_euclid(1_000),
        };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.encoding)
            .expect("claims of texts and numbers can be signed")
    }

    /// Who a token proves; `None` if it proves nobody, whatever the reason.
    pub fn actor(&self, token: &str, now: Instant) -> Option<Actor> {
        let known = self.verified.read().unwrap_or_else(PoisonError::into_inner).get(token).copied();
        let proof = match known {
            Some(proof) => proof,
            None => self.remember(token, self.verify(token)?),
        };
        (proof.expires > now).then_some(proof.actor)
    }

    fn remember(&self, token: &str, proof: Proof) -> Proof {
        let mut verified = self.verified.write().unwrap_or_else(PoisonError::into_inner);
        if verified.len() >= VERIFIED_MAX {
            verified.clear();
        }
        verified.insert(token.into(), proof);
        proof
    }

    fn verify(&self, token: &str) -> Option<Proof> {
        let claims = jsonwebtoken::decode::<Claims>(token, &self.decoding, &self.validation).ok()?.claims;
        if claims.kind != "access" {
            return None;
        }
        let actor = match claims.role.parse().ok()? {
            Role::Guest => Actor::Guest(GuestId(claims.sub)),
            Role::Business => Actor::member(BusinessId(claims.sub), PersonId(claims.sub), MemberRole::Owner),
            Role::Admin => Actor::Admin(PersonId(claims.sub)),
        };
        Some(Proof { actor, expires: Instant(claims.exp.saturating_mul(1_000)) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUBJECT: Uuid = Uuid::from_u128(7);

    #[test]
    fn a_token_proves_its_subject_until_it_expires() {
        let tokens = Tokens::new(b"a secret of at least thirty-two bytes");
        let token = tokens.issue(Role::Guest, SUBJECT, Instant(10_000));
        assert_eq!(tokens.actor(&token, Instant(9_999)), Some(Actor::Guest(GuestId(SUBJECT))));
        assert_eq!(tokens.actor(&token, Instant(10_000)), None);
    }

    #[test]
    fn another_secret_or_no_signature_proves_nobody() {
        let tokens = Tokens::new(b"a secret of at least thirty-two bytes");
        let foreign = Tokens::new(b"another secret of thirty-two bytes...").issue(
            Role::Admin,
            SUBJECT,
            Instant(10_000),
        );
        assert_eq!(tokens.actor(&foreign, Instant(0)), None);
        let unsigned = "eyJhbGciOiJub25lIn0.eyJzdWIiOiIwMDAwMDAwMC0wMDAwLTAwMDAtMDAwMC0wMDAwMDAwMDAwMDcifQ.";
        assert_eq!(tokens.actor(unsigned, Instant(0)), None);
        assert_eq!(tokens.actor("", Instant(0)), None);
    }
}
