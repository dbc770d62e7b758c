//! Forged tokens (RFC 8725).

use domain::ids::{PersonId, SessionId};
use domain::time::Instant;
use identity::tokens::{Algorithm, Claims, Kind, NotValid, TokenSettings, Tokens};
use jsonwebtoken::{EncodingKey, Header};
use serde_json::json;
use store::vault::{Secrets, Vault};
use testkit::TestDatabase;
use uuid::Uuid;

const NOW: Instant = Instant(1_760_000_000_000);

const PERSON: PersonId = PersonId(Uuid::from_u128(1));
const SESSION: SessionId = SessionId(Uuid::from_u128(2));

struct Mint {
    database: TestDatabase,
    vault: Vault,
}

impl Mint {
    fn new() -> Self {
        let database = TestDatabase::sqlite();
        let secrets = Secrets::new(b"a secret of at least thirty-two bytes", []).unwrap();
        let vault = Vault::open(&mut database.writer(), secrets, NOW).unwrap();
        Self { database, vault }
    }

    fn tokens(&self, settings: TokenSettings) -> Tokens {
        Tokens::open(&mut self.database.writer(), &self.vault, settings, NOW).unwrap()
    }
}

fn access(tokens: &Tokens) -> String {
    tokens.access(PERSON, SESSION, NOW).token
}

fn verified(tokens: &Tokens, token: &str) -> Result<Claims, NotValid> {
    tokens.verify(Kind::Access, token, NOW + 1)
}

#[test]
fn a_token_says_whose_session_it_is_until_it_expires() {
    let mint = Mint::new();
    for algorithm in [Algorithm::EdDsa, Algorithm::Hs256] {
        let tokens = mint.tokens(TokenSettings { algorithm, ..TokenSettings::default() });
        let token = access(&tokens);
        let claims = verified(&tokens, &token).unwrap();
        assert_eq!((claims.sub, claims.session_id, claims.kind), (PERSON, SESSION, Kind::Access));
        let ends = claims.expires();
        assert_eq!(ends, NOW + 15 * 60_000, "{algorithm:?}");
        assert_eq!(tokens.verify(Kind::Access, &token, ends), Err(NotValid::Wrong));
        assert!(tokens.verify(Kind::Access, &token, Instant(ends.0 - 1)).is_ok());
        assert_eq!(tokens.verify(Kind::Access, &token, NOW - 60_000), Err(NotValid::Wrong), "not yet");
        assert_eq!(tokens.verify(Kind::Refresh, &token, NOW), Err(NotValid::Wrong));
        let refresh = tokens.refresh((PERSON, SESSION), 3, NOW, NOW + 1_000_000).token;
        assert_eq!(verified(&tokens, &refresh), Err(NotValid::Wrong));
        assert_eq!(tokens.verify(Kind::Refresh, &refresh, NOW).unwrap().generation, Some(3));
    }
}

#[test]
fn what_was_signed_before_the_algorithm_changed_stays_good() {
    let mint = Mint::new();
    let old = access(&mint.tokens(TokenSettings::default()));
    let tokens = mint.tokens(TokenSettings { algorithm: Algorithm::Hs256, ..TokenSettings::default() });
    assert!(verified(&tokens, &old).is_ok());
    assert!(verified(&tokens, &access(&tokens)).is_ok());
    assert_eq!(tokens.public_keys().len(), 1, "a shared secret is no public key");
}

#[test]
fn a_token_with_another_issuer_or_audience_is_refused() {
    let mint = Mint::new();
    let tokens = mint.tokens(TokenSettings::default());
    for other in [
        TokenSettings { audience: "another service".to_owned(), ..TokenSettings::default() },
        TokenSettings { issuer: "another issuer".to_owned(), ..TokenSettings::default() },
    ] {
        assert_eq!(verified(&tokens, &access(&mint.tokens(other))), Err(NotValid::Wrong));
    }
    let elsewhere = Mint::new();
    let token = access(&elsewhere.tokens(TokenSettings::default()));
    assert_eq!(verified(&tokens, &token), Err(NotValid::UnknownKey));
}

/// The public key is public: a token signed with it by HMAC must not be accepted.
#[test]
fn a_public_key_is_not_taken_for_a_shared_one() {
    let mint = Mint::new();
    let tokens = mint.tokens(TokenSettings::default());
    let token = access(&tokens);
    let claims = verified(&tokens, &token).unwrap();
    let kid = jsonwebtoken::decode_header(&token).unwrap().kid.unwrap();
    let public = tokens.public_keys().remove(0).x;
    for secret in [public.as_slice(), b"", kid.as_bytes()] {
        let mut header = Header::new(jsonwebtoken::Algorithm::HS256);
        (header.typ, header.kid) = (Some("at+jwt".to_owned()), Some(kid.clone()));
        let forged = jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(secret)).unwrap();
        assert_eq!(verified(&tokens, &forged), Err(NotValid::Wrong));
    }
}

#[test]
fn no_key_that_a_header_brings_along_is_used() {
    let mint = Mint::new();
    let tokens = mint.tokens(TokenSettings { algorithm: Algorithm::Hs256, ..TokenSettings::default() });
    let token = access(&tokens);
    let kid = jsonwebtoken::decode_header(&token).unwrap().kid.unwrap();
    let claims = json!({
        "iss": "holdfast", "aud": "holdfast", "sub": PERSON, "session_id": SESSION, "type": "access",
        "iat": 1_760_000_000, "nbf": 1_760_000_000, "exp": 1_860_000_000, "jti": Uuid::nil(),
    });
    let mut header = Header::new(jsonwebtoken::Algorithm::HS256);
    (header.typ, header.kid) = (Some("at+jwt".to_owned()), Some(kid));
    header.jku = Some("http://127.0.0.1:1/keys.json".to_owned());
    let key = EncodingKey::from_secret(b"a secret of the caller's own, long enough");
    let forged = jsonwebtoken::encode(&header, &claims, &key).unwrap();
    assert_eq!(verified(&tokens, &forged), Err(NotValid::Wrong));
    for broken in ["", ".", "..", "a.b.c", &"x".repeat(5_000), &token[..token.len() - 4]] {
        assert_eq!(verified(&tokens, broken), Err(NotValid::Wrong), "{broken}");
    }
}
