//! Erasing a person: their key is deleted, which makes all sealed data unreadable, and other identifying columns are
//! cleared.

use domain::ids::{BookingId, GuestId};

use crate::error::Result;
use crate::seam::{Connection, Param, Rows};

/// A guest's bookings whose stored status is held, confirmed or checked in.
pub fn unfinished(connection: &mut Connection, guest: GuestId) -> Result<Vec<BookingId>> {
    connection.all(
        "select id from bookings where guest_id = $1 and status in ('PENDING', 'CONFIRMED', 'CHECKED_IN') order by id",
        &[Param::Id(guest.0)],
        |row| row.id(0).map(BookingId),
    )
}

/// The result of one chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blanked {
    pub bookings: u64,
    /// The start of the next chunk; `None` if this was the last.
    pub last: Option<BookingId>,
}

/// Blanks sealed data, blind indexes and reasons in the guest's next bookings, in the order of their ids. Amounts, dates,
/// references and states stay. Runs in the caller's transaction.
pub fn blank(
    connection: &mut Connection,
    guest: GuestId,
    after: Option<BookingId>,
    count_max: i64,
) -> Result<Blanked> {
    let after = after.map_or(uuid::Uuid::nil(), |booking| booking.0);
    let found = connection.all(
        "select id from bookings where guest_id = $1 and id > $2 order by id limit $3 for update",
        &[Param::Id(guest.0), Param::Id(after), Param::Int(count_max)],
        |row| row.id(0).map(BookingId),
    )?;
    let rows = Rows::of_ids(found.iter().map(|booking| booking.0));
    connection.write_many(
        "update bookings set private = null, email_index = null, phone_index = null, cancellation_reason = null \
         where id = $1",
        &rows,
    )?;
    connection.write_many("update booking_history set reason = null where booking_id = $1", &rows)?;
    let more = i64::try_from(found.len()) == Ok(count_max);
    Ok(Blanked { bookings: found.len() as u64, last: found.last().copied().filter(|_| more) })
}
