//! What to send, where, and for how long.

use std::net::SocketAddr;
use std::time::Duration;

/// One load: `connections` clients, each sending its next request as soon as its last one is answered.
#[derive(Debug, Clone)]
pub struct Load<W> {
    pub address: SocketAddr,
    pub connections: usize,
    /// Generator threads. The connections are divided among them. One thread saturates most servers on two cores.
    pub threads: usize,
    pub stop: Stop,
    /// Maximum duration of an exchange. A longer one is an error, and its connection is replaced.
    pub exchange_timeout: Duration,
    /// A connection whose exchanges have all failed for this long is abandoned, so that a run against a dead server
    /// ends.
    pub give_up_after: Duration,
    pub workload: W,
}

impl<W: Workload> Load<W> {
    /// A load with one generator thread, a timeout of ten seconds per exchange, and ten seconds of failures before
    /// giving up.
    pub fn new(address: SocketAddr, connections: usize, stop: Stop, workload: W) -> Self {
        let (exchange_timeout, give_up_after) = (Duration::from_secs(10), Duration::from_secs(10));
        Load { address, connections, threads: 1, stop, exchange_timeout, give_up_after, workload }
    }
}

/// When no further request is started. Pending ones are still awaited and counted.
#[derive(Debug, Clone, Copy)]
pub enum Stop {
    After(Duration),
    Requests(u64),
}

/// The requests of a run and the meaning of their responses.
pub trait Workload: Sync {
    /// Appends a whole HTTP/1.1 request, head and body, to `out`, which is empty.
    ///
    /// `number` counts from 0 over all connections and is used once; `connection` counts from 0.
    fn write_request(&self, number: u64, connection: usize, out: &mut Vec<u8>);

    /// Judges the answer to request `number`.
    fn judge(&self, number: u64, status: u16, body: &[u8]) -> Verdict;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Sold,
    /// The server correctly answered that it does not sell.
    Refused,
    /// Anything else. The response may be kept as a sample.
    Error,
}
