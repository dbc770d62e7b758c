//! Jobs as operators see them, without their payload.

use domain::ids::JobId;
use domain::time::Instant;

use super::State;
use crate::error::{Result, StoreError};
use crate::seam::{Connection, Param, Row};

/// The displayable part of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub id: JobId,
    pub kind: String,
    pub state: State,
    /// When it is due, or when it was due at its last attempt.
    pub run_at: Instant,
    pub attempts: i64,
    pub attempts_max: i64,
    /// Why the last attempt failed. Contains no personal data.
    pub last_error: Option<String>,
    pub created_at: Instant,
    pub finished_at: Option<Instant>,
}

/// Jobs of one kind in one state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    pub kind: String,
    pub state: State,
    pub jobs: i64,
}

macro_rules! columns {
    () => {
        "id, kind, state, run_at, attempts, attempts_max, last_error, created_at, finished_at"
    };
}

pub fn by_id(connection: &mut Connection, id: JobId) -> Result<Option<Found>> {
    let sql = concat!("select ", columns!(), " from jobs where id = $1");
    connection.optional(sql, &[Param::Id(id.0)], found)
}

/// Jobs before `before`, newest first, in one state or in all states.
pub fn list(
    connection: &mut Connection,
    state: Option<State>,
    before: Option<JobId>,
    count_max: i64,
) -> Result<Vec<Found>> {
    let sql = match state {
        None | Some(State::Waiting | State::Running | State::Done) => concat!(
            "select ",
            columns!(),
            " from jobs where id < $1 and ($2 = '' or state = $2) order by id desc limit $3"
        ),
        // These are few among many, so they have a separate index.
        Some(State::Dead | State::Unclear) => concat!(
            "select ",
            columns!(),
            " from jobs where state in ('dead', 'unclear') and id < $1 and state = $2 order by id desc limit $3"
        ),
    };
    let before = before.map_or(uuid::Uuid::max(), |id| id.0);
    let state = state.map_or("", State::as_str);
    connection.all(sql, &[Param::Id(before), state.into(), Param::Int(count_max)], found)
}

/// How many jobs there are, by kind and state.
pub fn counts(connection: &mut Connection) -> Result<Vec<Count>> {
    let sql = "select kind, state, count(*) from jobs group by kind, state order by kind, state";
    connection.all(sql, &[], count)
}

/// The same for jobs that are not finished, which are few.
pub fn open_counts(connection: &mut Connection) -> Result<Vec<Count>> {
    let sql =
        "select kind, state, count(*) from jobs where state in ('waiting', 'running') group by kind, state";
    connection.all(sql, &[], count)
}

/// Whether any job can be claimed.
pub fn any_due(connection: &mut Connection, now: Instant) -> Result<bool> {
    let waiting = "select run_at from jobs where state = 'waiting' and run_at <= $1 limit 1";
    if connection.optional(waiting, &[now.into()], |row| row.int(0))?.is_some() {
        return Ok(true);
    }
    let abandoned = "select locked_until from jobs where state = 'running' and locked_until <= $1 limit 1";
    Ok(connection.optional(abandoned, &[now.into()], |row| row.int(0))?.is_some())
}

/// Retries a failed job, with the number of attempts of a new one. `false` if there is no such failed job.
pub fn retry(connection: &mut Connection, id: JobId, now: Instant) -> Result<bool> {
    let changed = connection.execute(
        "update jobs set state = 'waiting', run_at = $2, attempts = 0, finished_at = null \
         where id = $1 and state in ('dead', 'unclear')",
        &[Param::Id(id.0), now.into()],
    )?;
    Ok(changed == 1)
}

/// Whether there are jobs to delete: done before `done_before`, or failed before `given_up_before`.
pub fn any_finished(
    connection: &mut Connection,
    done_before: Instant,
    given_up_before: Instant,
) -> Result<bool> {
    let sql = "select finished_at from jobs where finished_at is not null and finished_at <= $1 \
               and (state = 'done' or finished_at <= $2) limit 1";
    let found = connection.optional(sql, &[done_before.into(), given_up_before.into()], |row| row.int(0))?;
    Ok(found.is_some())
}

/// Deletes up to `count_max` of these jobs, oldest first, and returns how many.
pub fn purge(
    connection: &mut Connection,
    done_before: Instant,
    given_up_before: Instant,
    count_max: i64,
) -> Result<u64> {
    connection.execute(
        "delete from jobs where id in (select id from jobs where finished_at is not null and finished_at <= $1 \
         and (state = 'done' or finished_at <= $2) order by finished_at limit $3)",
        &[done_before.into(), given_up_before.into(), Param::Int(count_max)],
    )
}

fn count(row: &Row<'_>) -> Result<Count> {
    let kind = row.text(0)?;
    let state = state(&row.text(1)?, &kind)?;
    Ok(Count { kind, state, jobs: row.int(2)? })
}

fn found(row: &Row<'_>) -> Result<Found> {
    let id = JobId(row.id(0)?);
    Ok(Found {
        id,
        kind: row.text(1)?,
        state: state(&row.text(2)?, id)?,
        run_at: Instant(row.int(3)?),
        attempts: row.int(4)?,
        attempts_max: row.int(5)?,
        last_error: row.opt_text(6)?,
        created_at: Instant(row.int(7)?),
        finished_at: row.opt_int(8)?.map(Instant),
    })
}

fn state(word: &str, of: impl std::fmt::Display) -> Result<State> {
    word.parse().map_err(|_| StoreError::corrupt("jobs", "state", of))
}
