//! The keys of an external issuer, and the claims of tokens signed with them.

use domain::time::Instant;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation};
use serde::Deserialize;
use serde_json::{Number, Value};

use crate::tokens::NotValid;

/// Tolerated difference between the issuer's clock and ours, in milliseconds.
const LEEWAY_MS: i64 = 30_000;
const SUBJECT_BYTES_MAX: usize = 255;

/// The usable keys of an issuer.
pub(super) struct KeySet(Vec<Key>);

struct Key {
    kid: Option<String>,
    /// The algorithms it may have signed with; never one with a shared secret (RFC 8725 §3.1).
    algorithms: Vec<Algorithm>,
    decoding: DecodingKey,
}

/// The expected issuer and audience of a token.
#[derive(Debug, Clone, Copy)]
pub(super) struct Expected<'a> {
    pub issuer: &'a str,
    pub audience: &'a str,
}

/// The claims of a valid token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    pub subject: String,
    /// When it is over.
    pub ends: Instant,
}

#[derive(Deserialize)]
struct Published {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    /// Seconds, perhaps with a fraction (RFC 7519 §2).
    exp: Number,
    #[serde(default)]
    nbf: Option<Number>,
}

impl KeySet {
    /// Reads a JWK Set. Keys of an unsupported kind, curve or use are skipped (RFC 7517 §5).
    pub fn read(body: &[u8]) -> Option<Self> {
        let published: Published = serde_json::from_slice(body).ok()?;
        let usable = |key| serde_json::from_value::<Jwk>(key).ok().as_ref().and_then(Key::of);
        Some(Self(published.keys.into_iter().filter_map(usable).collect()))
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn check(&self, token: &str, expected: Expected<'_>, now: Instant) -> Result<Said, NotValid> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| NotValid::Wrong)?;
        // A token with unknown critical headers is invalid (RFC 7515 §4.1.11).
        if header.crit.is_some() {
            return Err(NotValid::Wrong);
        }
        let key = self.find(&header)?;
        let mut validation = Validation::new(header.alg);
        validation.set_issuer(&[expected.issuer]);
        validation.set_audience(&[expected.audience]);
        validation.set_required_spec_claims(&["aud", "iss"]);
        // Times are checked by our own clock.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let decoded = jsonwebtoken::decode::<Claims>(token, &key.decoding, &validation);
        let claims = decoded.map_err(|_| NotValid::Wrong)?.claims;
        claims.said(expected, now).ok_or(NotValid::Wrong)
    }

    /// The key named in a header, if it matches the header's algorithm.
    fn find(&self, header: &Header) -> Result<&Key, NotValid> {
        let mut named = match (&header.kid, self.0.as_slice()) {
            (Some(kid), keys) => keys.iter().filter(|key| key.kid.as_ref() == Some(kid)).collect(),
            (None, [only]) => vec![only],
            (None, []) => Vec::new(),
            (None, _) => return Err(NotValid::Wrong),
        };
        if named.is_empty() {
            return Err(NotValid::UnknownKey);
        }
        named.retain(|key| key.algorithms.contains(&header.alg));
        named.first().copied().ok_or(NotValid::Wrong)
    }
}

impl Key {
    fn of(jwk: &Jwk) -> Option<Self> {
        let by_kind: &[Algorithm] = match &jwk.algorithm {
            AlgorithmParameters::RSA(_) => {
                &[Algorithm::RS256, Algorithm::RS384, Algorithm::RS512, Algorithm::PS256]
            }
            AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => {
                &[Algorithm::ES256]
            }
            AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P384 => {
                &[Algorithm::ES384]
            }
            AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => {
                &[Algorithm::EdDSA]
            }
            _ => return None,
        };
        let common = &jwk.common;
        let is_for_signatures =
            common.public_key_use.as_ref().is_none_or(|use_| *use_ == PublicKeyUse::Signature);
        let may_verify =
            common.key_operations.as_ref().is_none_or(|may| may.contains(&KeyOperations::Verify));
        let is_said = |algorithm: &&Algorithm| {
            common.key_algorithm.is_none_or(|said| said == KeyAlgorithm::from(**algorithm))
        };
        let algorithms: Vec<Algorithm> = by_kind.iter().filter(is_said).copied().collect();
        if !is_for_signatures || !may_verify || algorithms.is_empty() {
            return None;
        }
        let decoding = DecodingKey::from_jwk(jwk).ok()?;
        Some(Self { kid: common.key_id.clone(), algorithms, decoding })
    }
}

impl Claims {
    /// The relevant claims, if the token is within its time, and issuer and subject are unambiguous.
    fn said(self, expected: Expected<'_>, now: Instant) -> Option<Said> {
        let ends = instant(&self.exp)? + LEEWAY_MS;
        let begins = match &self.nbf {
            Some(begins) => instant(begins)? - LEEWAY_MS,
            None => now,
        };
        let is_named = (1..=SUBJECT_BYTES_MAX).contains(&self.sub.len()) && self.iss == expected.issuer;
        (is_named && begins <= now && now < ends).then_some(Said { subject: self.sub, ends })
    }
}

/// An instant between the years 1970 and 9999; other values are not plausible.
fn instant(seconds: &Number) -> Option<Instant> {
    const SECONDS_MAX: f64 = 253_402_300_799.0;
    let seconds = seconds.as_f64().filter(|seconds| (0.0..=SECONDS_MAX).contains(seconds))?;
    #[expect(clippy::cast_possible_truncation, reason = "it is a number of milliseconds below 2^53")]
    Some(Instant((seconds * 1_000.0) as i64))
}

#[cfg(test)]
mod tests;
