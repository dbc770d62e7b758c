//! The keys for signing and verifying.

use std::collections::HashMap;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use domain::time::Instant;
use jsonwebtoken::{DecodingKey, EncodingKey, Header, Validation};
use store::signing_keys::{self, SigningKey};
use store::vault::{AadContext, Vault};
use store::{Connection, StoreError};
use uuid::Uuid;

use super::{Claims, Kind, NotValid, TokenSettings, random_id};

/// Longer than any of our tokens; longer ones are refused.
const TOKEN_BYTES_MAX: usize = 2_048;
/// Bytes of a key for HS256: as many as the hash has (RFC 7518 §3.2).
const HMAC_KEY_BYTES: usize = 32;

/// The algorithm for signing tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    EdDsa,
    Hs256,
}

impl Algorithm {
    fn as_str(self) -> &'static str {
        match self {
            Self::EdDsa => "EdDSA",
            Self::Hs256 => "HS256",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        [Self::EdDsa, Self::Hs256].into_iter().find(|algorithm| algorithm.as_str() == word)
    }

    fn of_library(self) -> jsonwebtoken::Algorithm {
        match self {
            Self::EdDsa => jsonwebtoken::Algorithm::EdDSA,
            Self::Hs256 => jsonwebtoken::Algorithm::HS256,
        }
    }
}

/// The public half of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    pub kid: String,
    /// The point of an Ed25519 key, 32 bytes.
    pub x: Vec<u8>,
}

pub(super) struct Ring {
    keys: HashMap<String, Key>,
    current: String,
    since: Instant,
}

struct Key {
    algorithm: Algorithm,
    encoding: EncodingKey,
    decoding: DecodingKey,
    public: Option<Vec<u8>>,
}

impl Ring {
    /// From the stored keys, oldest first, if one of them signs with this algorithm.
    pub fn of(
        vault: &Vault,
        stored: &[SigningKey],
        algorithm: Algorithm,
    ) -> Result<Option<Self>, StoreError> {
        let mut keys = HashMap::with_capacity(stored.len());
        let mut newest = None;
        for row in stored {
            let key = open(vault, row)?;
            if key.algorithm == algorithm && row.retired_at.is_none() {
                newest = Some((row.kid.clone(), row.created_at));
            }
            keys.insert(row.kid.clone(), key);
        }
        Ok(newest.map(|(current, since)| Self { keys, current, since }))
    }

    pub fn current_since(&self) -> Instant {
        self.since
    }

    pub fn sign(&self, kind: Kind, claims: &Claims) -> String {
        let key = self.keys.get(&self.current).expect("the ring holds its current key");
        let mut header = Header::new(key.algorithm.of_library());
        header.typ = Some(kind.header_type().to_owned());
        header.kid = Some(self.current.clone());
        jsonwebtoken::encode(&header, claims, &key.encoding)
            .expect("claims of texts and numbers can be signed")
    }

    pub fn verify(&self, kind: Kind, token: &str, settings: &TokenSettings) -> Result<Claims, NotValid> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(NotValid::Wrong);
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_| NotValid::Wrong)?;
        let is_of_kind = header.typ.as_deref() == Some(kind.header_type());
        let named = header.kid.filter(|_| is_of_kind).ok_or(NotValid::Wrong)?;
        let key = self.keys.get(&named).ok_or(NotValid::UnknownKey)?;
        // The key determines the algorithm; the library refuses a header with another one.
        let mut validation = Validation::new(key.algorithm.of_library());
        validation.set_issuer(&[&settings.issuer]);
        validation.set_audience(&[&settings.audience]);
        validation.set_required_spec_claims(&["aud", "exp", "iss", "nbf", "sub"]);
        // Times are checked by our own clock.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let decoded = jsonwebtoken::decode::<Claims>(token, &key.decoding, &validation);
        let claims = decoded.map_err(|_| NotValid::Wrong)?.claims;
        if claims.kind == kind { Ok(claims) } else { Err(NotValid::Wrong) }
    }

    pub fn public_keys(&self) -> Vec<PublicKey> {
        let shown =
            |(kid, key): (&String, &Key)| Some(PublicKey { kid: kid.clone(), x: key.public.clone()? });
        let mut all: Vec<PublicKey> = self.keys.iter().filter_map(shown).collect();
        all.sort_by(|one, other| one.kid.cmp(&other.kid));
        all
    }
}

/// Creates and stores a key, and returns its name.
pub(super) fn make(
    connection: &mut Connection,
    vault: &Vault,
    algorithm: Algorithm,
    now: Instant,
) -> Result<String, StoreError> {
    let id = random_id();
    let (private, public) = generate(algorithm);
    let row = SigningKey {
        kid: id.as_simple().to_string(),
        algorithm: algorithm.as_str().to_owned(),
        private_part: vault.seal_installation(aad_context(id), &private),
        public_part: public,
        created_at: now,
        retired_at: None,
    };
    signing_keys::insert(connection, &row)?;
    Ok(row.kid)
}

/// A new key: its private part, and its public part if it has one.
fn generate(algorithm: Algorithm) -> (Vec<u8>, Vec<u8>) {
    match algorithm {
        Algorithm::EdDsa => {
            let pair = Ed25519KeyPair::generate().expect("the system has random bytes");
            let private = pair.to_pkcs8v1().expect("a key that was just made can be written");
            (private.as_ref().to_vec(), pair.public_key().as_ref().to_vec())
        }
        Algorithm::Hs256 => {
            let mut private = vec![0; HMAC_KEY_BYTES];
            aws_lc_rs::rand::fill(&mut private).expect("the system has random bytes");
            (private, Vec::new())
        }
    }
}

fn open(vault: &Vault, row: &SigningKey) -> Result<Key, StoreError> {
    let corrupt = |column| StoreError::corrupt("signing_keys", column, &row.kid);
    let id = Uuid::try_parse(&row.kid).map_err(|_| corrupt("kid"))?;
    let algorithm = Algorithm::from_word(&row.algorithm).ok_or_else(|| corrupt("algorithm"))?;
    let private = vault.open_installation(aad_context(id), &row.private_part)?;
    Ok(match algorithm {
        Algorithm::EdDsa => Key {
            algorithm,
            encoding: EncodingKey::from_ed_der(&private),
            decoding: DecodingKey::from_ed_der(&row.public_part),
            public: Some(row.public_part.clone()),
        },
        Algorithm::Hs256 => Key {
            algorithm,
            encoding: EncodingKey::from_secret(&private),
            decoding: DecodingKey::from_secret(&private),
            public: None,
        },
    })
}

fn aad_context(kid: Uuid) -> AadContext {
    AadContext { column: "signing_keys.private_part", row: kid }
}
