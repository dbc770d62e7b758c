//! Seals the unsealed data of a database that is older than the vault: in chunks, before requests are served.
//!
//! The migration sets the data aside. Each chunk is sealed, stored and removed in one transaction, so that an
//! interrupted process leaves the rest to the next one. At the end the file is rewritten, because the bytes of
//! deleted rows stay in it until their space is reused.

use domain::booking::{Notes, Person};
use domain::ids::{BookingId, GuestId, PersonId};
use domain::time::Instant;
use uuid::Uuid;

use super::{Vault, people};
use crate::bookings::private;
use crate::error::Result;
use crate::keys;
use crate::seam::{Connection, Param, Rows};

/// Rows sealed per transaction.
const CHUNK_ROWS_MAX: i64 = 500;

/// Seals all unsealed rows and returns how many.
pub fn seal_all(connection: &mut Connection, vault: &Vault, now: Instant) -> Result<u64> {
    let mut sealed = 0;
    for chunk in [bookings, answers] {
        loop {
            connection.begin()?;
            let rows = match chunk(connection, vault, now) {
                Ok(0) => {
                    connection.rollback();
                    break;
                }
                Ok(rows) => rows,
                Err(error) => {
                    connection.rollback();
                    return Err(error);
                }
            };
            connection.commit()?;
            sealed += rows;
        }
    }
    if sealed > 0 {
        connection.unhurried(forget_deleted)?;
    }
    Ok(sealed)
}

struct Open {
    booking: BookingId,
    guest: GuestId,
    person: Person,
    notes: Notes,
}

fn bookings(connection: &mut Connection, vault: &Vault, now: Instant) -> Result<u64> {
    let open = connection.all(
        "select booking_id, guest_id, guest_name, guest_email, guest_phone, guest_companions, special_requests, \
         internal_notes, metadata from bookings_unsealed order by booking_id limit $1",
        &[Param::Int(CHUNK_ROWS_MAX)],
        |row| {
            Ok(Open {
                booking: BookingId(row.id(0)?),
                guest: GuestId(row.id(1)?),
                person: Person {
                    name: row.opt_text(2)?,
                    email: row.opt_text(3)?,
                    phone: row.opt_text(4)?,
                    companions: row.opt_text(5)?,
                },
                notes: Notes {
                    special_requests: row.opt_text(6)?,
                    internal_notes: row.opt_text(7)?,
                    source: None,
                    metadata: row.opt_text(8)?,
                },
            })
        },
    )?;
    let people: Vec<PersonId> = open.iter().map(|open| open.guest.into()).collect();
    let keys = people::keys_to_write(connection, vault, people, &[], now)?;
    let seal = |open: &Open| {
        let sealed =
            private::seal_fields(vault, &keys, (open.booking, open.guest), &open.person, &open.notes)?;
        Ok((open.booking, sealed))
    };
    let sealed = open.iter().map(seal).collect::<Result<Vec<_>>>()?;
    let (mut rows, mut done) = (Rows::new(4, sealed.len()), Rows::new(1, sealed.len()));
    for (booking, private) in &sealed {
        rows.push([
            Param::Id(booking.0),
            private.sealed.as_deref().into(),
            private.email.map(|index| index.0).into(),
            private.phone.map(|index| index.0).into(),
        ]);
        done.push([Param::Id(booking.0)]);
    }
    connection.write_many(
        "update bookings set private = $2, email_index = $3, phone_index = $4 where id = $1",
        &rows,
    )?;
    connection.write_many("delete from bookings_unsealed where booking_id = $1", &done)?;
    Ok(sealed.len() as u64)
}

/// The people in an old answer are unknown. It is sealed under the installation's key and deleted within a day.
fn answers(connection: &mut Connection, vault: &Vault, _: Instant) -> Result<u64> {
    let open: Vec<(Uuid, String, String, Vec<u8>)> = connection.all(
        "select a.caller, a.operation, a.key, a.answer_body from answers_unsealed u join idempotency_keys a \
         on a.caller = u.caller and a.operation = u.operation and a.key = u.key limit $1",
        &[Param::Int(CHUNK_ROWS_MAX)],
        |row| Ok((row.id(0)?, row.text(1)?, row.text(2)?, row.bytes(3)?)),
    )?;
    let seal = |body: &[u8], caller| vault.seal_installation(keys::aad_context(caller), body);
    let sealed: Vec<Vec<u8>> = open.iter().map(|(caller, _, _, body)| seal(body, *caller)).collect();
    let (mut rows, mut done) = (Rows::new(4, open.len()), Rows::new(3, open.len()));
    for ((caller, operation, key, _), sealed) in open.iter().zip(&sealed) {
        rows.push([Param::Id(*caller), operation.into(), key.into(), Param::Bytes(sealed)]);
        done.push([Param::Id(*caller), operation.into(), key.into()]);
    }
    connection.write_many(
        "update idempotency_keys set answer_body = $4 where caller = $1 and operation = $2 and key = $3",
        &rows,
    )?;
    connection.write_many(
        "delete from answers_unsealed where caller = $1 and operation = $2 and key = $3",
        &done,
    )?;
    Ok(open.len() as u64)
}

/// Rewrites the tables without the bytes of deleted rows and dropped columns.
fn forget_deleted(connection: &mut Connection) -> Result<()> {
    let own = ["vacuum", "pragma wal_checkpoint(truncate)"];
    let shared = ["vacuum full bookings", "vacuum full bookings_unsealed", "vacuum full idempotency_keys"];
    let steps = if connection.is_shared() { shared.as_slice() } else { own.as_slice() };
    steps.iter().try_for_each(|step| connection.execute_script(step))
}
