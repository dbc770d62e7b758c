//! Jobs: what is to be done outside the transaction that asked for it. A job is written in that very transaction, so
//! that it is there if and only if the change is; runners then claim it, do it and say how it ended.
//!
//! A claim ends by itself: a job whose runner has died is claimed again, and whoever does it is told that it may have
//! been done. How a job ended is only taken from the runner that holds it, for the attempt that it holds.

mod lists;
mod state;

pub use lists::{Count, Found, any_due, any_finished, by_id, counts, list, open_counts, purge, retry};
pub use state::{NotAState, State};

use domain::ids::JobId;
use domain::time::Instant;
use uuid::Uuid;

use crate::error::Result;
use crate::seam::{Connection, Param, Row, Rows};

/// Why a job is given up whose runner died in its last attempt.
const DIED_LAST: &str = "the process ended during the last attempt";

/// A job to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJob {
    pub id: JobId,
    pub kind: &'static str,
    /// What the kind of job reads back. Whoever writes it seals what is personal.
    pub payload: Vec<u8>,
    /// Not before this moment.
    pub run_at: Instant,
    /// How often it is begun before it is given up; at least 1.
    pub attempts_max: i64,
}

/// Whoever runs jobs: one process start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Runner(pub Uuid);

/// A job that a runner holds, for one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    pub id: JobId,
    pub kind: String,
    pub payload: Vec<u8>,
    /// 1 for the first.
    pub attempt: i64,
    pub attempts_max: i64,
    /// An earlier attempt may have done what the job is for, and nobody knows.
    pub in_doubt: bool,
    pub created_at: Instant,
}

/// What becomes of a job after an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Done,
    /// To be tried again at `at`. The reason is read by operators and names nobody.
    Again {
        at: Instant,
        in_doubt: bool,
        reason: String,
    },
    /// Given up: it was not done.
    Dead {
        reason: String,
    },
    /// Given up: it may have been done.
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

/// Writes jobs into the transaction that changes the state they follow from.
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
/// first. `held_ms` tells for each kind how long a claim holds. Jobs that others are claiming at this moment are
/// passed over.
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

/// Writes down how attempts ended. An attempt that another runner has taken over meanwhile is not touched.
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

/// Ends jobs that nobody may begin again.
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
