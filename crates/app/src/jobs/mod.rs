//! Jobs: work to be done reliably after the transaction that requested it.
//!
//! A job is a serialisable struct, a kind with limits, and a `run` of a few lines that is safe to repeat. It is
//! enqueued in the transaction that changes the state ([`enqueue`]), and executed by the [`Runner`] of any process. A
//! failed attempt is retried later. A job that has failed permanently is kept, and an admin can retry it. A job that
//! may have been done and must not be repeated ends as unclear.

mod limits;
mod outcome;
mod payload;
mod read;
mod runner;
mod send_code;
mod send_mail;
mod send_sms;

pub use limits::Kind;
pub use outcome::{Attempt, Outcome};
pub use read::{JobRefusal, JobsAsked, counts, get, list, retry};
pub use runner::{Runner, drain};
pub use send_code::SendCode;
pub use send_mail::SendMail;
pub use send_sms::SendSms;
pub use store::jobs::{Count, Found, NotAState, State};

use std::sync::Arc;

use domain::decide::Chance as _;
use domain::ids::JobId;
use domain::time::Instant;
use engine::Subject;
use identity::messages::{Message, Outgoing};
use store::jobs::NewJob;
use store::{Connection, StoreError, Vault};
use tokio::sync::Notify;

use crate::App;

/// All kinds of jobs.
#[derive(Clone)]
pub enum Job {
    SendCode(SendCode),
    SendSms(SendSms),
    SendMail(SendMail),
}

impl Job {
    pub fn kind(&self) -> Kind {
        match self {
            Self::SendCode(_) => Kind::SendCode,
            Self::SendSms(_) => Kind::SendSms,
            Self::SendMail(_) => Kind::SendMail,
        }
    }

    async fn run(&self, app: &App, attempt: &Attempt) -> Outcome {
        match self {
            Self::SendCode(job) => job.run(app, attempt).await,
            Self::SendSms(job) => job.run(app, attempt).await,
            Self::SendMail(job) => job.run(app, attempt).await,
        }
    }
}

/// A process's state for jobs, in addition to the database.
pub struct Jobs {
    /// The id of this process.
    runner: store::jobs::Runner,
    woken: Notify,
}

impl Jobs {
    pub(crate) fn new(chance: &mut crate::chance::SystemChance, now: Instant) -> Self {
        Self { runner: store::jobs::Runner(chance.id(now, 0)), woken: Notify::new() }
    }

    /// Wakes this process's runner after a job was enqueued. Call it after the commit. Without it, the runner finds
    /// the job within a second.
    pub fn wake(&self) {
        self.woken.notify_one();
    }
}

/// Makes jobs of what people are sent.
pub(crate) struct OutgoingJobs {
    pub jobs: Arc<Jobs>,
    pub vault: Vault,
}

impl Outgoing for OutgoingJobs {
    fn enqueue(
        &self,
        connection: &mut Connection,
        id: JobId,
        message: &Message,
        now: Instant,
    ) -> Result<(), StoreError> {
        let job = match message.clone() {
            Message::Code { challenge, to, not_after } => {
                Job::SendCode(SendCode { challenge, to, not_after })
            }
            Message::Mail { to, subject, text } => Job::SendMail(SendMail { to, subject, text, html: None }),
        };
        enqueue(connection, &self.vault, id, &job, now)
    }

    fn wake(&self) {
        self.jobs.wake();
    }
}

/// An id for a new job.
pub fn new_id(app: &App) -> JobId {
    let now = app.clock.now();
    let mut chance = app.chance.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    JobId(chance.id(now, 0))
}

/// Writes a job that is due immediately, in the transaction open on `connection`.
pub fn enqueue(
    connection: &mut Connection,
    vault: &Vault,
    id: JobId,
    job: &Job,
    now: Instant,
) -> Result<(), StoreError> {
    let kind = job.kind();
    let new = NewJob {
        id,
        kind: kind.as_str(),
        payload: payload::seal(vault, id, job),
        run_at: now,
        attempts_max: kind.limits().attempts_max,
    };
    store::jobs::enqueue(connection, &[new], now)
}

/// Writes a job in a separate transaction and wakes the runner, for jobs that follow from no change of state.
pub async fn submit(app: &App, job: Job) -> Result<JobId, crate::lanes::Fault> {
    let id = new_id(app);
    let written =
        app.engine.save(Subject(id.0), move |unit| enqueue(unit.connection, unit.vault, id, &job, unit.now));
    written.await?;
    app.jobs.wake();
    Ok(id)
}
