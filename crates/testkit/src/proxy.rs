//! A proxy for PostgreSQL that closes a connection exactly at its COMMIT, or refuses all connections.

use std::io::{ErrorKind, Read, Result, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use store::Database;

/// When the proxy closes a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    BeforeTheCommitArrives,
    BeforeItsAnswerArrives,
}

/// Forwards connections to a server. Stops when it is dropped.
#[derive(Debug)]
pub struct Proxy {
    url: String,
    address: SocketAddr,
    plan: Arc<Plan>,
}

#[derive(Debug, Default)]
struct Plan {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    next: Option<Cut>,
    /// Whether all connections are refused after the next cut.
    then_away: bool,
    away: bool,
    /// Connections that were cut and are closed on both sides.
    cuts: usize,
    ended: bool,
}

impl Proxy {
    /// A proxy before the server of this `postgres://USER@HOST:PORT/NAME`.
    pub fn before(url: &str) -> Self {
        let (scheme, rest) = url.split_once("://").expect("a URL has a scheme");
        let (authority, name) = rest.split_once('/').expect("the URL names a database");
        let (user, server) = authority.split_once('@').expect("the URL names a user");
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("the system has a free port");
        let address = listener.local_addr().expect("who listens has an address");
        let (server, plan) = (server.to_owned(), Arc::new(Plan::default()));
        let planned = Arc::clone(&plan);
        std::thread::spawn(move || accept(&listener, &server, &planned));
        Self { url: format!("{scheme}://{user}@{address}/{name}"), address, plan }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn database(&self) -> Database {
        Database::Postgres(self.url.clone())
    }

    /// Closes the next connection that commits.
    pub fn cut_next_commit(&self, cut: Cut) {
        self.plan.state().next = Some(cut);
    }

    /// The same, and refuses new connections from then on.
    pub fn cut_next_commit_and_stay_away(&self, cut: Cut) {
        let mut state = self.plan.state();
        (state.next, state.then_away) = (Some(cut), true);
    }

    /// Accepts connections again.
    pub fn come_back(&self) {
        let mut state = self.plan.state();
        (state.away, state.then_away) = (false, false);
    }

    /// Waits until a connection was cut and the server has finished with it.
    pub fn wait_for_cut(&self) {
        let state = self.plan.state();
        let changed = self.plan.changed.wait_while(state, |state| state.cuts == 0);
        changed.unwrap_or_else(PoisonError::into_inner).cuts = 0;
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.plan.state().ended = true;
        // Wakes the accepting thread.
        let _ = TcpStream::connect(self.address);
    }
}

impl Plan {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The cut that a commit meets.
    fn take(&self) -> Option<Cut> {
        let mut state = self.state();
        let cut = state.next.take()?;
        state.away = state.then_away;
        Some(cut)
    }
}

fn accept(listener: &TcpListener, server: &str, plan: &Arc<Plan>) {
    for client in listener.incoming().map_while(Result::ok) {
        let (away, ended) = {
            let state = plan.state();
            (state.away, state.ended)
        };
        if ended {
            return;
        }
        if let Ok(server) = TcpStream::connect(server)
            && !away
        {
            let plan = Arc::clone(plan);
            std::thread::spawn(move || pass(&client, &server, &plan));
        }
    }
}

fn pass(client: &TcpStream, server: &TcpStream, plan: &Plan) {
    let _ = client.set_nodelay(true).and_then(|()| server.set_nodelay(true));
    let cut = std::thread::scope(|scope| {
        scope.spawn(|| forward_answers(server, client));
        let cut = forward_requests(client, server, plan);
        // The server executes the commit, and then sees the end of the connection.
        let _ = server.shutdown(Shutdown::Write);
        cut
    });
    if cut {
        plan.state().cuts += 1;
        plan.changed.notify_all();
    }
}

/// Forwards a client's messages until the connection ends, and returns whether it was cut.
fn forward_requests(client: &TcpStream, mut server: &TcpStream, plan: &Plan) -> bool {
    let mut messages = Messages { stream: client, buffer: Vec::new(), started: false };
    while let Some(message) = messages.next() {
        let cut = if is_commit(&message) { plan.take() } else { None };
        match cut {
            None if server.write_all(&message).is_err() => return false,
            None => {}
            Some(Cut::BeforeTheCommitArrives) => {
                let _ = client.shutdown(Shutdown::Both);
                return true;
            }
            Some(Cut::BeforeItsAnswerArrives) => {
                // From here on no response is forwarded.
                let _ = client.shutdown(Shutdown::Write);
                let _ = server.write_all(&message);
                return true;
            }
        }
    }
    false
}

fn forward_answers(mut server: &TcpStream, mut client: &TcpStream) {
    let mut buffer = [0; 4_096];
    while let Ok(length @ 1..) = received(&mut server, &mut buffer) {
        let _ = client.write_all(buffer.get(..length).unwrap_or_default());
    }
    let _ = client.shutdown(Shutdown::Both);
}

/// Reads what has arrived. A signal does not end the wait.
fn received(stream: &mut &TcpStream, buffer: &mut [u8]) -> Result<usize> {
    loop {
        match stream.read(buffer) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            outcome => return outcome,
        }
    }
}

/// A client's messages, one by one: a type, a length that includes itself, and a body. The first has no type.
struct Messages<'a> {
    stream: &'a TcpStream,
    buffer: Vec<u8>,
    started: bool,
}

impl Messages<'_> {
    fn next(&mut self) -> Option<Vec<u8>> {
        loop {
            let kind = usize::from(self.started);
            if let Some(length) = self.buffer.get(kind..).and_then(|rest| rest.first_chunk()) {
                let length = kind + usize::try_from(u32::from_be_bytes(*length)).ok()?;
                if self.buffer.len() >= length {
                    self.started = true;
                    return Some(self.buffer.drain(..length).collect());
                }
            }
            let mut read = [0; 4_096];
            let count = received(&mut self.stream, &mut read).unwrap_or(0);
            if count == 0 {
                return None;
            }
            self.buffer.extend_from_slice(read.get(..count)?);
        }
    }
}

fn is_commit(message: &[u8]) -> bool {
    message.first() == Some(&b'Q') && message.get(5..) == Some(b"commit\0")
}
