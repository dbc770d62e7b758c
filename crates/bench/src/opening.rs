//! Opens the connections before the measurement starts.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Maximum time for a starting server to listen.
const OPENING_TIME_MAX: Duration = Duration::from_secs(10);
/// Enough to hide the round trips to a remote server.
const OPENING_AT_ONCE: usize = 16;
const REFUSED_PAUSE: Duration = Duration::from_millis(20);

/// Raises this process's limit on open files as far as permitted. The usual limit of 1,024 is too low for a thousand
/// connections if the server under test is in the same process or inherits the limit.
pub fn allow_open_files() {
    let limit = getrlimit(Resource::Nofile);
    // If this fails, opening the connections reports it better than this function could.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
}

/// Opens `count` connections and retries while the server is not listening.
///
/// A server whose accept queue is shorter than `count` may refuse some connections, which the kernel retries after a
/// second. This delays the start of the run, not its requests.
pub fn open_connections(address: SocketAddr, count: usize) -> Result<Vec<TcpStream>> {
    let deadline = Instant::now() + OPENING_TIME_MAX;
    let openers = count.clamp(1, OPENING_AT_ONCE);
    thread::scope(|scope| {
        let openers: Vec<_> = (0..openers)
            .map(|opener| {
                scope.spawn(move || open_share(address, (opener..count).step_by(openers).len(), deadline))
            })
            .collect();
        let mut connections = Vec::with_capacity(count);
        for opener in openers {
            let opened = opener.join().map_err(|_| anyhow!("an opening thread panicked"))?;
            connections.append(
                &mut opened.with_context(|| format!("cannot open {count} connections to {address}"))?,
            );
        }
        Ok(connections)
    })
}

fn open_share(address: SocketAddr, count: usize, deadline: Instant) -> io::Result<Vec<TcpStream>> {
    (0..count).map(|_| open_connection(address, deadline)).collect()
}

fn open_connection(address: SocketAddr, deadline: Instant) -> io::Result<TcpStream> {
    loop {
        let left = deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
        match TcpStream::connect_timeout(&address, left) {
            Ok(stream) => {
                stream.set_nodelay(true)?;
                stream.set_nonblocking(true)?;
                return Ok(stream);
            }
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused && Instant::now() < deadline => {
                pause_refused();
            }
            Err(error) => return Err(error),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "nothing tells when a server elsewhere begins to listen")]
fn pause_refused() {
    thread::sleep(REFUSED_PAUSE);
}
