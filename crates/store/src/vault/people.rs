//! The keys of people: finding, creating and deleting them.

use std::collections::HashMap;
use std::sync::Arc;

use domain::ids::PersonId;
use domain::time::Instant;

use super::{AadContext, PersonKey, Vault};
use crate::error::{Result, StoreError};
use crate::seam::{Connection, Param, Rows};

/// The open keys of some people. A person without a key is unknown or was erased.
#[derive(Debug, Default)]
pub struct PersonKeys(HashMap<PersonId, Arc<PersonKey>>);

impl PersonKeys {
    pub fn get(&self, person: PersonId) -> Option<&PersonKey> {
        self.0.get(&person).map(Arc::as_ref)
    }
}

/// A key generated for somebody nobody knows yet, so that whoever writes for many has less to do. It is stored with the
/// first thing that is sealed under it.
#[derive(Debug)]
pub struct GeneratedKey {
    key: Arc<PersonKey>,
    wrapped: Vec<u8>,
}

impl Vault {
    /// Generates a key for `person`, who has none: an id that was just generated.
    pub fn generate(&self, person: PersonId) -> GeneratedKey {
        let (key, wrapped) = self.generate_key(person);
        GeneratedKey { key: Arc::new(key), wrapped }
    }
}

/// The keys of the people, for reading their sealed data.
pub fn keys(connection: &mut Connection, vault: &Vault, people: &[PersonId]) -> Result<PersonKeys> {
    let sql = "select person_id, wrapped from person_keys where person_id = $1";
    find(connection, vault, sql, people)
}

/// The keys of the people, for sealing: those that have none get one, `generated` if it is there. Runs inside the
/// transaction that stores what is sealed, and keeps an erasure from coming between. Two writers that make a person's
/// key at once collide on its primary key, and one of them is tried again.
pub fn keys_to_write(
    connection: &mut Connection,
    vault: &Vault,
    mut people: Vec<PersonId>,
    generated: &[&GeneratedKey],
    now: Instant,
) -> Result<PersonKeys> {
    people.sort_unstable();
    people.dedup();
    let generated: HashMap<PersonId, &GeneratedKey> =
        generated.iter().map(|generated| (generated.key.person(), *generated)).collect();
    let (new, known): (Vec<PersonId>, Vec<PersonId>) =
        people.into_iter().partition(|person| generated.contains_key(person));
    let sql = "select person_id, wrapped from person_keys where person_id = $1 for share";
    let mut keys = find(connection, vault, sql, &known)?;
    let missing = known.into_iter().filter(|person| !keys.0.contains_key(person));
    let made: Vec<GeneratedKey> = missing.map(|person| vault.generate(person)).collect();
    let new: Vec<&GeneratedKey> =
        made.iter().chain(new.iter().filter_map(|person| generated.get(person).copied())).collect();
    let mut rows = Rows::new(3, new.len());
    for generated in &new {
        rows.push([Param::Id(generated.key.person().0), Param::Bytes(&generated.wrapped), now.into()]);
    }
    connection
        .write_many("insert into person_keys (person_id, wrapped, created_at) values ($1, $2, $3)", &rows)?;
    keys.0.extend(new.into_iter().map(|generated| (generated.key.person(), Arc::clone(&generated.key))));
    Ok(keys)
}

/// Seals data about one person, in the transaction that stores it.
pub fn seal(
    connection: &mut Connection,
    vault: &Vault,
    (person, context): (PersonId, AadContext),
    plain: &[u8],
    now: Instant,
) -> Result<Vec<u8>> {
    let keys = keys_to_write(connection, vault, vec![person], &[], now)?;
    let key = keys.get(person).ok_or_else(|| StoreError::corrupt("person_keys", "person_id", person))?;
    Ok(vault.seal(key, context, plain))
}

/// Opens data about one person. `None` if they were erased.
pub fn open(
    connection: &mut Connection,
    vault: &Vault,
    (person, context): (PersonId, AadContext),
    sealed: &[u8],
) -> Result<Option<Vec<u8>>> {
    match keys(connection, vault, &[person])?.get(person) {
        Some(key) => vault.open_sealed(key, context, sealed),
        None => Ok(None),
    }
}

/// Seals data about several people under each of their keys in turn, so that it becomes unreadable when one of them
/// is erased. Data about no person is sealed under the installation's key.
pub(crate) fn seal_for_all(
    vault: &Vault,
    keys: &PersonKeys,
    (people, context): (&[PersonId], AadContext),
    plain: &[u8],
) -> Result<Vec<u8>> {
    let Some((first, others)) = people.split_first() else {
        return Ok(vault.seal_installation(context, plain));
    };
    let key = |person: &PersonId| {
        keys.get(*person).ok_or_else(|| StoreError::corrupt("person_keys", "person_id", person))
    };
    let innermost = vault.seal(key(first)?, context, plain);
    others.iter().try_fold(innermost, |sealed, person| Ok(vault.seal(key(person)?, context, &sealed)))
}

/// Opens the result of [`seal_for_all`]. `None` once one of the people was erased.
pub(crate) fn open_for_all(
    vault: &Vault,
    keys: &PersonKeys,
    (people, context): (&[PersonId], AadContext),
    sealed: &[u8],
) -> Result<Option<Vec<u8>>> {
    if people.is_empty() {
        return vault.open_installation(context, sealed).map(Some);
    }
    let mut opened = sealed.to_vec();
    for person in people.iter().rev() {
        let Some(key) = keys.get(*person) else { return Ok(None) };
        let Some(inner) = vault.open_sealed(key, context, &opened)? else { return Ok(None) };
        opened = inner;
    }
    Ok(Some(opened))
}

/// Deletes a person's key. From this commit on, data sealed under it cannot be read. Returns whether there was a key.
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
    let rows = Rows::of_ids(people.iter().map(|person| person.0));
    let found = connection.all_many(sql, &rows, |_, row| {
        let person = PersonId(row.id(0)?);
        Ok((person, Arc::new(vault.unwrap_key(person, &row.bytes(1)?)?)))
    })?;
    Ok(PersonKeys(found.into_iter().collect()))
}
