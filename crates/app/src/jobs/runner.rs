//! The runner claims due jobs, executes several at once, and records their outcomes.
//!
//! Outcomes and new claims share one write, so that under load a job costs less than a commit. If a write, a response
//! or the process is lost, the job is found again when its claim expires.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use engine::Subject;
use store::jobs::{self, Claimed, Ended};
use tokio::sync::watch;
use tokio::task::{Id, JoinHandle, JoinSet};

use super::limits::{Kind, held_ms};
use super::outcome::{Attempt, Outcome, verdict};
use super::payload;
use crate::App;
use crate::lanes::Fault;

/// Maximum number of concurrent jobs in one process.
const AT_ONCE_MAX: usize = 16;
/// How often the runner looks for jobs that it was not woken for, in milliseconds.
const LOOK_EVERY_MS: u64 = 1_000;
/// How long running jobs may take when the process stops, in milliseconds. Longer ones are taken over by another
/// process.
const STOP_MS_MAX: u64 = 5_000;
/// Interval for counting unfinished jobs, in milliseconds.
const COUNT_EVERY_MS: u64 = 5_000;

/// A running runner. If dropped, it abandons its jobs.
pub struct Runner {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Runner {
    /// Starts inside a runtime.
    pub fn start(app: Arc<App>) -> Self {
        let (stop, stopping) = watch::channel(false);
        Self { stop, task: tokio::spawn(run(InFlightJobs::new(app), stopping)) }
    }

    /// Stops claiming, and waits for running jobs for a while.
    pub async fn stop(mut self) {
        let _ = self.stop.send(true);
        if tokio::time::timeout(Duration::from_millis(STOP_MS_MAX), &mut self.task).await.is_err() {
            tracing::warn!("stopping while jobs are running; another process will retry them");
            self.task.abort();
            let _ = (&mut self.task).await;
        }
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Executes everything that is due and returns the number of attempts: for tests, and for commands that end.
pub async fn drain(app: &Arc<App>) -> Result<usize, Fault> {
    let mut in_flight = InFlightJobs::new(Arc::clone(app));
    let mut attempts = 0;
    loop {
        let claimed = in_flight.turn().await?;
        attempts += claimed;
        if claimed == 0 && in_flight.are_empty() {
            return Ok(attempts);
        }
        in_flight.take_ended().await;
    }
}

async fn run(mut in_flight: InFlightJobs, mut stopping: watch::Receiver<bool>) {
    let mut looks = ticks(LOOK_EVERY_MS);
    let mut counts = ticks(COUNT_EVERY_MS);
    let app = Arc::clone(&in_flight.app);
    let mut is_out = false;
    loop {
        let is_stopping = *stopping.borrow();
        in_flight.is_closed = is_stopping;
        let turned = in_flight.turn().await;
        // Logged once per outage, not in each turn.
        let was_out = std::mem::replace(&mut is_out, turned.is_err());
        if let Err(error) = turned
            && !was_out
        {
            tracing::error!(%error, "cannot read or update jobs; retrying");
        }
        if is_stopping && in_flight.are_empty() {
            return;
        }
        tokio::select! {
            () = app.jobs.woken.notified() => {}
            _ = looks.tick() => {}
            () = in_flight.take_ended(), if !in_flight.under_way.is_empty() => {}
            _ = counts.tick() => count(&app).await,
            _ = stopping.changed(), if !is_stopping => {}
        }
    }
}

fn ticks(every_ms: u64) -> tokio::time::Interval {
    let mut ticks = tokio::time::interval(Duration::from_millis(every_ms));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    ticks
}

/// The jobs that a runner holds.
struct InFlightJobs {
    app: Arc<App>,
    under_way: JoinSet<Outcome>,
    held: HashMap<Id, Claimed>,
    /// Completed attempts whose outcomes are not recorded yet.
    ended: Vec<(Claimed, Outcome)>,
    /// Accepts no new jobs.
    is_closed: bool,
}

impl InFlightJobs {
    fn new(app: Arc<App>) -> Self {
        Self { app, under_way: JoinSet::new(), held: HashMap::new(), ended: Vec::new(), is_closed: false }
    }

    fn are_empty(&self) -> bool {
        self.under_way.is_empty() && self.ended.is_empty()
    }

    /// Records outcomes, claims due jobs and starts them. Returns how many there were.
    async fn turn(&mut self) -> Result<usize, Fault> {
        let free = if self.is_closed { 0 } else { AT_ONCE_MAX - self.under_way.len() };
        let may_claim = free > 0 && self.is_anything_due().await?;
        if self.ended.is_empty() && !may_claim {
            return Ok(0);
        }
        let (runner, ended) = (self.app.jobs.runner, self.ended.clone());
        let written = self.app.engine.save(Subject(runner.0), move |unit| {
            let (connection, now) = unit.parts();
            let ended = ended.iter().map(|(job, outcome)| Ended {
                job: job.id,
                attempt: job.attempt,
                verdict: verdict(outcome.clone(), job, now),
            });
            jobs::settle(connection, runner, &ended.collect::<Vec<_>>(), now)?;
            jobs::claim(connection, runner, (now, free), held_ms)
        });
        // If the write failed, the outcomes are kept and written with the next ones.
        let claimed = written.await?;
        self.ended.clear();
        let count = claimed.len();
        for job in claimed {
            self.begin(job);
        }
        Ok(count)
    }

    async fn is_anything_due(&self) -> Result<bool, Fault> {
        let now = self.app.clock.now();
        Ok(self.app.readers.ask(move |connection| jobs::any_due(connection, now)).await?)
    }

    fn begin(&mut self, job: Claimed) {
        let task = self.under_way.spawn(attempt(Arc::clone(&self.app), job.clone()));
        self.held.insert(task.id(), job);
    }

    /// Waits for an attempt to end, and collects others that have ended.
    async fn take_ended(&mut self) {
        let mut next = self.under_way.join_next_with_id().await;
        while let Some(joined) = next {
            let (task, outcome) = match joined {
                Ok((task, outcome)) => (task, outcome),
                Err(error) => (error.id(), Outcome::broken_off("the job panicked")),
            };
            if let Some(job) = self.held.remove(&task) {
                note(&self.app, &job, &outcome);
                self.ended.push((job, outcome));
            }
            next = self.under_way.try_join_next_with_id();
        }
    }
}

/// One attempt of a job.
async fn attempt(app: Arc<App>, claimed: Claimed) -> Outcome {
    let Some(kind) = Kind::from_word(&claimed.kind) else {
        let reason = "unknown job kind; a newer version of the server may know it".to_owned();
        return Outcome::Again { after_ms: None, in_doubt: claimed.in_doubt, reason };
    };
    let job = match payload::open(&app.vault, claimed.id, kind, &claimed.payload) {
        Ok(job) => job,
        Err(error) => return Outcome::dead(error.to_string()),
    };
    let attempt = Attempt { job: claimed.id, in_doubt: claimed.in_doubt, created_at: claimed.created_at };
    let allowed = Duration::from_millis(u64::try_from(kind.limits().run_ms_max).unwrap_or(0));
    match tokio::time::timeout(allowed, job.run(&app, &attempt)).await {
        Ok(outcome) => outcome,
        Err(_) => Outcome::broken_off("the attempt timed out"),
    }
}

/// Logged and counted once, when an attempt completes or fails.
fn note(app: &App, job: &Claimed, outcome: &Outcome) {
    app.metrics.jobs_ended.with_label_values(&[job.kind.as_str(), outcome.word()]).inc();
    let (id, kind, attempt) = (job.id, &job.kind, job.attempt);
    match outcome {
        Outcome::Done => tracing::debug!(%id, kind, attempt, "job done"),
        Outcome::Again { reason, .. } => {
            tracing::warn!(%id, kind, attempt, reason, "job attempt failed; retrying");
        }
        Outcome::Dead { reason } => tracing::error!(%id, kind, attempt, reason, "job failed permanently"),
        Outcome::Unclear { reason } => tracing::error!(%id, kind, attempt, reason, "job outcome unknown"),
    }
}

/// Updates the metrics of waiting and running jobs, over all processes.
async fn count(app: &App) {
    let counted = match app.readers.ask(jobs::open_counts).await {
        Ok(counted) => counted,
        Err(error) => return tracing::debug!(%error, "cannot count jobs"),
    };
    for kind in Kind::ALL {
        for state in [jobs::State::Waiting, jobs::State::Running] {
            let count = counted.iter().find(|count| count.kind == kind.as_str() && count.state == state);
            let gauge = app.metrics.jobs_open.with_label_values(&[kind.as_str(), state.as_str()]);
            gauge.set(count.map_or(0, |count| count.jobs));
        }
    }
}
