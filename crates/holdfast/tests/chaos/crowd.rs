//! Concurrent buyers: each has its own connection and sends its next request as soon as the last one was answered.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use testkit::{STATE_WAIT_MAX, SeededChance};

use super::http::{Act, Call, Connection, Reply};

/// A request and its response: none if the connection ended first.
pub struct Attempt {
    pub call: Call,
    pub reply: Option<Reply>,
    pub took: Duration,
}

impl Attempt {
    /// The response, if it confirms the booking.
    pub fn booked(&self) -> Option<&Reply> {
        self.reply.as_ref().filter(|reply| self.call.act == Act::Book && reply.status == 201)
    }
}

/// The refusals for an unavailable server, each checked, and the duration of the slowest.
pub fn slowest_not_now(attempts: &[Attempt]) -> Duration {
    let refused = attempts.iter().filter(|a| a.reply.as_ref().is_some_and(|reply| reply.status == 503));
    refused
        .map(|attempt| {
            let reply = attempt.reply.as_ref().unwrap();
            assert!(reply.is_not_now("not_done") || reply.is_not_now("unknown"), "{reply:?}");
            attempt.took
        })
        .max()
        .unwrap()
}

/// Progress reports of the crowd.
pub enum Event {
    Sent,
    Answered { act: Act, status: u16 },
}

impl Event {
    pub fn is_answer(&self) -> bool {
        matches!(self, Self::Answered { .. })
    }

    pub fn has_status(&self, wanted: u16) -> bool {
        matches!(self, Self::Answered { status, .. } if *status == wanted)
    }

    pub fn is_booked(&self) -> bool {
        matches!(self, Self::Answered { act: Act::Book, status: 201 })
    }

    pub fn is_read(&self, wanted: u16) -> bool {
        matches!(self, Self::Answered { act: Act::Read, status } if *status == wanted)
    }
}

/// Decides a buyer's next request, based on the previous ones.
type Choose = dyn Fn(&mut SeededChance, &[Attempt]) -> Call + Send + Sync;

pub struct Crowd {
    buyers: Vec<JoinHandle<Vec<Attempt>>>,
    events: Receiver<Event>,
    enough: Arc<AtomicBool>,
}

impl Crowd {
    pub fn start(
        address: SocketAddr,
        count: u64,
        seed: u64,
        choose: impl Fn(&mut SeededChance, &[Attempt]) -> Call + Send + Sync + 'static,
    ) -> Self {
        let (sender, events) = channel();
        let enough = Arc::new(AtomicBool::new(false));
        let choose: Arc<Choose> = Arc::new(choose);
        let buyers = (0..count).map(|number| {
            let buyer = Buyer {
                address,
                chance: SeededChance::new(seed ^ (number << 32)),
                choose: Arc::clone(&choose),
                events: sender.clone(),
                enough: Arc::clone(&enough),
            };
            std::thread::spawn(move || buyer.buy())
        });
        Self { buyers: buyers.collect(), events, enough }
    }

    /// Waits until this many events of a sort have come. Each may take as long as a state may.
    pub fn wait_for(&self, count: u64, wanted: impl Fn(&Event) -> bool) {
        for seen in 0..count {
            let deadline = Instant::now() + STATE_WAIT_MAX;
            while !wanted(&self.next_event(deadline, || format!("{seen} of {count} events came"))) {}
        }
    }

    fn next_event(&self, deadline: Instant, late: impl Fn() -> String) -> Event {
        let left = deadline.saturating_duration_since(Instant::now());
        self.events.recv_timeout(left).unwrap_or_else(|_| panic!("{}", late()))
    }

    /// Waits until this many events of a kind have occurred from now on.
    pub fn wait_for_new(&self, count: u64, wanted: impl Fn(&Event) -> bool) {
        while self.events.try_recv().is_ok() {}
        self.wait_for(count, wanted);
    }

    /// Lets everyone finish their current request.
    pub fn end(self) -> Vec<Attempt> {
        self.enough.store(true, Ordering::SeqCst);
        self.gone()
    }

    /// Waits until everyone has left, as they do when their connection ends.
    pub fn gone(self) -> Vec<Attempt> {
        drop(self.events);
        self.buyers.into_iter().flat_map(|buyer| buyer.join().unwrap()).collect()
    }
}

struct Buyer {
    address: SocketAddr,
    chance: SeededChance,
    choose: Arc<Choose>,
    events: Sender<Event>,
    enough: Arc<AtomicBool>,
}

impl Buyer {
    fn buy(mut self) -> Vec<Attempt> {
        let mut attempts = Vec::new();
        let Ok(mut connection) = Connection::open(self.address) else { return attempts };
        while !self.enough.load(Ordering::SeqCst) {
            let call = (self.choose)(&mut self.chance, &attempts);
            let began = Instant::now();
            let sent = connection.send(&call);
            self.tell(Event::Sent);
            let reply = sent.and_then(|()| connection.receive());
            let hung = reply.as_ref().is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock);
            assert!(!hung, "no answer at all: {call:?}");
            if let Ok(reply) = &reply {
                self.tell(Event::Answered { act: call.act, status: reply.status });
            }
            let gone = reply.is_err();
            attempts.push(Attempt { call, reply: reply.ok(), took: began.elapsed() });
            if gone {
                break;
            }
        }
        attempts
    }

    fn tell(&self, event: Event) {
        // Without listeners the events are not needed.
        let _ = self.events.send(event);
    }
}
