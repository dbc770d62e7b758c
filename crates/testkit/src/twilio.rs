//! A server on 127.0.0.1 that implements Twilio's Messages resource and can simulate network faults.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use domain::time::Instant;
use serde_json::{Value, json};

/// Size of an oversized response, more than any client should read.
const HUGE_BYTES: usize = 8 * 1024 * 1024;

/// What the server does with the next request of a kind. By default it does what Twilio does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whim {
    /// Executes the request and closes the connection without responding.
    DoAndCut,
    /// Executes the request and never responds.
    DoAndHang,
    /// Executes the request and responds with this body and a success status.
    DoAndSay(&'static str),
    /// Executes the request and responds with a very long body.
    DoAndFlood,
    /// Responds with this status, headers and body, and does nothing.
    Refuse(u16, &'static str, &'static str),
    /// Closes the connection and does nothing.
    Cut,
}

/// An accepted message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TwilioMessage {
    pub sid: String,
    pub to: String,
    /// The number, or the messaging service.
    pub from: String,
    pub body: String,
    pub created: Instant,
}

/// Stops when it is dropped.
#[derive(Debug)]
pub struct TwilioServer {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    now: Instant,
    messages: Vec<TwilioMessage>,
    sends: VecDeque<Whim>,
    look_ups: VecDeque<Whim>,
    /// Requests read, of both kinds.
    asked: (usize, usize),
    ended: bool,
}

impl TwilioServer {
    /// The account that the server accepts, and its token.
    pub const ACCOUNT: &'static str = "AC0123456789abcdef0123456789abcdef";
    pub const TOKEN: &'static str = "a token of the tests";

    /// Starts a server whose clock shows `now`.
    pub fn start(now: Instant) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("the system has a free port");
        let address = listener.local_addr().expect("who listens has an address");
        let shared = Arc::new(Shared { state: Mutex::new(State::new(now)), changed: Condvar::new() });
        let serving = Arc::clone(&shared);
        std::thread::spawn(move || accept(&listener, &serving));
        Self { address, shared }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What happens to the next send requests, one each.
    pub fn at_sends(&self, whims: impl IntoIterator<Item = Whim>) {
        self.shared.state().sends.extend(whims);
    }

    /// What happens to the next list requests, one each.
    pub fn at_look_ups(&self, whims: impl IntoIterator<Item = Whim>) {
        self.shared.state().look_ups.extend(whims);
    }

    /// The accepted messages, oldest first.
    pub fn messages(&self) -> Vec<TwilioMessage> {
        self.shared.state().messages.clone()
    }

    /// Waits until that many send requests have been executed.
    pub fn wait_for_messages(&self, count: usize) {
        let changed =
            self.shared.changed.wait_while(self.shared.state(), |state| state.messages.len() < count);
        drop(changed.unwrap_or_else(PoisonError::into_inner));
    }

    /// The number of send requests and of list requests.
    pub fn asked(&self) -> (usize, usize) {
        self.shared.state().asked
    }
}

impl Drop for TwilioServer {
    fn drop(&mut self) {
        self.shared.state().ended = true;
        self.shared.changed.notify_all();
        // Wakes the accepting thread.
        let _ = TcpStream::connect(self.address);
    }
}

impl State {
    fn new(now: Instant) -> Self {
        let (sends, look_ups) = (VecDeque::new(), VecDeque::new());
        Self { now, messages: Vec::new(), sends, look_ups, asked: (0, 0), ended: false }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait_for_the_end(&self) {
        let ended = self.changed.wait_while(self.state(), |state| !state.ended);
        drop(ended.unwrap_or_else(PoisonError::into_inner));
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for client in listener.incoming().map_while(Result::ok) {
        if shared.state().ended {
            return;
        }
        let shared = Arc::clone(shared);
        // One request per connection; a client that keeps it open finds it closed.
        std::thread::spawn(move || {
            if let Some(request) = Request::read(&client) {
                serve(&client, &request, &shared);
            }
        });
    }
}

fn serve(client: &TcpStream, request: &Request, shared: &Shared) {
    if !request.is_authorized() {
        return say(client, 401, "", r#"{"code":20003,"message":"Authenticate","status":401}"#);
    }
    let whim = {
        let mut state = shared.state();
        if request.is_send {
            state.asked.0 += 1;
            state.sends.pop_front()
        } else {
            state.asked.1 += 1;
            state.look_ups.pop_front()
        }
    };
    match whim {
        None => {
            let (status, body) = act(request, shared);
            say(client, status, "", &body.to_string());
        }
        Some(Whim::DoAndCut) => drop(act(request, shared)),
        Some(Whim::DoAndHang) => {
            act(request, shared);
            shared.wait_for_the_end();
        }
        Some(Whim::DoAndSay(body)) => say(client, act(request, shared).0, "", body),
        Some(Whim::DoAndFlood) => say(client, act(request, shared).0, "", &" ".repeat(HUGE_BYTES)),
        Some(Whim::Refuse(status, headers, body)) => say(client, status, headers, body),
        Some(Whim::Cut) => {}
    }
}

fn act(request: &Request, shared: &Shared) -> (u16, Value) {
    if request.is_send { take(request, shared) } else { (200, list(request, shared)) }
}

fn take(request: &Request, shared: &Shared) -> (u16, Value) {
    let from = request.field("From").or_else(|| request.field("MessagingServiceSid"));
    let (Some(to), Some(from), Some(body)) = (request.field("To"), from, request.field("Body")) else {
        return (400, json!({ "code": 21604, "message": "A field is missing", "status": 400 }));
    };
    let mut state = shared.state();
    let sid = format!("SM{:032x}", state.messages.len() + 1);
    let message = TwilioMessage { sid, to, from, body, created: state.now };
    state.messages.push(message.clone());
    shared.changed.notify_all();
    (201, resource(&message))
}

fn list(request: &Request, shared: &Shared) -> Value {
    let to = request.field("To");
    let state = shared.state();
    let asked = state.messages.iter().rev().filter(|message| to.as_ref().is_none_or(|to| *to == message.to));
    json!({ "messages": asked.map(resource).collect::<Vec<_>>(), "page": 0, "next_page_uri": null })
}

fn resource(message: &TwilioMessage) -> Value {
    let zoned = message.created.timestamp().to_zoned(jiff::tz::TimeZone::UTC);
    let created = jiff::fmt::rfc2822::to_string(&zoned).expect("the tests' years have four digits");
    json!({
        "sid": message.sid, "account_sid": TwilioServer::ACCOUNT, "status": "queued", "to": message.to,
        "from": message.from, "body": message.body, "num_segments": "1", "price": null, "error_code": null,
        "error_message": null, "date_created": created, "date_sent": null, "direction": "outbound-api",
    })
}

fn say(mut client: &TcpStream, status: u16, headers: &str, body: &str) {
    let head = format!(
        "HTTP/1.1 {status} Said\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n{headers}\r\n",
        body.len()
    );
    // A client that has read enough closes the connection.
    let _ = client.write_all(head.as_bytes()).and_then(|()| client.write_all(body.as_bytes()));
}

struct Request {
    is_send: bool,
    path: String,
    authorization: String,
    fields: Vec<(String, String)>,
}

impl Request {
    fn read(client: &TcpStream) -> Option<Self> {
        let mut reader = BufReader::new(client);
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let mut words = line.split_whitespace();
        let is_send = words.next()? == "POST";
        let target = words.next()?.to_owned();
        let (mut length, mut authorization) = (0, String::new());
        loop {
            let mut header = String::new();
            reader.read_line(&mut header).ok()?;
            let Some((name, value)) = header.trim_end().split_once(':') else { break };
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.trim().parse().ok()?,
                "authorization" => value.trim().clone_into(&mut authorization),
                _ => {}
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        let fields = if is_send { String::from_utf8(body).ok()? } else { query.to_owned() };
        let fields = fields.split('&').filter_map(|field| field.split_once('='));
        let fields = fields.map(|(name, value)| (decoded(name), decoded(value))).collect();
        Some(Self { is_send, path: path.to_owned(), authorization, fields })
    }

    fn field(&self, name: &str) -> Option<String> {
        self.fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone())
    }

    fn is_authorized(&self) -> bool {
        let account = TwilioServer::ACCOUNT;
        // `AC0123456789abcdef0123456789abcdef:a token of the tests` in base64.
        self.authorization
            == "Basic QUMwMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZjphIHRva2VuIG9mIHRoZSB0ZXN0cw=="
            && self.path == format!("/2010-04-01/Accounts/{account}/Messages.json")
    }
}

/// Decodes a form value: `+` is a space, `%` and two digits are a byte.
fn decoded(text: &str) -> String {
    let mut bytes = text.bytes();
    let mut plain = Vec::new();
    while let Some(byte) = bytes.next() {
        plain.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits: String = bytes.by_ref().take(2).map(char::from).collect();
                u8::from_str_radix(&digits, 16).expect("a form is encoded well")
            }
            other => other,
        });
    }
    String::from_utf8(plain).expect("a form is UTF-8")
}
