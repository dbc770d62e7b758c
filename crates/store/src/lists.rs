//! Lists of bookings, page by page. Totals are not counted.

use domain::booking::Booking;
use domain::ids::{BookingId, GuestId, VenueId};
use domain::status::Status;
use domain::time::Instant;

use crate::bookings::by_ids;
use crate::error::Result;
use crate::seam::{Connection, Param, Row};
use crate::segments;
use crate::vault::{BlindIndex, Vault};

/// Which bookings a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    pub status: Option<Status>,
    /// Day numbers of the first night or of the visit, inclusive.
    pub from_day: Option<i64>,
    pub to_day: Option<i64>,
}

/// The start of a page: bookings after this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    pub day: i64,
    pub booking: BookingId,
}

#[derive(Debug)]
pub struct Page {
    pub bookings: Vec<Booking>,
    /// The start of the next page; `None` if this is the last.
    pub next: Option<Cursor>,
}

/// A guest's bookings, newest first.
pub fn of_guest(
    (connection, vault): (&mut Connection, &Vault),
    guest: GuestId,
    filter: &Filter,
    after: Option<Cursor>,
    (count_max, now): (i64, Instant),
) -> Result<Page> {
    let before = after.map_or(uuid::Uuid::max(), |cursor| cursor.booking.0);
    let rows = connection.all(
        "select starts_on, id from bookings where guest_id = $1 and id < $2 \
         and starts_on >= $3 and starts_on <= $4 and ($5 = '' or \
         case when status = 'PENDING' and expires_at <= $6 then 'EXPIRED' else status end = $5) \
         order by id desc limit $7",
        &[
            Param::Id(guest.0),
            Param::Id(before),
            Param::Int(filter.from_day.unwrap_or(i64::MIN)),
            Param::Int(filter.to_day.unwrap_or(i64::MAX)),
            filter.status.map_or("", Status::as_str).into(),
            now.into(),
            Param::Int(count_max.saturating_add(1)),
        ],
        cursor,
    )?;
    page(connection, vault, rows, count_max)
}

/// A venue's bookings, ordered by date.
pub fn of_venue(
    (connection, vault): (&mut Connection, &Vault),
    venue: VenueId,
    filter: &Filter,
    after: Option<Cursor>,
    (count_max, now): (i64, Instant),
) -> Result<Page> {
    let after = after.unwrap_or(Cursor { day: i64::MIN, booking: BookingId(uuid::Uuid::nil()) });
    let keys = segments::keys(connection, |segment| {
        [
            segment,
            Param::Id(venue.0),
            Param::Int(after.day),
            Param::Id(after.booking.0),
            Param::Int(filter.from_day.unwrap_or(i64::MIN)),
            Param::Int(filter.to_day.unwrap_or(i64::MAX)),
            filter.status.map_or("", Status::as_str).into(),
            now.into(),
            Param::Int(count_max.saturating_add(1)),
        ]
    })?;
    let mut rows = connection.all_many(
        "select starts_on, id from bookings where segment = $1 and venue_id = $2 and (starts_on, id) > ($3, $4) \
         and starts_on >= $5 and starts_on <= $6 and ($7 = '' or \
         case when status = 'PENDING' and expires_at <= $8 then 'EXPIRED' else status end = $7) \
         order by starts_on, id limit $9",
        &keys,
        |_, row| cursor(row),
    )?;
    rows.sort_unstable_by_key(|place| (place.day, place.booking));
    page(connection, vault, rows, count_max)
}

/// Bookings with this blind index, newest first, before `before` where it is given; `count_max` of each segment at the most. Nothing
/// is opened: who looks for a text compares it himself.
pub fn by_contact(
    connection: &mut Connection,
    index: Contact,
    before: Option<BookingId>,
    count_max: i64,
) -> Result<Vec<Matched>> {
    let before = before.map_or(uuid::Uuid::max(), |booking| booking.0);
    let (sql, BlindIndex(index)) = match index {
        Contact::Email(index) => (
            "select id, venue_id from bookings where segment = $1 and email_index = $2 and id < $3 order by id desc limit $4",
            index,
        ),
        Contact::Phone(index) => (
            "select id, venue_id from bookings where segment = $1 and phone_index = $2 and id < $3 order by id desc limit $4",
            index,
        ),
    };
    let keys = segments::keys(connection, |segment| {
        [segment, Param::Int(index), Param::Id(before), Param::Int(count_max)]
    })?;
    let mut found = connection.all_many(sql, &keys, |_, row| {
        Ok(Matched { booking: BookingId(row.id(0)?), venue: VenueId(row.id(1)?) })
    })?;
    found.sort_unstable_by_key(|matched| std::cmp::Reverse(matched.booking));
    found.truncate(usize::try_from(count_max).unwrap_or(usize::MAX));
    Ok(found)
}

/// The criterion of a search for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contact {
    Email(BlindIndex),
    Phone(BlindIndex),
}

/// A booking that may match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Matched {
    pub booking: BookingId,
    pub venue: VenueId,
}

fn cursor(row: &Row<'_>) -> Result<Cursor> {
    Ok(Cursor { day: row.int(0)?, booking: BookingId(row.id(1)?) })
}

fn page(connection: &mut Connection, vault: &Vault, mut rows: Vec<Cursor>, count_max: i64) -> Result<Page> {
    let wanted = usize::try_from(count_max).unwrap_or(usize::MAX);
    let more = rows.len() > wanted;
    rows.truncate(wanted);
    let next = rows.last().copied().filter(|_| more);
    let ids: Vec<BookingId> = rows.into_iter().map(|row| row.booking).collect();
    Ok(Page { bookings: by_ids(connection, vault, &ids)?, next })
}
