//! What to send, where to, and for how long.

use std::net::SocketAddr;
use std::time::Duration;

/// One run: `connections` clients, each sending its next request as soon as its last one is answered.
#[derive(Debug, Clone)]
pub struct Load<W> {
    pub address: SocketAddr,
    pub connections: usize,
    /// Generator threads; the connections are dealt out among them. One saturates most servers on two cores.
    pub threads: usize,
    pub stop: Stop,
    /// How long an exchange may take before it counts as an error and its connection is replaced.
    pub exchange_timeout: Duration,
    /// A connection on which every exchange has failed for this long is given up, so that a run against a dead server ends.
    pub give_up_after: Duration,
    pub workload: W,
}

impl<W: Workload> Load<W> {
    /// A load with one generator thread, which allows ten seconds for an exchange and ten of nothing but failures.
    pub fn new(address: SocketAddr, connections: usize, stop: Stop, workload: W) -> Self {
        let (exchange_timeout, give_up_after) = (Duration::from_secs(10), Duration::from_secs(10));
        Load { address, connections, threads: 1, stop, exchange_timeout, give_up_after, workload }
    }
}

/// When no further request is begun. Those under way are still awaited and counted.
#[derive(Debug, Clone, Copy)]
pub enum Stop {
    After(Duration),
    Requests(u64),
}

/// The requests of a run and the meaning of their answers.
pub trait Workload: Sync {
    /// Appends a whole HTTP/1.1 request, head and body, to `out`, which is empty.
    ///
    /// `number` counts from 0 over all connections and is given out once; `connection` counts from 0.
    fn write_request(&self, number: u64, connection: usize, out: &mut Vec<u8>);

    /// Judges the answer to request `number`.
    fn judge(&self, number: u64, status: u16, body: &[u8]) -> Verdict;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Sold,
    /// The server answered properly that it does not sell.
    Refused,
    /// Anything else; the answer may be kept as a sample.
    Error,
}
