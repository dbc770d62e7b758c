//! Jobs: work to do after the transaction that requested it. A job is written in that transaction, so that it exists
//! if and only if the change was committed. Runners then claim it, execute it and record the outcome.
//!
//! A claim expires: a job whose runner has died is claimed again, and the new runner knows that the job may have been
//! done. An outcome is accepted only from the runner that holds the job, for the claimed attempt.

mod lists;
mod state;

pub use lists::{Count, Found, any_due, any_finished, by_id, counts, list, open_counts, purge, retry};
pub use state::{NotAState, State};

use domain::ids::JobId;
use domain::time::Instant;
use uuid::Uuid;

use crate::error::Result;
use crate::seam::{Connection, Param, Row, Rows};

/// The error of a job whose runner died during the last attempt.
const DIED_LAST: &str = "the process ended during the last attempt";

/// A new job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJob {
    pub id: JobId,
    pub kind: &'static str,
    /// The input of the job, in the format of its kind. The caller seals personal data.
    pub payload: Vec<u8>,
    /// The earliest time to run it.
    pub run_at: Instant,
    /// The maximum number of attempts; at least 1.
    pub attempts_max: i64,
}

/// A runner: one process start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Runner(pub Uuid);

/// A job that a runner has claimed, for one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    pub id: JobId,
    pub kind: String,
    pub payload: Vec<u8>,
    /// 1 for the first.
    pub attempt: i64,
    pub attempts_max: i64,
    /// An earlier attempt may have done the job; its outcome is unknown.
    pub in_doubt: bool,
    pub created_at: Instant,
}

/// The outcome of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Done,
    /// To be retried at `at`. Operators read the reason; it contains no personal data.
    Again {
        at: Instant,
        in_doubt: bool,
        reason: String,
    },
    /// Failed: it was not done.
    Dead {
        reason: String,
    },
    /// Failed: it may have been done.
    Unclear {
        reason: String,
    },
}

/// The end of one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    pub job: JobId,
    pub attempt: i64,
    pub verdict: Verdict,
}

/// Writes jobs in the transaction of the change that requests them.
pub fn enqueue(connection: &mut Connection, jobs: &[NewJob], now: Instant) -> Result<()> {
    let mut rows = Rows::new(6, jobs.len());
    for job in jobs {
        rows.push([
            Param::Id(job.id.0),
            job.kind.into(),
            Param::Bytes(&job.payload),
            job.run_at.into(),
            Param::Int(job.attempts_max),
            now.into(),
        ]);
    }
    connection.write_many(
        "insert into jobs (id, kind, payload, state, run_at, attempts, attempts_max, in_doubt, created_at) \
         values ($1, $2, $3, 'waiting', $4, 0, $5, 0, $6)",
        &rows,
    )
}

/// Claims up to `count_max` jobs for `runner`: first those whose runner has died, then those that are due, oldest
/// first. `held_ms` returns how long a claim of each kind lasts. Skips jobs that others are claiming.
pub fn claim(
    connection: &mut Connection,
    runner: Runner,
    (now, count_max): (Instant, usize),
    held_ms: impl Fn(&str) -> i64,
) -> Result<Vec<Claimed>> {
    let abandoned = find(
        connection,
        "select id, kind, payload, attempts, attempts_max, in_doubt, created_at from jobs \
         where state = 'running' and locked_until <= $1 order by locked_until limit $2 for update skip locked",
        (now, count_max),
    )?;
    let (mut claimed, lost): (Vec<_>, Vec<_>) =
        abandoned.into_iter().partition(|job| job.attempt < job.attempts_max);
    for job in &mut claimed {
        job.in_doubt = true;
    }
    give_up(connection, &lost, now)?;
    let due = find(
        connection,
        "select id, kind, payload, attempts, attempts_max, in_doubt, created_at from jobs \
         where state = 'waiting' and run_at <= $1 order by run_at, id limit $2 for update skip locked",
        (now, count_max - claimed.len()),
    )?;
    claimed.extend(due);
    for job in &mut claimed {
        job.attempt += 1;
    }
    hold(connection, runner, &claimed, |job| now + held_ms(&job.kind))?;
    Ok(claimed)
}

/// Records the outcomes of attempts. Ignores attempts that another runner has taken over.
pub fn settle(connection: &mut Connection, runner: Runner, ended: &[Ended], now: Instant) -> Result<()> {
    let mut rows = Rows::new(9, ended.len());
    for Ended { job, attempt, verdict } in ended {
        let (state, run_at, in_doubt, reason) = match verdict {
            Verdict::Done => (State::Done, None, false, None),
            Verdict::Again { at, in_doubt, reason } => (State::Waiting, Some(*at), *in_doubt, Some(reason)),
            Verdict::Dead { reason } => (State::Dead, None, false, Some(reason)),
            Verdict::Unclear { reason } => (State::Unclear, None, true, Some(reason)),
        };
        rows.push([
            Param::Id(job.0),
            Param::Id(runner.0),
            Param::Int(*attempt),
            state.as_str().into(),
            run_at.into(),
            in_doubt.into(),
            reason.into(),
            state.is_over().then_some(now).into(),
            Param::Bytes(b""),
        ]);
    }
    connection.write_many(
        "update jobs set state = $4, run_at = coalesce($5, run_at), in_doubt = $6, last_error = $7, finished_at = $8, \
         payload = case when $4 = 'done' then $9 else payload end, locked_by = null, locked_until = null \
         where id = $1 and locked_by = $2 and attempts = $3",
        &rows,
    )
}

fn find(
    connection: &mut Connection,
    sql: &'static str,
    (now, count_max): (Instant, usize),
) -> Result<Vec<Claimed>> {
    let limit = i64::try_from(count_max).unwrap_or(i64::MAX);
    connection.all(sql, &[now.into(), Param::Int(limit)], claimable)
}

fn claimable(row: &Row<'_>) -> Result<Claimed> {
    Ok(Claimed {
        id: JobId(row.id(0)?),
        kind: row.text(1)?,
        payload: row.bytes(2)?,
        attempt: row.int(3)?,
        attempts_max: row.int(4)?,
        in_doubt: row.int(5)? == 1,
        created_at: Instant(row.int(6)?),
    })
}

fn hold(
    connection: &mut Connection,
    runner: Runner,
    jobs: &[Claimed],
    until: impl Fn(&Claimed) -> Instant,
) -> Result<()> {
    let mut rows = Rows::new(5, jobs.len());
    for job in jobs {
        rows.push([
            Param::Id(job.id.0),
            Param::Int(job.attempt),
            job.in_doubt.into(),
            Param::Id(runner.0),
            until(job).into(),
        ]);
    }
    connection.write_many(
        "update jobs set state = 'running', attempts = $2, in_doubt = $3, locked_by = $4, locked_until = $5 where id = $1",
        &rows,
    )
}

/// Ends jobs that have no attempts left.
fn give_up(connection: &mut Connection, jobs: &[Claimed], now: Instant) -> Result<()> {
    let mut rows = Rows::new(3, jobs.len());
    for job in jobs {
        rows.push([Param::Id(job.id.0), now.into(), DIED_LAST.into()]);
    }
    connection.write_many(
        "update jobs set state = 'unclear', in_doubt = 1, finished_at = $2, last_error = $3, locked_by = null, \
         locked_until = null where id = $1",
        &rows,
    )
}
