//! Bookings with their lines and claims: read whole, written net.

pub(crate) mod private;

use domain::booking::{Booking, Cancellation, HistoryEntry, Notes, Person, Times};
use domain::ids::{BookingId, GuestId, OfferingId, OrderId, PoolId, VenueId};
use domain::line::{Detail, Line};
use domain::money::Price;
use domain::reference::ReferenceNumber;
use domain::slot::{Claim, SlotKey};
use domain::status::Status;
use domain::time::{Instant, day_from_number};

use crate::error::{Result, StoreError};
use crate::seam::{Connection, Param, Row, Rows};
use crate::vault::Vault;
use private::Private;

/// The columns of a booking, in the order in which [`booking`] reads them.
macro_rules! columns {
    () => {
        "id, reference_number, order_id, venue_id, guest_id, status, version, starts_on, party_size, currency, \
         base_minor, tax_minor, discount_minor, total_minor, created_at, updated_at, confirmed_at, checked_in_at, \
         completed_at, cancelled_at, expires_at, cancelled_by, cancellation_reason, source, private"
    };
}

/// Where [`columns!`] has `private`; a query has the key that opens it next.
const PRIVATE: usize = 24;

/// Loads bookings and locks them, in the order of `ids`.
pub fn lock(connection: &mut Connection, vault: &Vault, ids: &[BookingId]) -> Result<Vec<Booking>> {
    let sql = concat!(
        "select ",
        columns!(),
        ", case when private is null then null else (select wrapped from person_keys where person_id = guest_id) \
         end from bookings where id = $1 for update"
    );
    let found = connection.all_many(sql, &id_rows(ids), |_, row| booking(vault, row))?;
    complete(connection, found)
}

/// Loads bookings without locking them, in the order of `ids`; those that do not exist are left out.
pub fn by_ids(connection: &mut Connection, vault: &Vault, ids: &[BookingId]) -> Result<Vec<Booking>> {
    let sql = concat!(
        "select ",
        columns!(),
        ", case when private is null then null else (select wrapped from person_keys where person_id = guest_id) \
         end from bookings where id = $1"
    );
    let found = connection.all_many(sql, &id_rows(ids), |_, row| booking(vault, row))?;
    complete(connection, found)
}

pub fn by_id(connection: &mut Connection, vault: &Vault, id: BookingId) -> Result<Option<Booking>> {
    Ok(by_ids(connection, vault, &[id])?.pop())
}

pub fn id_by_reference(connection: &mut Connection, reference: ReferenceNumber) -> Result<Option<BookingId>> {
    let sql = "select id from bookings where reference_number = $1";
    connection.optional(sql, &[Param::Int(reference.0)], |row| row.id(0).map(BookingId))
}

pub fn ids_of_order(connection: &mut Connection, order: OrderId) -> Result<Vec<BookingId>> {
    let sql = "select id from bookings where order_id = $1 order by id";
    connection.all(sql, &[Param::Id(order.0)], |row| row.id(0).map(BookingId))
}

/// The slots that stored bookings hold now. Nothing is locked.
pub fn slots_held(connection: &mut Connection, ids: &[BookingId]) -> Result<Vec<SlotKey>> {
    let held = claims_held(connection, ids)?;
    Ok(held.iter().flat_map(Claim::slots).collect())
}

/// The claims of stored bookings that stand now. Nothing is locked.
pub fn claims_held(connection: &mut Connection, ids: &[BookingId]) -> Result<Vec<Claim>> {
    connection.all_many(
        "select claim, line, pool_id, slot_first, slot_last, units, released_at from claims \
         where booking_id = $1 and released_at is null",
        &id_rows(ids),
        |_, row| claim(row),
    )
}

pub fn history(connection: &mut Connection, booking: BookingId) -> Result<Vec<StoredHistory>> {
    connection.all(
        "select version, from_status, to_status, changed_by, reason, created_at from booking_history \
         where booking_id = $1 order by version",
        &[Param::Id(booking.0)],
        |row| {
            Ok(StoredHistory {
                version: row.int(0)?,
                from: row.opt_text(1)?.map(|text| status(&text, booking)).transpose()?,
                to: status(&row.text(2)?, booking)?,
                by: row.text(3)?,
                reason: row.opt_text(4)?,
                at: Instant(row.int(5)?),
            })
        },
    )
}

/// One change as it was written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredHistory {
    pub version: i64,
    pub from: Option<Status>,
    pub to: Status,
    pub by: String,
    pub reason: Option<String>,
    pub at: Instant,
}

/// A booking to write, and what it says about people, sealed.
pub(crate) type Sealed<'a> = (&'a Booking, Private);

/// Writes new bookings into their segment.
pub(crate) fn insert(connection: &mut Connection, bookings: &[Sealed<'_>], segment: i64) -> Result<()> {
    let mut rows = Rows::new(28, bookings.len());
    for sealed in bookings {
        rows.push(row_of(sealed, segment));
    }
    let sql = concat!(
        "insert into bookings (",
        columns!(),
        ", email_index, phone_index, segment) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, \
         $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28)"
    );
    connection.write_many(sql, &rows)
}

/// Writes what can change of a booking.
pub(crate) fn update(connection: &mut Connection, bookings: &[Sealed<'_>]) -> Result<()> {
    let mut rows = Rows::new(21, bookings.len());
    for (booking, private) in bookings {
        let times = &booking.times;
        rows.push([
            Param::Id(booking.id.0),
            booking.status.as_str().into(),
            Param::Int(booking.version),
            Param::Int(domain::time::day_number(booking.starts_on)),
            Param::Int(booking.party_size),
            Param::Int(booking.price.base_minor),
            Param::Int(booking.price.tax_minor),
            Param::Int(booking.price.discount_minor),
            Param::Int(booking.price.total_minor),
            times.updated.into(),
            times.confirmed.into(),
            times.checked_in.into(),
            times.completed.into(),
            times.cancelled.into(),
            times.expires.into(),
            booking.cancellation.as_ref().map(|cancellation| cancellation.by.as_str()).into(),
            booking.cancellation.as_ref().and_then(|cancellation| cancellation.reason.as_deref()).into(),
            booking.notes.source.as_deref().into(),
            private.sealed.as_deref().into(),
            private.email.map(|index| index.0).into(),
            private.phone.map(|index| index.0).into(),
        ]);
    }
    connection.write_many(
        "update bookings set status = $2, version = $3, starts_on = $4, party_size = $5, base_minor = $6, \
         tax_minor = $7, discount_minor = $8, total_minor = $9, updated_at = $10, confirmed_at = $11, \
         checked_in_at = $12, completed_at = $13, cancelled_at = $14, expires_at = $15, cancelled_by = $16, \
         cancellation_reason = $17, source = $18, private = $19, email_index = $20, phone_index = $21 where id = $1",
        &rows,
    )
}

pub(crate) fn delete_lines(connection: &mut Connection, ids: &[BookingId]) -> Result<()> {
    connection.write_many("delete from booking_lines where booking_id = $1", &id_rows(ids))
}

pub(crate) fn insert_lines(connection: &mut Connection, bookings: &[&Booking]) -> Result<()> {
    let detail = |line: &Line| serde_json::to_string(&line.detail).expect("a line's detail is always JSON");
    let lines: Vec<(BookingId, &Line, String)> = bookings
        .iter()
        .flat_map(|booking| booking.lines.iter().map(|line| (booking.id, line, detail(line))))
        .collect();
    let mut rows = Rows::new(6, lines.len());
    for (booking, line, detail) in &lines {
        rows.push([
            Param::Id(booking.0),
            Param::Int(line.number),
            Param::Id(line.offering.0),
            line.detail.kind().into(),
            detail.into(),
            Param::Int(line.base_minor),
        ]);
    }
    connection.write_many(
        "insert into booking_lines (booking_id, line, offering_id, kind, detail, base_minor) \
         values ($1, $2, $3, $4, $5, $6)",
        &rows,
    )
}

/// Writes the claims of new bookings.
pub(crate) fn insert_claims(connection: &mut Connection, bookings: &[&Booking]) -> Result<()> {
    connection.write_many(
        "insert into claims (booking_id, claim, line, pool_id, slot_first, slot_last, units, released_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        &claim_rows(bookings),
    )
}

/// Writes all claims of changed bookings, those they had and those they got.
pub(crate) fn save_claims(connection: &mut Connection, bookings: &[&Booking]) -> Result<()> {
    connection.write_many(
        "insert into claims (booking_id, claim, line, pool_id, slot_first, slot_last, units, released_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (booking_id, claim) do update set \
         slot_first = excluded.slot_first, slot_last = excluded.slot_last, released_at = excluded.released_at",
        &claim_rows(bookings),
    )
}

fn claim_rows<'a>(bookings: &[&Booking]) -> Rows<'a> {
    let mut rows = Rows::new(8, bookings.len());
    for booking in bookings {
        for claim in &booking.claims {
            rows.push([
                Param::Id(booking.id.0),
                Param::Int(claim.number),
                Param::Int(claim.line),
                Param::Id(claim.pool.0),
                Param::Int(claim.first),
                Param::Int(claim.last),
                Param::Int(claim.units),
                claim.released_at.into(),
            ]);
        }
    }
    rows
}

pub(crate) fn insert_history(connection: &mut Connection, entries: &[HistoryEntry]) -> Result<()> {
    let actors: Vec<String> = entries.iter().map(|entry| entry.by.to_string()).collect();
    let mut rows = Rows::new(7, entries.len());
    for (entry, by) in entries.iter().zip(&actors) {
        rows.push([
            Param::Id(entry.booking.0),
            Param::Int(entry.version),
            entry.from.map(Status::as_str).into(),
            entry.to.as_str().into(),
            by.into(),
            entry.reason.as_deref().into(),
            entry.at.into(),
        ]);
    }
    connection.write_many(
        "insert into booking_history (booking_id, version, from_status, to_status, changed_by, reason, created_at) \
         values ($1, $2, $3, $4, $5, $6, $7)",
        &rows,
    )
}

/// Adds lines and claims to bookings.
fn complete(connection: &mut Connection, mut bookings: Vec<Booking>) -> Result<Vec<Booking>> {
    let ids: Vec<BookingId> = bookings.iter().map(|booking| booking.id).collect();
    let lines = connection.all_many(
        "select line, offering_id, detail, base_minor, booking_id from booking_lines where booking_id = $1 order by line",
        &id_rows(&ids),
        |index, row| Ok((index, line(row)?)),
    )?;
    let claims = connection.all_many(
        "select claim, line, pool_id, slot_first, slot_last, units, released_at from claims \
         where booking_id = $1 order by claim",
        &id_rows(&ids),
        |index, row| Ok((index, claim(row)?)),
    )?;
    for (index, line) in lines {
        if let Some(booking) = bookings.get_mut(index) {
            booking.lines.push(line);
        }
    }
    for (index, claim) in claims {
        if let Some(booking) = bookings.get_mut(index) {
            booking.claims.push(claim);
        }
    }
    Ok(bookings)
}

fn id_rows(ids: &[BookingId]) -> Rows<'static> {
    Rows::of_ids(ids.iter().map(|id| id.0))
}

fn row_of<'a>((booking, private): &'a Sealed<'a>, segment: i64) -> [Param<'a>; 28] {
    let (times, price) = (&booking.times, &booking.price);
    [
        Param::Id(booking.id.0),
        Param::Int(booking.reference.0),
        booking.order.map(|order| order.0).into(),
        Param::Id(booking.venue.0),
        Param::Id(booking.guest.0),
        booking.status.as_str().into(),
        Param::Int(booking.version),
        Param::Int(domain::time::day_number(booking.starts_on)),
        Param::Int(booking.party_size),
        price.currency.code().into(),
        Param::Int(price.base_minor),
        Param::Int(price.tax_minor),
        Param::Int(price.discount_minor),
        Param::Int(price.total_minor),
        times.created.into(),
        times.updated.into(),
        times.confirmed.into(),
        times.checked_in.into(),
        times.completed.into(),
        times.cancelled.into(),
        times.expires.into(),
        booking.cancellation.as_ref().map(|cancellation| cancellation.by.as_str()).into(),
        booking.cancellation.as_ref().and_then(|cancellation| cancellation.reason.as_deref()).into(),
        booking.notes.source.as_deref().into(),
        private.sealed.as_deref().into(),
        private.email.map(|index| index.0).into(),
        private.phone.map(|index| index.0).into(),
        Param::Int(segment),
    ]
}

fn booking(vault: &Vault, row: &Row<'_>) -> Result<Booking> {
    let id = BookingId(row.id(0)?);
    let corrupt = |column| StoreError::corrupt("bookings", column, id);
    let instant = |column| row.opt_int(column).map(|value| value.map(Instant));
    let mut booking = Booking {
        id,
        reference: ReferenceNumber(row.int(1)?),
        order: row.opt_id(2)?.map(OrderId),
        venue: VenueId(row.id(3)?),
        guest: GuestId(row.id(4)?),
        status: status(&row.text(5)?, id)?,
        version: row.int(6)?,
        starts_on: day_from_number(row.int(7)?).ok_or_else(|| corrupt("starts_on"))?,
        party_size: row.int(8)?,
        price: Price {
            currency: row.text(9)?.parse().map_err(|_| corrupt("currency"))?,
            base_minor: row.int(10)?,
            tax_minor: row.int(11)?,
            discount_minor: row.int(12)?,
            total_minor: row.int(13)?,
        },
        times: Times {
            created: Instant(row.int(14)?),
            updated: Instant(row.int(15)?),
            confirmed: instant(16)?,
            checked_in: instant(17)?,
            completed: instant(18)?,
            cancelled: instant(19)?,
            expires: instant(20)?,
        },
        cancellation: match row.opt_text(21)? {
            Some(by) => Some(Cancellation { by, reason: row.opt_text(22)? }),
            None => None,
        },
        person: Person::default(),
        notes: Notes { source: row.opt_text(23)?, ..Notes::default() },
        lines: Vec::new(),
        claims: Vec::new(),
    };
    private::open(vault, row, PRIVATE, &mut booking)?;
    Ok(booking)
}

fn line(row: &Row<'_>) -> Result<Line> {
    let detail: Detail = serde_json::from_str(&row.text(2)?).map_err(|_| {
        let booking = row.id(4).map_or_else(|_| "?".to_owned(), |id| BookingId(id).to_string());
        StoreError::corrupt("booking_lines", "detail", booking)
    })?;
    Ok(Line { number: row.int(0)?, offering: OfferingId(row.id(1)?), detail, base_minor: row.int(3)? })
}

fn claim(row: &Row<'_>) -> Result<Claim> {
    Ok(Claim {
        number: row.int(0)?,
        line: row.int(1)?,
        pool: PoolId(row.id(2)?),
        first: row.int(3)?,
        last: row.int(4)?,
        units: row.int(5)?,
        released_at: row.opt_int(6)?.map(Instant),
    })
}

fn status(text: &str, booking: BookingId) -> Result<Status> {
    text.parse().map_err(|_| StoreError::corrupt("bookings", "status", booking))
}
