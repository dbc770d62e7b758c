//! Bookings with their lines and claims. They are read completely, and only changes are written.

pub(crate) mod private;

use std::borrow::Cow;

use domain::booking::{Booking, Cancellation, HistoryEntry, Notes, Person, Times};
use domain::ids::{BookingId, GuestId, OfferingId, OrderId, PoolId, VenueId};
use domain::line::{Detail, Line};
use domain::money::{Currency, Price};
use domain::reference::ReferenceNumber;
use domain::slot::{Claim, SlotKey};
use domain::status::Status;
use domain::time::Instant;
use jiff::civil::Date;

use crate::error::{Result, StoreError};
use crate::row::{TableRow as _, row};
use crate::seam::{Connection, Param, Row, Rows};
use crate::vault::{BlindIndex, Vault};
use private::Private;

row! {
    /// A booking's own row: borrowed where it is written, owned where it was read.
    struct BookingRow<'a> of "bookings" as columns {
        id: BookingId = "id",
        reference: ReferenceNumber = "reference_number",
        order: Option<OrderId> = "order_id",
        venue: VenueId = "venue_id",
        guest: GuestId = "guest_id",
        status: Status = "status",
        version: i64 = "version",
        starts_on: Date = "starts_on",
        party_size: i64 = "party_size",
        currency: Currency = "currency",
        base_minor: i64 = "base_minor",
        tax_minor: i64 = "tax_minor",
        discount_minor: i64 = "discount_minor",
        total_minor: i64 = "total_minor",
        created_at: Instant = "created_at",
        updated_at: Instant = "updated_at",
        confirmed_at: Option<Instant> = "confirmed_at",
        checked_in_at: Option<Instant> = "checked_in_at",
        completed_at: Option<Instant> = "completed_at",
        cancelled_at: Option<Instant> = "cancelled_at",
        expires_at: Option<Instant> = "expires_at",
        cancelled_by: Option<Cow<'a, str>> = "cancelled_by",
        cancellation_reason: Option<Cow<'a, str>> = "cancellation_reason",
        source: Option<Cow<'a, str>> = "source",
        /// Sealed; a query has the key that opens it behind the row.
        private: Option<Cow<'a, [u8]>> = "private",
        email_index: Option<BlindIndex> = "email_index",
        phone_index: Option<BlindIndex> = "phone_index",
        segment: i64 = "segment",
    }
}

row! {
    struct ClaimRow of "claims" as claim_columns {
        booking: BookingId = "booking_id",
        number: i64 = "claim",
        line: i64 = "line",
        pool: PoolId = "pool_id",
        first: i64 = "slot_first",
        last: i64 = "slot_last",
        units: i64 = "units",
        released_at: Option<Instant> = "released_at",
    }
}

/// Loads and locks bookings, in the order of `ids`.
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

/// Loads bookings without locking them, in the order of `ids`. Omits those that do not exist.
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

/// The slots that stored bookings hold. Locks nothing.
pub fn slots_held(connection: &mut Connection, ids: &[BookingId]) -> Result<Vec<SlotKey>> {
    let held = claims_held(connection, ids)?;
    Ok(held.iter().flat_map(Claim::slots).collect())
}

/// The held claims of stored bookings. Locks nothing.
pub fn claims_held(connection: &mut Connection, ids: &[BookingId]) -> Result<Vec<Claim>> {
    connection.all_many(
        concat!("select ", claim_columns!(), " from claims where booking_id = $1 and released_at is null"),
        &id_rows(ids),
        |_, row| ClaimRow::read(row).map(Claim::from),
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

/// One change from the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredHistory {
    pub version: i64,
    pub from: Option<Status>,
    pub to: Status,
    pub by: String,
    pub reason: Option<String>,
    pub at: Instant,
}

/// A booking to write, with its sealed personal data.
pub(crate) type Sealed<'a> = (&'a Booking, Private);

/// Writes new bookings into their segment.
pub(crate) fn insert(connection: &mut Connection, bookings: &[Sealed<'_>], segment: i64) -> Result<()> {
    let rows: Vec<BookingRow<'_>> = bookings.iter().map(|sealed| BookingRow::of(sealed, segment)).collect();
    connection.write_many(columns!(insert), &BookingRow::rows(&rows))
}

/// Writes the changeable columns of bookings.
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
    connection.write_many(claim_columns!(insert), &ClaimRow::rows(&claim_rows(bookings)))
}

/// Writes all claims of changed bookings, existing and new ones.
pub(crate) fn save_claims(connection: &mut Connection, bookings: &[&Booking]) -> Result<()> {
    let sql = concat!(
        claim_columns!(insert),
        " on conflict (booking_id, claim) do update set slot_first = excluded.slot_first, \
         slot_last = excluded.slot_last, released_at = excluded.released_at"
    );
    connection.write_many(sql, &ClaimRow::rows(&claim_rows(bookings)))
}

fn claim_rows(bookings: &[&Booking]) -> Vec<ClaimRow> {
    let claims = bookings.iter().flat_map(|booking| booking.claims.iter().map(|claim| (booking.id, claim)));
    claims.map(|(booking, claim)| ClaimRow::of(booking, claim)).collect()
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
        concat!("select ", claim_columns!(), " from claims where booking_id = $1 order by claim"),
        &id_rows(&ids),
        |index, row| Ok((index, ClaimRow::read(row)?.into())),
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

impl<'a> BookingRow<'a> {
    fn of((booking, private): &'a Sealed<'a>, segment: i64) -> Self {
        let (times, price) = (&booking.times, &booking.price);
        let cancellation = booking.cancellation.as_ref();
        Self {
            id: booking.id,
            reference: booking.reference,
            order: booking.order,
            venue: booking.venue,
            guest: booking.guest,
            status: booking.status,
            version: booking.version,
            starts_on: booking.starts_on,
            party_size: booking.party_size,
            currency: price.currency,
            base_minor: price.base_minor,
            tax_minor: price.tax_minor,
            discount_minor: price.discount_minor,
            total_minor: price.total_minor,
            created_at: times.created,
            updated_at: times.updated,
            confirmed_at: times.confirmed,
            checked_in_at: times.checked_in,
            completed_at: times.completed,
            cancelled_at: times.cancelled,
            expires_at: times.expires,
            cancelled_by: cancellation.map(|cancellation| Cow::Borrowed(cancellation.by.as_str())),
            cancellation_reason: cancellation
                .and_then(|cancellation| cancellation.reason.as_deref().map(Cow::Borrowed)),
            source: booking.notes.source.as_deref().map(Cow::Borrowed),
            private: private.sealed.as_deref().map(Cow::Borrowed),
            email_index: private.email,
            phone_index: private.phone,
            segment,
        }
    }

    /// The booking, still without lines and claims, and what it says about people, sealed.
    fn into_booking(self) -> (Booking, Option<Cow<'a, [u8]>>) {
        let reason = self.cancellation_reason.map(Cow::into_owned);
        let booking = Booking {
            id: self.id,
            reference: self.reference,
            order: self.order,
            venue: self.venue,
            guest: self.guest,
            status: self.status,
            version: self.version,
            starts_on: self.starts_on,
            party_size: self.party_size,
            price: Price {
                currency: self.currency,
                base_minor: self.base_minor,
                tax_minor: self.tax_minor,
                discount_minor: self.discount_minor,
                total_minor: self.total_minor,
            },
            times: Times {
                created: self.created_at,
                updated: self.updated_at,
                confirmed: self.confirmed_at,
                checked_in: self.checked_in_at,
                completed: self.completed_at,
                cancelled: self.cancelled_at,
                expires: self.expires_at,
            },
            cancellation: self.cancelled_by.map(|by| Cancellation { by: by.into_owned(), reason }),
            person: Person::default(),
            notes: Notes { source: self.source.map(Cow::into_owned), ..Notes::default() },
            lines: Vec::new(),
            claims: Vec::new(),
        };
        (booking, self.private)
    }
}

fn booking(vault: &Vault, row: &Row<'_>) -> Result<Booking> {
    let (mut booking, sealed) = BookingRow::read(row)?.into_booking();
    if let (Some(sealed), Some(wrapped)) = (sealed, row.opt_bytes(BookingRow::WIDTH)?) {
        private::open(vault, &sealed, &wrapped, &mut booking)?;
    }
    Ok(booking)
}

impl ClaimRow {
    fn of(booking: BookingId, claim: &Claim) -> Self {
        let Claim { number, line, pool, first, last, units, released_at } = *claim;
        Self { booking, number, line, pool, first, last, units, released_at }
    }
}

impl From<ClaimRow> for Claim {
    fn from(row: ClaimRow) -> Self {
        let ClaimRow { booking: _, number, line, pool, first, last, units, released_at } = row;
        Self { number, line, pool, first, last, units, released_at }
    }
}

fn line(row: &Row<'_>) -> Result<Line> {
    let detail: Detail = serde_json::from_str(&row.text(2)?).map_err(|_| {
        let booking = row.id(4).map_or_else(|_| "?".to_owned(), |id| BookingId(id).to_string());
        StoreError::corrupt("booking_lines", "detail", booking)
    })?;
    Ok(Line { number: row.int(0)?, offering: OfferingId(row.id(1)?), detail, base_minor: row.int(3)? })
}

fn status(text: &str, booking: BookingId) -> Result<Status> {
    text.parse().map_err(|_| StoreError::corrupt("bookings", "status", booking))
}
