//! Rotation of the secret: every wrapped key is opened with the secret it is wrapped under and rewrapped under the
//! current one. Sealed data does not change.
//!
//! Chunks need no state except the position of the last one, and skip what is done. An interrupted rotation is simply
//! run again.

use domain::ids::PersonId;
use uuid::Uuid;

use super::secrets::{KEY_ID_BYTES, KeyId};
use super::{DATA_KEY_BYTES, Vault, context_of, installation_context};
use crate::error::{Result, StoreError};
use crate::seam::{Connection, Param, Row, Rows};

/// The number of keys wrapped under one secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub secret: KeyId,
    pub keys: i64,
}

/// The result of one chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chunk {
    /// The start of the next chunk; `None` if this was the last.
    pub last: Option<PersonId>,
    /// Keys examined, and keys rewrapped.
    pub seen: u64,
    pub wrapped: u64,
}

/// Counts the keys under each secret, of people and of the installation. Reads all of them.
pub fn standings(connection: &mut Connection) -> Result<Vec<Standing>> {
    connection.unhurried(|connection| {
        connection.all(
            "select substr(wrapped, 1, 4), count(*) from (select wrapped from person_keys union all \
             select wrapped from installation_keys) as k group by substr(wrapped, 1, 4) order by 2 desc, 1",
            &[],
            |row| Ok(Standing { secret: key_id(&row.bytes(0)?)?, keys: row.int(1)? }),
        )
    })
}

/// Rewraps the installation's keys, in the caller's transaction, and returns how many were not under the current
/// secret.
pub fn installation(connection: &mut Connection, vault: &Vault) -> Result<u64> {
    let sql = "select name, wrapped from installation_keys order by name for update";
    let keys = connection.all(sql, &[], |row| Ok((row.text(0)?, row.bytes(1)?)))?;
    let mut anew = 0;
    for (name, wrapped) in keys {
        if let Some(wrapped) = vault.rewrap(installation_context(&name).as_bytes(), &wrapped)? {
            let sql = "update installation_keys set wrapped = $1 where name = $2";
            connection.execute(sql, &[Param::Bytes(&wrapped), (&name).into()])?;
            anew += 1;
        }
    }
    Ok(anew)
}

/// Examines the next keys of people, in the order of their ids, and rewraps those that are not under the current
/// secret. Runs in the caller's transaction.
pub fn people(
    connection: &mut Connection,
    vault: &Vault,
    after: Option<PersonId>,
    count_max: i64,
) -> Result<Chunk> {
    let after = after.map_or(Uuid::nil(), |person| person.0);
    let found = connection.all(
        "select person_id, wrapped from person_keys where person_id > $1 order by person_id limit $2 for update",
        &[Param::Id(after), Param::Int(count_max)],
        |row: &Row<'_>| Ok((PersonId(row.id(0)?), row.bytes(1)?)),
    )?;
    let mut anew = Vec::new();
    for (person, wrapped) in &found {
        if let Some(wrapped) = vault.rewrap(&context_of(*person), wrapped)? {
            anew.push((*person, wrapped));
        }
    }
    let mut rows = Rows::new(2, anew.len());
    for (person, wrapped) in &anew {
        rows.push([Param::Id(person.0), Param::Bytes(wrapped)]);
    }
    connection.write_many("update person_keys set wrapped = $2 where person_id = $1", &rows)?;
    let more = i64::try_from(found.len()) == Ok(count_max);
    Ok(Chunk {
        last: found.last().map(|(person, _)| *person).filter(|_| more),
        seen: found.len() as u64,
        wrapped: anew.len() as u64,
    })
}

impl Vault {
    /// The key under the current secret; `None` if it is already.
    fn rewrap(&self, context: &[u8], wrapped: &[u8]) -> Result<Option<Vec<u8>>> {
        if key_id(wrapped)? == self.secret() {
            return Ok(None);
        }
        let secrets = &self.0.secrets;
        let key = secrets.unwrap::<DATA_KEY_BYTES>(context, wrapped)?;
        Ok(Some(secrets.wrap(&self.0.random, context, key.as_slice())))
    }
}

fn key_id(wrapped: &[u8]) -> Result<KeyId> {
    let id = wrapped.first_chunk::<KEY_ID_BYTES>();
    id.map(|id| KeyId(*id)).ok_or_else(|| StoreError::Corrupt("a wrapped key is truncated".to_owned()))
}
