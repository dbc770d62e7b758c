//! A token issuer on 127.0.0.1, which publishes its public keys and can be made to fail.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use aws_lc_rs::signature::Ed25519KeyPair;
use domain::time::Instant;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

/// How the issuer responds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mood {
    /// With its keys.
    Well,
    /// With this status, headers and body.
    Says(u16, String, String),
    /// Not at all: it closes the connection.
    Silent,
}

/// Stops when it is dropped.
pub struct IssuerServer {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    key: EncodingKey,
    /// Number of generated keys; the newest has this number as its name.
    generated: usize,
    published: Vec<Value>,
    mood: Mood,
    asked: usize,
    ended: bool,
}

impl IssuerServer {
    /// Its name in its tokens.
    pub const ISSUER: &'static str = "https://id.example.org/realm";
    /// The audience in its tokens.
    pub const AUDIENCE: &'static str = "the tests";

    /// Starts an issuer with one Ed25519 key.
    pub fn start() -> Self {
        // In later calls the provider is already installed, which is fine.
        let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("the system has a free port");
        let address = listener.local_addr().expect("who listens has an address");
        let shared = Arc::new(Shared { state: Mutex::new(State::new()), changed: Condvar::new() });
        let serving = Arc::clone(&shared);
        std::thread::spawn(move || accept(&listener, &serving));
        Self { address, shared }
    }

    /// The URL of the keys.
    pub fn url(&self) -> String {
        format!("http://{}/keys", self.address)
    }

    /// A token about a subject, for our audience.
    pub fn token(&self, subject: &str, expires: Instant) -> String {
        let expires = expires.0.div_euclid(1_000);
        self.sign(&json!({"iss": Self::ISSUER, "aud": Self::AUDIENCE, "sub": subject, "exp": expires}))
    }

    /// A token with these claims, signed with the newest key.
    pub fn sign(&self, claims: &Value) -> String {
        let state = self.shared.state();
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(state.generated.to_string());
        jsonwebtoken::encode(&header, claims, &state.key).expect("claims are always JSON")
    }

    /// Replaces the key: from now on only the new one signs and is published.
    pub fn rotate(&self) {
        self.shared.state().generate();
    }

    pub fn be(&self, mood: Mood) {
        self.shared.state().mood = mood;
    }

    /// How often the keys were requested.
    pub fn asked(&self) -> usize {
        self.shared.state().asked
    }

    /// Waits until the keys were requested that often.
    pub fn wait_until_asked(&self, times: usize) {
        let asked = self.shared.changed.wait_while(self.shared.state(), |state| state.asked < times);
        drop(asked.unwrap_or_else(PoisonError::into_inner));
    }
}

impl Drop for IssuerServer {
    fn drop(&mut self) {
        self.shared.state().ended = true;
        // Wakes the accepting thread.
        let _ = TcpStream::connect(self.address);
    }
}

impl State {
    fn new() -> Self {
        let (key, _) = generate(0);
        let mut state =
            Self { key, generated: 0, published: Vec::new(), mood: Mood::Well, asked: 0, ended: false };
        state.generate();
        state
    }

    fn generate(&mut self) {
        self.generated += 1;
        let (key, public) = generate(self.generated);
        (self.key, self.published) = (key, vec![public]);
    }
}

fn generate(number: usize) -> (EncodingKey, Value) {
    let pair = Ed25519KeyPair::generate().expect("the system has random bytes");
    let private = pair.to_pkcs8v1().expect("a key that was just made can be written");
    let key = EncodingKey::from_ed_der(private.as_ref());
    let mut public = Jwk::from_encoding_key(&key, Algorithm::EdDSA).expect("the key is an Ed25519 key");
    public.common.key_id = Some(number.to_string());
    (key, serde_json::to_value(public).expect("a key is always JSON"))
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn accept(listener: &TcpListener, shared: &Shared) {
    for client in listener.incoming().map_while(Result::ok) {
        if shared.state().ended {
            return;
        }
        // One request per connection; a client that keeps it open finds it closed.
        if let Some(answer) = read_request(&client).and_then(|()| answer(shared)) {
            // A client that has read enough closes the connection.
            let _ = (&client).write_all(answer.as_bytes());
        }
    }
}

/// Reads up to the empty line after the head; requests have no body.
fn read_request(client: &TcpStream) -> Option<()> {
    let mut lines = BufReader::new(client).lines();
    while !lines.next()?.ok()?.is_empty() {}
    Some(())
}

fn answer(shared: &Shared) -> Option<String> {
    let mut state = shared.state();
    state.asked += 1;
    shared.changed.notify_all();
    let (status, headers, body) = match state.mood.clone() {
        Mood::Well => (200, String::new(), json!({ "keys": state.published }).to_string()),
        Mood::Says(status, headers, body) => (status, headers, body),
        Mood::Silent => return None,
    };
    let length = body.len();
    Some(format!(
        "HTTP/1.1 {status} Said\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n{body}"
    ))
}
