//! A minimal HTTP/1.1 client: one exchange after the other on a connection that stays open.

use std::fmt;
use std::io::{Error, ErrorKind, Read, Result, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;
use testkit::STATE_WAIT_MAX;

/// Longer than any answer may take: a request that is not answered by then hangs.
const ANSWER_TIME_MAX: Duration = STATE_WAIT_MAX;

/// A request that can be sent again, byte for byte.
#[derive(Debug, Clone)]
pub struct Call {
    pub act: Act,
    pub method: &'static str,
    pub path: String,
    pub token: String,
    pub key: Option<String>,
    pub body: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    Book,
    Cancel,
    Read,
}

impl Call {
    pub fn read(path: impl Into<String>, token: &str) -> Self {
        let (path, token) = (path.into(), token.to_owned());
        Self { act: Act::Read, method: "GET", path, token, key: None, body: String::new() }
    }

    fn bytes(&self) -> Vec<u8> {
        let key = self.key.as_ref().map_or_else(String::new, |key| format!("idempotency-key: {key}\r\n"));
        format!(
            "{} {} HTTP/1.1\r\nhost: holdfast\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
             {key}content-length: {}\r\n\r\n{}",
            self.method,
            self.path,
            self.token,
            self.body.len(),
            self.body
        )
        .into_bytes()
    }
}

pub struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

impl Connection {
    pub fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(ANSWER_TIME_MAX))?;
        Ok(Self { stream, received: Vec::new() })
    }

    pub fn exchange(&mut self, call: &Call) -> Result<Reply> {
        self.send(call)?;
        self.receive()
    }

    pub fn send(&mut self, call: &Call) -> Result<()> {
        self.send_bytes(&call.bytes())
    }

    pub fn send_bytes(&mut self, bytes: &[u8]) -> Result<()> {
        self.stream.write_all(bytes)
    }

    /// The next response, or an error if the connection ends before it is complete.
    pub fn receive(&mut self) -> Result<Reply> {
        loop {
            if let Some((reply, length)) = Reply::parse(&self.received) {
                self.received.drain(..length);
                return Ok(reply);
            }
            let mut bytes = [0; 16 * 1024];
            match self.stream.read(&mut bytes) {
                Ok(0) => return Err(Error::from(ErrorKind::UnexpectedEof)),
                Ok(count) => self.received.extend_from_slice(&bytes[..count]),
                // A process that was stopped and goes on.
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// One exchange on a separate connection.
pub fn exchange(address: SocketAddr, call: &Call) -> Reply {
    let mut connection = Connection::open(address).unwrap();
    connection.exchange(call).unwrap_or_else(|error| panic!("{error}: {call:?}"))
}

#[derive(Clone)]
pub struct Reply {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Reply {
    /// The response at the beginning of the received bytes, and its length, once it is complete.
    fn parse(received: &[u8]) -> Option<(Self, usize)> {
        let end = received.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
        let head = String::from_utf8(received[..end].to_vec()).unwrap();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap();
        let mut reply = Self { status, head, body: Vec::new() };
        let length: usize = reply.header("content-length").map_or(0, |length| length.parse().unwrap());
        reply.body = received.get(end..end + length)?.to_vec();
        Some((reply, end + length))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (known, value) = line.split_once(':')?;
            known.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    pub fn is_replayed(&self) -> bool {
        self.header("idempotent-replayed") == Some("true")
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The text in a field of the body.
    pub fn text(&self, field: &str) -> String {
        let json = self.json();
        json[field].as_str().unwrap_or_else(|| panic!("no {field}: {self:?}")).to_owned()
    }

    /// Whether it is a problem of this kind.
    pub fn is_problem(&self, status: u16, kind: &str) -> bool {
        self.status == status && self.json()["type"] == format!("/problems/{kind}")
    }

    /// A correct 503: a problem with the outcome and when to retry.
    pub fn is_not_now(&self, outcome: &str) -> bool {
        self.status == 503
            && self.header("content-type") == Some("application/problem+json")
            && self.header("retry-after").is_some_and(|seconds| seconds.parse::<u32>().is_ok())
            && self.json()["outcome"] == outcome
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.head, String::from_utf8_lossy(&self.body))
    }
}
