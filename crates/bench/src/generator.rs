//! One generator thread: a poll loop over its share of the clients.

use std::io;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use mio::{Events, Poll, Token};
use rustix::time::{ClockId, clock_gettime};

use crate::client::{Client, Context};
use crate::connection::{Connection, Scratch};
use crate::load::{Load, Workload};
use crate::record::{Published, Record};
use crate::supply::Supply;

/// Interval for checking timeouts, retrying failed clients and publishing counts.
const SWEEP: Duration = Duration::from_millis(50);
const EVENTS_AT_ONCE: usize = 1024;

pub struct Generator<'a, W> {
    poll: Poll,
    /// At the position of their connection's token.
    clients: Vec<Client>,
    context: Context<'a, W>,
}

impl<'a, W: Workload> Generator<'a, W> {
    /// Takes over open connections, each with its number among those of all threads.
    pub fn new(
        load: &'a Load<W>,
        supply: &'a Supply,
        streams: impl Iterator<Item = (usize, TcpStream)>,
    ) -> io::Result<Self> {
        let poll = Poll::new()?;
        let registry = poll.registry().try_clone()?;
        let clients = streams.enumerate().map(|(position, (index, stream))| {
            let stream = mio::net::TcpStream::from_std(stream);
            Ok(Client::new(index, Connection::new(stream, Token(position), &registry)?))
        });
        let clients = clients.collect::<io::Result<Vec<_>>>()?;
        let (scratch, record, working) = (Scratch::default(), Record::default(), clients.len());
        Ok(Generator { poll, clients, context: Context { load, supply, registry, scratch, record, working } })
    }

    /// Runs until every client has finished.
    pub fn run(mut self, published: &Published) -> io::Result<Record> {
        let mut events = Events::with_capacity(EVENTS_AT_ONCE);
        let mut next_sweep = Instant::now();
        while self.context.working > 0 {
            let now = Instant::now();
            if now >= next_sweep {
                self.sweep(now);
                published.publish(&self.context.record);
                next_sweep = now + SWEEP;
            }
            wait(&mut self.poll, &mut events)?;
            for event in &events {
                let client = self.clients.get_mut(event.token().0).expect("tokens are positions");
                client.serve(&mut self.context, event.is_read_closed());
            }
        }
        let mut record = self.context.record;
        record.finish(Instant::now(), thread_cpu());
        Ok(record)
    }

    fn sweep(&mut self, now: Instant) {
        for client in &mut self.clients {
            client.sweep(&mut self.context, now);
        }
    }
}

fn wait(poll: &mut Poll, events: &mut Events) -> io::Result<()> {
    match poll.poll(events, Some(SWEEP)) {
        Err(error) if error.kind() == io::ErrorKind::Interrupted => {
            events.clear();
            Ok(())
        }
        other => other,
    }
}

/// The processor time of this thread so far.
fn thread_cpu() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
}
