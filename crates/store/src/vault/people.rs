//! The keys of people: found, made, and dropped with all that was sealed under them.

use std::collections::HashMap;

use domain::ids::PersonId;
use domain::time::Instant;

use super::{PersonKey, Place, Vault};
use crate::error::{Result, StoreError};
use crate::seam::{Connection, Param, Rows};

/// The open keys of some people. A person without one is unknown or was erased.
#[derive(Debug, Default)]
pub struct PersonKeys(HashMap<PersonId, PersonKey>);

impl PersonKeys {
    pub fn get(&self, person: PersonId) -> Option<&PersonKey> {
        self.0.get(&person)
    }
}

/// The keys that the people have, for reading what is sealed under them.
pub fn keys(connection: &mut Connection, vault: &Vault, people: &[PersonId]) -> Result<PersonKeys> {
    let sql = "select person_id, wrapped from person_keys where person_id = $1";
    find(connection, vault, sql, people)
}

/// The keys of the people, for sealing: those that have none get one. Runs inside the transaction that stores what is
/// sealed, and keeps an erasure from coming between. Two writers that make a person's key at once collide on its
/// primary key, and one of them is tried again.
pub fn keys_to_write(
    connection: &mut Connection,
    vault: &Vault,
    people: &[PersonId],
    now: Instant,
) -> Result<PersonKeys> {
    let sql = "select person_id, wrapped from person_keys where person_id = $1 for share";
    let mut people = people.to_vec();
    people.sort_unstable();
    people.dedup();
    let mut keys = find(connection, vault, sql, &people)?;
    people.retain(|person| keys.get(*person).is_none());
    let drawn: Vec<(PersonKey, Vec<u8>)> = people.iter().map(|person| vault.draw_key(*person)).collect();
    let mut rows = Rows::new(3, drawn.len());
    for (key, wrapped) in &drawn {
        rows.push([Param::Id(key.person().0), Param::Bytes(wrapped), now.into()]);
    }
    connection
        .write_many("insert into person_keys (person_id, wrapped, created_at) values ($1, $2, $3)", &rows)?;
    keys.0.extend(drawn.into_iter().map(|(key, _)| (key.person(), key)));
    Ok(keys)
}

/// Seals one thing about one person, in the transaction that stores it.
pub fn seal(
    connection: &mut Connection,
    vault: &Vault,
    (person, place): (PersonId, Place),
    plain: &[u8],
    now: Instant,
) -> Result<Vec<u8>> {
    let keys = keys_to_write(connection, vault, &[person], now)?;
    let key = keys.get(person).ok_or_else(|| StoreError::corrupt("person_keys", "person_id", person))?;
    Ok(vault.seal(key, place, plain))
}

/// Opens one thing about one person. `None` if they were erased.
pub fn open(
    connection: &mut Connection,
    vault: &Vault,
    (person, place): (PersonId, Place),
    sealed: &[u8],
) -> Result<Option<Vec<u8>>> {
    match keys(connection, vault, &[person])?.get(person) {
        Some(key) => vault.open_sealed(key, place, sealed),
        None => Ok(None),
    }
}

/// Drops a person's key: from this commit on nobody can read what was sealed under it. Tells whether there was one.
pub fn erase(connection: &mut Connection, person: PersonId) -> Result<bool> {
    let sql = "delete from person_keys where person_id = $1";
    Ok(connection.execute(sql, &[Param::Id(person.0)])? > 0)
}

fn find(
    connection: &mut Connection,
    vault: &Vault,
    sql: &'static str,
    people: &[PersonId],
) -> Result<PersonKeys> {
    let mut rows = Rows::new(1, people.len());
    for person in people {
        rows.push([Param::Id(person.0)]);
    }
    let found = connection.all_many(sql, &rows, |_, row| {
        let person = PersonId(row.id(0)?);
        Ok((person, vault.unwrap_key(person, &row.bytes(1)?)?))
    })?;
    Ok(PersonKeys(found.into_iter().collect()))
}
