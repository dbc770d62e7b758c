//! Idempotency keys and their recorded answers.

mod packed;

use domain::ids::PersonId;
use domain::time::Instant;
use uuid::Uuid;

use crate::error::{Result, StoreError};
use crate::seam::{Connection, Param, Row, Rows};
use crate::vault::people::{self, PersonKeys};
use crate::vault::{AadContext, Vault};

/// A key belongs to its caller and to one operation.
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
    /// `None` after one of the people in it has been erased.
    pub body: Option<Vec<u8>>,
    /// The people whose data the body contains. It is sealed under their keys.
    pub people: Vec<PersonId>,
    pub created_at: Instant,
    pub expires_at: Instant,
}

/// What a transaction records about the requests it answered.
#[derive(Debug, Default)]
pub struct Answers {
    pub recorded: Vec<(KeyScope, RecordedAnswer)>,
    /// Expired keys that are used again.
    pub outlived: Vec<KeyScope>,
}

/// The answers recorded for the given keys, with each key's position in `scopes`.
pub fn find(
    connection: &mut Connection,
    vault: &Vault,
    scopes: &[&KeyScope],
) -> Result<Vec<(usize, RecordedAnswer)>> {
    let mut rows = Rows::new(3, scopes.len());
    for scope in scopes {
        rows.push([Param::Id(scope.caller), scope.operation.into(), (&scope.key).into()]);
    }
    let mut found = connection.all_many(
        "select request_hash, answer_status, answer_body, answer_people, created_at, expires_at, caller \
         from idempotency_keys where caller = $1 and operation = $2 and key = $3",
        &rows,
        |index, row| Ok((index, row.id(6)?, recorded(row)?)),
    )?;
    let people: Vec<PersonId> =
        found.iter().flat_map(|(_, _, answer)| answer.people.iter().copied()).collect();
    let keys = people::keys(connection, vault, &people)?;
    for (_, caller, answer) in &mut found {
        let about = (answer.people.as_slice(), aad_context(*caller));
        if let Some(sealed) = answer.body.take() {
            let opened = people::open_for_all(vault, &keys, about, &sealed)?;
            let unpacked =
                |packed| packed::unpack(packed).ok_or_else(|| StoreError::corrupt_at(aad_context(*caller)));
            answer.body = opened.map(unpacked).transpose()?;
        }
    }
    Ok(found.into_iter().map(|(index, _, answer)| (index, answer)).collect())
}

/// Writes what was recorded, beside no booking.
pub fn save(connection: &mut Connection, vault: &Vault, answers: &Answers, now: Instant) -> Result<()> {
    let people = answers.recorded.iter().flat_map(|(_, answer)| answer.people.iter().copied()).collect();
    let keys = people::keys_to_write(connection, vault, people, &[], now)?;
    delete(connection, &answers.outlived)?;
    insert(connection, vault, &keys, &answers.recorded)
}

/// Records answers. If another process has recorded one of the keys, the primary key is violated and the whole batch
/// fails.
pub(crate) fn insert(
    connection: &mut Connection,
    vault: &Vault,
    keys: &PersonKeys,
    answers: &[(KeyScope, RecordedAnswer)],
) -> Result<()> {
    let seal = |(scope, answer): &(KeyScope, RecordedAnswer)| {
        let body = answer.body.as_deref().unwrap_or_default();
        let packed = packed::pack(body);
        let sealed = people::seal_for_all(vault, keys, (&answer.people, aad_context(scope.caller)), &packed)?;
        let people: Vec<u8> = answer.people.iter().flat_map(|person| person.0.into_bytes()).collect();
        Ok((sealed, people))
    };
    let sealed = answers.iter().map(seal).collect::<Result<Vec<_>>>()?;
    let mut rows = Rows::new(9, answers.len());
    for ((scope, answer), (body, people)) in answers.iter().zip(&sealed) {
        rows.push([
            Param::Id(scope.caller),
            scope.operation.into(),
            (&scope.key).into(),
            Param::Bytes(&answer.request_hash),
            Param::Int(answer.status),
            Param::Bytes(body),
            Some(people.as_slice()).filter(|people| !people.is_empty()).into(),
            answer.created_at.into(),
            answer.expires_at.into(),
        ]);
    }
    connection.write_many(
        "insert into idempotency_keys (caller, operation, key, request_hash, answer_status, answer_body, \
         answer_people, created_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &rows,
    )
}

/// An answer opens for its caller only.
pub(crate) fn aad_context(caller: Uuid) -> AadContext {
    AadContext { column: "idempotency_keys.answer_body", row: caller }
}

/// Deletes expired keys, so that they can be used again.
pub(crate) fn delete(connection: &mut Connection, scopes: &[KeyScope]) -> Result<()> {
    let mut rows = Rows::new(3, scopes.len());
    for scope in scopes {
        rows.push([Param::Id(scope.caller), scope.operation.into(), (&scope.key).into()]);
    }
    connection
        .write_many("delete from idempotency_keys where caller = $1 and operation = $2 and key = $3", &rows)
}

/// Whether there are expired keys.
pub fn any_ended(connection: &mut Connection, now: Instant) -> Result<bool> {
    let sql = "select expires_at from idempotency_keys where expires_at <= $1 limit 1";
    Ok(connection.optional(sql, &[now.into()], |row| row.int(0))?.is_some())
}

/// Deletes up to `count_max` keys that expired before `now`, and returns how many.
pub fn purge(connection: &mut Connection, now: Instant, count_max: i64) -> Result<u64> {
    connection.execute(
        "delete from idempotency_keys where (caller, operation, key) in \
         (select caller, operation, key from idempotency_keys where expires_at <= $1 order by expires_at limit $2)",
        &[now.into(), Param::Int(count_max)],
    )
}

/// The answer as stored, with its body sealed.
fn recorded(row: &Row<'_>) -> Result<RecordedAnswer> {
    let people = row.opt_bytes(3)?.unwrap_or_default();
    let (ids, rest) = people.as_chunks::<16>();
    if !rest.is_empty() {
        return Err(StoreError::corrupt("idempotency_keys", "answer_people", row.id(6)?.as_simple()));
    }
    Ok(RecordedAnswer {
        request_hash: row.bytes(0)?,
        status: row.int(1)?,
        body: Some(row.bytes(2)?),
        people: ids.iter().map(|id| PersonId(Uuid::from_bytes(*id))).collect(),
        created_at: Instant(row.int(4)?),
        expires_at: Instant(row.int(5)?),
    })
}
