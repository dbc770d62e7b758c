//! Idempotency keys and the answers they bring back.

use domain::time::Instant;
use uuid::Uuid;

use crate::error::Result;
use crate::seam::{Connection, Param, Row, Rows};

/// A key belongs to whoever sent it and to one operation.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct KeyScope {
    pub caller: Uuid,
    pub operation: &'static str,
    pub key: String,
}

/// What a key was used for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedAnswer {
    pub request_hash: Vec<u8>,
    pub status: i64,
    pub body: Vec<u8>,
    pub created_at: Instant,
    pub expires_at: Instant,
}

/// The answers recorded under the given keys, beside each key's place in `scopes`.
pub fn find(connection: &mut Connection, scopes: &[&KeyScope]) -> Result<Vec<(usize, RecordedAnswer)>> {
    let mut rows = Rows::new(3, scopes.len());
    for scope in scopes {
        rows.push([Param::Id(scope.caller), scope.operation.into(), (&scope.key).into()]);
    }
    connection.all_many(
        "select request_hash, answer_status, answer_body, created_at, expires_at from idempotency_keys \
         where caller = $1 and operation = $2 and key = $3",
        &rows,
        |index, row| Ok((index, recorded(row)?)),
    )
}

/// Records answers. A key that another process recorded meanwhile violates the primary key, and the whole batch fails.
pub(crate) fn insert(connection: &mut Connection, answers: &[(KeyScope, RecordedAnswer)]) -> Result<()> {
    let mut rows = Rows::new(8, answers.len());
    for (scope, answer) in answers {
        rows.push([
            Param::Id(scope.caller),
            scope.operation.into(),
            (&scope.key).into(),
            Param::Bytes(&answer.request_hash),
            Param::Int(answer.status),
            Param::Bytes(&answer.body),
            answer.created_at.into(),
            answer.expires_at.into(),
        ]);
    }
    connection.write_many(
        "insert into idempotency_keys (caller, operation, key, request_hash, answer_status, answer_body, created_at, \
         expires_at) values ($1, $2, $3, $4, $5, $6, $7, $8)",
        &rows,
    )
}

/// Forgets keys whose time is over, so that they can be used again.
pub(crate) fn delete(connection: &mut Connection, scopes: &[KeyScope]) -> Result<()> {
    let mut rows = Rows::new(3, scopes.len());
    for scope in scopes {
        rows.push([Param::Id(scope.caller), scope.operation.into(), (&scope.key).into()]);
    }
    connection
        .write_many("delete from idempotency_keys where caller = $1 and operation = $2 and key = $3", &rows)
}

/// Whether there are keys to forget.
pub fn any_ended(connection: &mut Connection, now: Instant) -> Result<bool> {
    let sql = "select expires_at from idempotency_keys where expires_at <= $1 limit 1";
    Ok(connection.optional(sql, &[now.into()], |row| row.int(0))?.is_some())
}

/// Forgets up to `count_max` keys that ended before `now`; tells how many.
pub fn purge(connection: &mut Connection, now: Instant, count_max: i64) -> Result<u64> {
    connection.execute(
        "delete from idempotency_keys where (caller, operation, key) in \
         (select caller, operation, key from idempotency_keys where expires_at <= $1 order by expires_at limit $2)",
        &[now.into(), Param::Int(count_max)],
    )
}

fn recorded(row: &Row<'_>) -> Result<RecordedAnswer> {
    Ok(RecordedAnswer {
        request_hash: row.bytes(0)?,
        status: row.int(1)?,
        body: row.bytes(2)?,
        created_at: Instant(row.int(3)?),
        expires_at: Instant(row.int(4)?),
    })
}
