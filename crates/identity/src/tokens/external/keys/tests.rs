//! Forged tokens of an external issuer (RFC 8725).

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RsaKeyPair,
};
use jsonwebtoken::EncodingKey;
use serde_json::json;

use super::*;

const NOW: Instant = Instant(1_760_000_000_000);
const NOW_S: i64 = 1_760_000_000;
const EXPECTED: Expected<'static> = Expected { issuer: "https://id.example.org", audience: "us" };

/// Bytes before an RSA key of 2,048 bits in PKCS #8, compared with PKCS #1.
const PKCS8_HEAD_BYTES: usize = 26;

/// A key pair with a name.
struct Pair {
    kid: &'static str,
    algorithm: Algorithm,
    private: EncodingKey,
    /// The bytes of the public key.
    public: Vec<u8>,
}

impl Pair {
    fn ed(kid: &'static str) -> Self {
        install();
        let pair = Ed25519KeyPair::generate().unwrap();
        let private = EncodingKey::from_ed_der(pair.to_pkcs8v1().unwrap().as_ref());
        Self { kid, algorithm: Algorithm::EdDSA, private, public: pair.public_key().as_ref().to_vec() }
    }

    fn ec(kid: &'static str) -> Self {
        install();
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let private = EncodingKey::from_ec_der(pair.to_pkcs8v1().unwrap().as_ref());
        Self { kid, algorithm: Algorithm::ES256, private, public: pair.public_key().as_ref().to_vec() }
    }

    fn rsa(kid: &'static str) -> Self {
        install();
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        let whole: Pkcs8V1Der<'_> = pair.as_der().unwrap();
        let private = EncodingKey::from_rsa_der(&whole.as_ref()[PKCS8_HEAD_BYTES..]);
        Self { kid, algorithm: Algorithm::RS256, private, public: pair.public_key().as_ref().to_vec() }
    }

    fn by(self, algorithm: Algorithm) -> Self {
        Self { algorithm, ..self }
    }

    fn jwk(&self) -> Value {
        let mut jwk = Jwk::from_encoding_key(&self.private, self.algorithm).unwrap();
        jwk.common.key_id = Some(self.kid.to_owned());
        serde_json::to_value(jwk).unwrap()
    }

    fn header(&self) -> Header {
        Header { kid: Some(self.kid.to_owned()), ..Header::new(self.algorithm) }
    }

    fn sign(&self, claims: &Value) -> String {
        jsonwebtoken::encode(&self.header(), claims, &self.private).unwrap()
    }
}

fn install() {
    let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
}

fn set(keys: impl IntoIterator<Item = Value>) -> KeySet {
    let keys: Vec<Value> = keys.into_iter().collect();
    KeySet::read(json!({ "keys": keys }).to_string().as_bytes()).unwrap()
}

fn claims() -> Value {
    json!({"iss": "https://id.example.org", "aud": "us", "sub": "ada", "exp": NOW_S + 300})
}

/// The claims with one of them changed, or removed if it is null.
fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    if claims[name].is_null() {
        claims.as_object_mut().unwrap().remove(name);
    }
    claims
}

fn check(keys: &KeySet, token: &str) -> Result<String, NotValid> {
    keys.check(token, EXPECTED, NOW).map(|said| said.subject)
}

fn without(jwk: &Value, name: &str) -> Value {
    let mut jwk = jwk.clone();
    jwk.as_object_mut().unwrap().remove(name);
    jwk
}

#[test]
fn each_kind_of_key_verifies_what_it_has_signed() {
    for pair in [Pair::ed("a"), Pair::ec("a"), Pair::rsa("a")] {
        let token = pair.sign(&claims());
        assert_eq!(check(&set([pair.jwk()]), &token), Ok("ada".to_owned()), "{:?}", pair.algorithm);
        let unsaid = set([without(&pair.jwk(), "alg")]);
        assert_eq!(check(&unsaid, &token), Ok("ada".to_owned()), "{:?}", pair.algorithm);
    }
    let mut rsa = Pair::rsa("a");
    for algorithm in [Algorithm::RS384, Algorithm::RS512, Algorithm::PS256] {
        let keys = set([without(&rsa.jwk(), "alg")]);
        rsa = rsa.by(algorithm);
        assert_eq!(check(&keys, &rsa.sign(&claims())), Ok("ada".to_owned()), "{algorithm:?}");
    }
}

#[test]
fn a_key_verifies_by_its_own_algorithm_only() {
    let rsa = Pair::rsa("a");
    let keys = set([rsa.jwk()]);
    for algorithm in [Algorithm::RS512, Algorithm::PS256, Algorithm::PS512] {
        let other = Header { alg: algorithm, ..rsa.header() };
        let token = jsonwebtoken::encode(&other, &claims(), &rsa.private).unwrap();
        assert_eq!(check(&keys, &token), Err(NotValid::Wrong), "the key says RS256, not {algorithm:?}");
    }
    let unsaid = set([without(&rsa.jwk(), "alg")]);
    let token =
        jsonwebtoken::encode(&Header { alg: Algorithm::PS512, ..rsa.header() }, &claims(), &rsa.private);
    assert_eq!(check(&unsaid, &token.unwrap()), Err(NotValid::Wrong));
}

#[test]
fn a_public_key_is_nobodys_secret() {
    for pair in [Pair::rsa("a"), Pair::ec("a"), Pair::ed("a")] {
        let jwk = pair.jwk();
        for keys in [set([jwk.clone()]), set([without(&jwk, "alg")])] {
            let document = jwk.to_string().into_bytes();
            for secret in [&pair.public, &document] {
                for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
                    let header = Header { alg: algorithm, ..pair.header() };
                    let key = EncodingKey::from_secret(secret);
                    let token = jsonwebtoken::encode(&header, &claims(), &key).unwrap();
                    assert_eq!(check(&keys, &token), Err(NotValid::Wrong), "{algorithm:?}");
                }
            }
        }
    }
    let secret = json!({"kty": "oct", "kid": "a", "alg": "HS256", "k": "c2VjcmV0"});
    assert_eq!(set([secret]).len(), 0, "no issuer shares a secret with the world");
}

#[test]
fn unsigned_tokens_and_tokens_of_other_keys_are_refused() {
    let (ours, other) = (Pair::ed("a"), Pair::ed("a"));
    let keys = set([ours.jwk()]);
    let token = ours.sign(&claims());
    let parts: Vec<&str> = token.split('.').collect();
    let [head, body, signature] = parts[..] else { panic!() };
    let shifted: String = signature.chars().rev().collect();
    for forged in [
        other.sign(&claims()),
        format!("{head}.{body}."),
        format!("{head}.{body}"),
        format!("{head}.{body}.{shifted}"),
        // {"alg":"none"}, {"alg":"none","kid":"a"} and {"alg":"None","kid":"a"}.
        format!("eyJhbGciOiJub25lIn0.{body}."),
        format!("eyJhbGciOiJub25lIiwia2lkIjoiYSJ9.{body}."),
        format!("eyJhbGciOiJOb25lIiwia2lkIjoiYSJ9.{body}.{signature}"),
        String::new(),
        "..".to_owned(),
        "x".repeat(1_000_000),
    ] {
        let told: String = forged.chars().take(80).collect();
        assert_eq!(check(&keys, &forged), Err(NotValid::Wrong), "{told}");
    }
    // A key inside the token, and an unknown critical header.
    let mut with_key = other.header();
    with_key.jwk = serde_json::from_value(other.jwk()).ok();
    let token = jsonwebtoken::encode(&with_key, &claims(), &other.private).unwrap();
    assert_eq!(check(&keys, &token), Err(NotValid::Wrong));
    let critical = Header { crit: Some(vec!["exp".to_owned()]), ..ours.header() };
    let token = jsonwebtoken::encode(&critical, &claims(), &ours.private).unwrap();
    assert_eq!(check(&keys, &token), Err(NotValid::Wrong));
}

#[test]
fn a_token_names_its_key_unless_there_is_only_one() {
    let (one, two) = (Pair::ed("1"), Pair::ed("2"));
    let nameless = Header { kid: None, ..one.header() };
    let token = jsonwebtoken::encode(&nameless, &claims(), &one.private).unwrap();
    assert_eq!(check(&set([one.jwk()]), &token), Ok("ada".to_owned()));
    assert_eq!(check(&set([one.jwk(), two.jwk()]), &token), Err(NotValid::Wrong));
    assert_eq!(check(&set([]), &token), Err(NotValid::UnknownKey));
    assert_eq!(check(&set([one.jwk()]), &two.sign(&claims())), Err(NotValid::UnknownKey));
    let (ed, ec) = (Pair::ed("same"), Pair::ec("same"));
    for token in [ed.sign(&claims()), ec.sign(&claims())] {
        assert_eq!(check(&set([ed.jwk(), ec.jwk()]), &token), Ok("ada".to_owned()), "of two with one name");
    }
}

#[test]
fn a_token_is_of_its_issuer_and_for_us() {
    let pair = Pair::ed("a");
    let keys = set([pair.jwk()]);
    for good in [with("aud", json!(["them", "us"])), with("nbf", json!(NOW_S)), with("token_use", json!("x"))]
    {
        assert_eq!(check(&keys, &pair.sign(&good)), Ok("ada".to_owned()), "{good}");
    }
    for wrong in [
        with("iss", json!("https://id.example.org/")),
        with("iss", json!(["https://id.example.org"])),
        with("iss", Value::Null),
        with("aud", json!("them")),
        with("aud", json!([])),
        with("aud", Value::Null),
        with("sub", json!("")),
        with("sub", json!("x".repeat(256))),
        with("sub", json!(7)),
        with("sub", Value::Null),
    ] {
        assert_eq!(check(&keys, &pair.sign(&wrong)), Err(NotValid::Wrong), "{wrong}");
    }
    let longest = "x".repeat(255);
    assert_eq!(check(&keys, &pair.sign(&with("sub", json!(longest)))), Ok(longest));
}

#[test]
fn a_token_has_its_time() {
    let pair = Pair::ed("a");
    let keys = set([pair.jwk()]);
    for good in [
        with("exp", json!(NOW_S - 29)),
        with("exp", json!(1_760_000_000.5)),
        with("nbf", json!(NOW_S + 30)),
        with("nbf", json!(0)),
    ] {
        assert_eq!(check(&keys, &pair.sign(&good)), Ok("ada".to_owned()), "{good}");
    }
    for wrong in [
        with("exp", json!(NOW_S - 30)),
        with("exp", json!(0)),
        with("exp", json!(-1)),
        with("exp", json!("never")),
        with("exp", json!(1e300)),
        with("exp", Value::Null),
        with("nbf", json!(NOW_S + 31)),
        with("nbf", json!("now")),
    ] {
        assert_eq!(check(&keys, &pair.sign(&wrong)), Err(NotValid::Wrong), "{wrong}");
    }
    let said = keys.check(&pair.sign(&claims()), EXPECTED, NOW).unwrap();
    assert_eq!(said.ends, NOW + 330_000);
}

#[test]
fn keys_that_are_of_no_use_are_passed_over() {
    let pair = Pair::ed("a");
    let and = |name: &str, value: Value| {
        let mut jwk = pair.jwk();
        jwk[name] = value;
        jwk
    };
    let useless = [
        and("use", json!("enc")),
        and("key_ops", json!(["sign"])),
        and("crv", json!("Ed448")),
        and("alg", json!("RS256")),
        and("alg", json!("ES256K")),
        and("kty", json!("AKP")),
        and("x", json!("not base64!")),
        json!({}),
        json!(7),
    ];
    assert_eq!(set(useless.clone()).len(), 0);
    let keys = set(useless.into_iter().chain([and("use", json!("sig"))]));
    assert_eq!(keys.len(), 1);
    assert_eq!(check(&keys, &pair.sign(&claims())), Ok("ada".to_owned()));
    for nothing in ["", "[]", "{}", "{\"keys\":7}", "{\"keys\":[", "<html>"] {
        assert!(KeySet::read(nothing.as_bytes()).is_none(), "{nothing}");
    }
}
