//! The devices that people have signed in with, each identified by a keyed hash.

use domain::ids::PersonId;
use domain::time::Instant;

use crate::error::Result;
use crate::seam::{Connection, Param};

/// Records that a person has signed in with a device.
pub fn note(connection: &mut Connection, person: PersonId, device_hash: &[u8], now: Instant) -> Result<()> {
    connection.execute(
        "insert into known_devices (person_id, device_hash, first_seen_at, last_seen_at) values ($1, $2, $3, $4) \
         on conflict (person_id, device_hash) do update set last_seen_at = excluded.last_seen_at",
        &[Param::Id(person.0), Param::Bytes(device_hash), now.into(), now.into()],
    )?;
    Ok(())
}

/// Keeps the `count_max` most recently used devices of a person.
pub fn trim(connection: &mut Connection, person: PersonId, count_max: i64) -> Result<()> {
    connection.execute(
        "delete from known_devices where person_id = $1 and device_hash not in \
         (select device_hash from known_devices where person_id = $1 order by last_seen_at desc, device_hash limit $2)",
        &[Param::Id(person.0), Param::Int(count_max)],
    )?;
    Ok(())
}

pub fn is_known(connection: &mut Connection, person: PersonId, device_hash: &[u8]) -> Result<bool> {
    let sql = "select first_seen_at from known_devices where person_id = $1 and device_hash = $2";
    let found =
        connection.optional(sql, &[Param::Id(person.0), Param::Bytes(device_hash)], |row| row.int(0))?;
    Ok(found.is_some())
}

/// Deletes all devices of a person.
pub fn forget(connection: &mut Connection, person: PersonId) -> Result<()> {
    connection.execute("delete from known_devices where person_id = $1", &[Param::Id(person.0)])?;
    Ok(())
}
