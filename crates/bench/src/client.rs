//! One client: a connection that sends its next request as soon as the last one is answered.

use std::io;
use std::time::Instant;

use mio::Registry;

use crate::connection::{Connection, Failure, Scratch};
use crate::load::{Load, Verdict, Workload};
use crate::record::{Record, answer_text};
use crate::supply::Supply;

/// The data shared by the clients of a thread.
pub struct Context<'a, W> {
    pub load: &'a Load<W>,
    pub supply: &'a Supply,
    pub registry: Registry,
    pub scratch: Scratch,
    pub record: Record,
    /// Clients that are not finished.
    pub working: usize,
}

pub struct Client {
    /// Its number among the connections of all threads.
    index: usize,
    connection: Connection,
    /// The connection is closed or unusable: the next exchange opens another.
    broken: bool,
    failing_since: Option<Instant>,
    state: State,
}

#[derive(Clone, Copy)]
enum State {
    Waiting {
        number: u64,
        started: Instant,
    },
    /// Not started, or the last exchange failed. The next sweep starts another one.
    Resting,
    Finished,
}

impl Client {
    pub fn new(index: usize, connection: Connection) -> Self {
        Client { index, connection, broken: false, failing_since: None, state: State::Resting }
    }

    /// Continues the exchange when its socket is ready. `hung_up` means that the server sends no more.
    pub fn serve<W: Workload>(&mut self, context: &mut Context<'_, W>, hung_up: bool) {
        let State::Waiting { number, started } = self.state else { return };
        match self.receive(context, number, started) {
            Ok(None) => {}
            Ok(Some((now, close))) => {
                // A response that arrives before the whole request was sent leaves the connection out of step.
                self.broken = close || hung_up || self.connection.is_sending();
                self.failing_since = None;
                self.begin(context, now);
            }
            Err(failure) => self.fail(context, started, &failure),
        }
    }

    /// Fails an exchange that takes too long; starts one if there is none.
    pub fn sweep<W: Workload>(&mut self, context: &mut Context<'_, W>, now: Instant) {
        match self.state {
            State::Waiting { started, .. } => {
                if now.saturating_duration_since(started) >= context.load.exchange_timeout {
                    self.fail(context, started, &Failure::TimedOut);
                }
            }
            State::Resting => self.begin(context, now),
            State::Finished => {}
        }
    }

    /// When the response was complete, and whether the server closes the connection after it.
    fn receive<W: Workload>(
        &mut self,
        context: &mut Context<'_, W>,
        number: u64,
        started: Instant,
    ) -> Result<Option<(Instant, bool)>, Failure> {
        let Context { load, scratch, record, .. } = context;
        self.connection.flush()?;
        self.connection.receive(scratch, |answer| {
            let now = Instant::now();
            let verdict = load.workload.judge(number, answer.status, answer.body);
            record.count(verdict, now.saturating_duration_since(started));
            if verdict == Verdict::Error {
                record.sample(|| answer_text(answer.status, answer.body));
            }
            (now, answer.close)
        })
    }

    fn begin<W: Workload>(&mut self, context: &mut Context<'_, W>, now: Instant) {
        let Some(number) = context.supply.take(now) else { return self.finish(context) };
        context.scratch.request.clear();
        context.load.workload.write_request(number, self.index, &mut context.scratch.request);
        let started = Instant::now();
        self.state = State::Waiting { number, started };
        if let Err(error) = self.send(context) {
            self.fail(context, started, &error.into());
        }
    }

    fn send<W>(&mut self, context: &Context<'_, W>) -> io::Result<()> {
        if self.broken {
            self.connection.reopen(context.load.address, &context.registry)?;
            self.broken = false;
        }
        self.connection.send(&context.scratch.request)
    }

    fn fail<W>(&mut self, context: &mut Context<'_, W>, started: Instant, failure: &Failure) {
        let now = Instant::now();
        context.record.count(Verdict::Error, now.saturating_duration_since(started));
        context.record.sample(|| failure.to_string());
        self.broken = true;
        let since = *self.failing_since.get_or_insert(now);
        if now.saturating_duration_since(since) >= context.load.give_up_after {
            self.finish(context);
        } else {
            self.state = State::Resting;
        }
    }

    fn finish<W>(&mut self, context: &mut Context<'_, W>) {
        self.state = State::Finished;
        context.working -= 1;
    }
}
