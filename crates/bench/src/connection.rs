//! One connection and the bytes of its current exchange.

use std::io::{self, Read, Write};
use std::net::SocketAddr;

use mio::net::TcpStream;
use mio::{Interest, Registry, Token};
use thiserror::Error;

use crate::malformed::Malformed;
use crate::response::{self, Answer};

const READ_BYTES: usize = 64 << 10;

/// Why an exchange has no response.
#[derive(Debug, Error)]
pub enum Failure {
    #[error("the server closed the connection before responding")]
    Closed,
    #[error(transparent)]
    Malformed(#[from] Malformed),
    #[error("response timed out")]
    TimedOut,
    #[error("connection failed: {0}")]
    Io(#[from] io::Error),
}

/// Buffers shared by the connections of a thread, so that they stay in the processor's cache.
pub struct Scratch {
    pub request: Vec<u8>,
    received: Box<[u8]>,
    unchunked: Vec<u8>,
}

impl Default for Scratch {
    fn default() -> Self {
        Scratch {
            request: Vec::new(),
            received: vec![0; READ_BYTES].into_boxed_slice(),
            unchunked: Vec::new(),
        }
    }
}

pub struct Connection {
    token: Token,
    stream: TcpStream,
    /// The rest of a request that the socket did not accept immediately.
    unsent: Vec<u8>,
    /// The beginning of an incomplete response.
    received: Vec<u8>,
}

impl Connection {
    pub fn new(mut stream: TcpStream, token: Token, registry: &Registry) -> io::Result<Self> {
        registry.register(&mut stream, token, Interest::READABLE | Interest::WRITABLE)?;
        Ok(Connection { token, stream, unsent: Vec::new(), received: Vec::new() })
    }

    /// Replaces the stream by a new one, which may still be connecting. Data sent in the meantime waits in `unsent`,
    /// and a refused connection becomes an error of the first read or write.
    pub fn reopen(&mut self, address: SocketAddr, registry: &Registry) -> io::Result<()> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        registry.register(&mut stream, self.token, Interest::READABLE | Interest::WRITABLE)?;
        self.stream = stream;
        self.unsent.clear();
        self.received.clear();
        Ok(())
    }

    pub fn send(&mut self, request: &[u8]) -> io::Result<()> {
        let sent = write_some(&mut self.stream, request)?;
        self.unsent.extend_from_slice(request.get(sent..).unwrap_or_default());
        Ok(())
    }

    /// Sends the rest of the request, as far as the socket accepts it.
    pub fn flush(&mut self) -> io::Result<()> {
        if !self.unsent.is_empty() {
            let sent = write_some(&mut self.stream, &self.unsent)?;
            self.unsent.drain(..sent);
        }
        Ok(())
    }

    /// Whether the request is not completely sent.
    pub fn is_sending(&self) -> bool {
        !self.unsent.is_empty()
    }

    /// Reads until the response is complete and passes it to `take`, or until there is nothing more to read for now.
    pub fn receive<T>(
        &mut self,
        scratch: &mut Scratch,
        take: impl FnOnce(&Answer<'_>) -> T,
    ) -> Result<Option<T>, Failure> {
        loop {
            let Some(length) = read_some(&mut self.stream, &mut scratch.received)? else { return Ok(None) };
            let fresh = scratch.received.get(..length).unwrap_or_default();
            let ended = length == 0;
            // Only incomplete responses are copied.
            let whole = self.received.is_empty();
            if !whole {
                self.received.extend_from_slice(fresh);
            }
            let bytes = if whole { fresh } else { &self.received };
            if let Some(answer) = response::parse(bytes, ended, &mut scratch.unchunked)? {
                let taken = take(&answer);
                self.received.clear();
                return Ok(Some(taken));
            }
            if ended {
                return Err(Failure::Closed);
            }
            if whole {
                self.received.extend_from_slice(fresh);
            }
        }
    }
}

/// How many bytes the stream accepted before it would block.
fn write_some(stream: &mut TcpStream, bytes: &[u8]) -> io::Result<usize> {
    let mut sent = 0;
    while let Some(rest) = bytes.get(sent..).filter(|rest| !rest.is_empty()) {
        match stream.write(rest) {
            Ok(length) => sent += length,
            Err(error) => match error.kind() {
                io::ErrorKind::Interrupted => {}
                // A stream that is still connecting may return either error.
                io::ErrorKind::WouldBlock | io::ErrorKind::NotConnected => break,
                _ => return Err(error),
            },
        }
    }
    Ok(sent)
}

/// How many bytes were received: 0 for the end, nothing if there are none yet.
fn read_some(stream: &mut TcpStream, into: &mut [u8]) -> io::Result<Option<usize>> {
    loop {
        match stream.read(into) {
            Ok(length) => return Ok(Some(length)),
            Err(error) => match error.kind() {
                io::ErrorKind::Interrupted => {}
                io::ErrorKind::WouldBlock | io::ErrorKind::NotConnected => return Ok(None),
                _ => return Err(error),
            },
        }
    }
}
