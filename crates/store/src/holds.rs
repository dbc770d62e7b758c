//! Searches for expired holds. The lanes end them.

use domain::ids::{BookingId, PoolId};
use domain::slot::SlotKey;
use domain::time::Instant;

use crate::error::Result;
use crate::seam::{Connection, Param, Rows};

/// Maximum number of holds per slot and search. If a slot has more expired holds, the next buyer searches again.
const HOLDS_PER_SLOT_MAX: usize = 256;

/// The holds on one slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldSearch {
    pub slot: SlotKey,
    /// Expired holds, oldest first.
    pub due: Vec<BookingId>,
    /// The earliest end of the other holds; `None` if there are none.
    pub next_end: Option<Instant>,
}

/// Searches for the holds on each slot. Locks nothing.
pub fn on_slots(
    connection: &mut Connection,
    slots: &[SlotKey],
    due_since: Instant,
) -> Result<Vec<HoldSearch>> {
    let mut rows = Rows::new(2, slots.len());
    for key in slots {
        rows.push([Param::Id(key.pool.0), Param::Int(key.slot)]);
    }
    let found = connection.all_many(
        "select b.id, b.expires_at from bookings b join claims c on c.booking_id = b.id \
         where b.status = 'PENDING' and c.released_at is null and c.pool_id = $1 \
         and c.slot_first <= $2 and c.slot_last >= $2 order by b.expires_at limit 257",
        &rows,
        |index, row| Ok((index, BookingId(row.id(0)?), Instant(row.int(1)?))),
    )?;
    let search = |(index, slot): (usize, &SlotKey)| {
        let of_slot = found.iter().copied().filter(|(of, _, _)| *of == index).take(HOLDS_PER_SLOT_MAX + 1);
        let (due, later): (Vec<_>, Vec<_>) = of_slot.partition(|(_, _, end)| *end <= due_since);
        let next_end = match (later.first(), due.get(HOLDS_PER_SLOT_MAX)) {
            (_, Some((_, _, end))) | (Some((_, _, end)), None) => Some(*end),
            (None, None) => None,
        };
        let due = due.into_iter().take(HOLDS_PER_SLOT_MAX).map(|(_, booking, _)| booking).collect();
        HoldSearch { slot: *slot, due, next_end }
    };
    Ok(slots.iter().enumerate().map(search).collect())
}

/// All holds that ended before `due_since`, oldest first, each with a pool whose units it holds.
pub fn due(
    connection: &mut Connection,
    due_since: Instant,
    count_max: i64,
) -> Result<Vec<(BookingId, Option<PoolId>)>> {
    connection.all(
        "select b.id, (select c.pool_id from claims c where c.booking_id = b.id order by c.claim limit 1) \
         from bookings b where b.status = 'PENDING' and b.expires_at <= $1 order by b.expires_at limit $2",
        &[due_since.into(), Param::Int(count_max)],
        |row| Ok((BookingId(row.id(0)?), row.opt_id(1)?.map(PoolId))),
    )
}
