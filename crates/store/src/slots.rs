//! Slots: loaded and locked before a batch, written after it.

use std::collections::HashMap;

use domain::ids::PoolId;
use domain::offering::Supply;
use domain::slot::{Slot, SlotKey};
use domain::time::Instant;
use domain::working_set::SlotChange;

use crate::error::Result;
use crate::seam::{Connection, Param, Row, Rows};

/// Loads and locks slots, in order. Slots without a row are omitted.
pub fn lock(connection: &mut Connection, keys: &[SlotKey]) -> Result<Vec<(SlotKey, Slot)>> {
    connection.all_many(
        "select pool_id, slot, capacity, taken, holds_until from slots \
         where pool_id = $1 and slot between $2 and $3 order by slot for update",
        &run_rows(keys),
        |_, row| slot(row),
    )
}

/// Creates rows for slots that have none, and for their neighbours, with their pool's capacity. The pool is locked,
/// so that a change of its capacity either comes first or affects these rows.
pub fn make(connection: &mut Connection, keys: &[SlotKey]) -> Result<()> {
    let mut pools: Vec<PoolId> = keys.iter().map(|key| key.pool).collect();
    pools.dedup();
    let pool_rows = Rows::of_ids(pools.iter().map(|pool| pool.0));
    let locked = connection.all_many(
        "select id, capacity from pools where id = $1 for share",
        &pool_rows,
        |_, row| Ok((PoolId(row.id(0)?), row.int(1)?)),
    )?;
    let capacities: HashMap<PoolId, i64> = locked.into_iter().collect();
    let mut rows = Rows::new(3, keys.len());
    for key in with_neighbours(keys) {
        if let Some(capacity) = capacities.get(&key.pool) {
            rows.push([Param::Id(key.pool.0), Param::Int(key.slot), Param::Int(*capacity)]);
        }
    }
    connection.write_many(
        "insert into slots (pool_id, slot, capacity, own_capacity, taken, holds_until) \
         values ($1, $2, $3, 0, 0, null) on conflict (pool_id, slot) do nothing",
        &rows,
    )
}

/// Number of neighbouring slots whose rows are created together, because adjacent nights are usually booked soon.
const MADE_TOGETHER: i64 = 8;

/// The keys and the other slots of their blocks, sorted.
fn with_neighbours(keys: &[SlotKey]) -> Vec<SlotKey> {
    let mut blocks: Vec<(PoolId, i64)> =
        keys.iter().map(|key| (key.pool, key.slot.div_euclid(MADE_TOGETHER))).collect();
    blocks.sort_unstable();
    blocks.dedup();
    let slots = |(pool, block): (PoolId, i64)| {
        let first = block * MADE_TOGETHER;
        (first..first + MADE_TOGETHER).map(move |slot| SlotKey { pool, slot })
    };
    blocks.into_iter().flat_map(slots).collect()
}

/// Writes locked slots.
pub(crate) fn save(connection: &mut Connection, changes: &[SlotChange]) -> Result<()> {
    let mut rows = Rows::new(4, changes.len());
    for SlotChange { key, slot, .. } in changes {
        rows.push([
            Param::Id(key.pool.0),
            Param::Int(key.slot),
            Param::Int(slot.taken),
            slot.holds_until.into(),
        ]);
    }
    connection
        .write_many("update slots set taken = $3, holds_until = $4 where pool_id = $1 and slot = $2", &rows)
}

/// Adds taken units to slots that are not locked, whatever others have taken. The constraint on `taken` prevents
/// overselling. The nights of a stay are sent as one row.
pub(crate) fn take_more(connection: &mut Connection, changes: &[SlotChange]) -> Result<()> {
    let more = |change: &SlotChange| (change.slot.taken - change.taken_before, change.slot.holds_until);
    let alike =
        |one: &SlotChange, next: &SlotChange| are_neighbours(one.key, next.key) && more(one) == more(next);
    let mut rows = Rows::new(5, changes.len());
    for range in changes.chunk_by(alike) {
        if let (Some(first), Some(last)) = (range.first(), range.last()) {
            let (taken, holds_until) = more(first);
            rows.push([
                Param::Id(first.key.pool.0),
                Param::Int(first.key.slot),
                Param::Int(last.key.slot),
                Param::Int(taken),
                holds_until.into(),
            ]);
        }
    }
    connection.write_many(
        "update slots set taken = taken + $4, holds_until = case when holds_until < $5 then holds_until \
         else coalesce($5, holds_until) end where pool_id = $1 and slot between $2 and $3",
        &rows,
    )
}

/// Loads slots without locking them. Slots without a row are omitted.
pub fn read(connection: &mut Connection, keys: &[SlotKey]) -> Result<Vec<(SlotKey, Slot)>> {
    connection.all_many(
        "select pool_id, slot, capacity, taken, holds_until from slots \
         where pool_id = $1 and slot between $2 and $3 order by slot",
        &run_rows(keys),
        |_, row| slot(row),
    )
}

/// The slots of a range that have a row. Locks nothing.
pub fn in_range(
    connection: &mut Connection,
    pool: PoolId,
    first: i64,
    last: i64,
) -> Result<Vec<(SlotKey, Slot)>> {
    connection.all(
        "select pool_id, slot, capacity, taken, holds_until from slots \
         where pool_id = $1 and slot between $2 and $3 order by slot",
        &[Param::Id(pool.0), Param::Int(first), Param::Int(last)],
        slot,
    )
}

/// The result of a capacity change. Unless it is `Done`, the caller must roll back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CapacityChange {
    Done,
    NoSuchPool,
    /// More units than the new capacity are taken in this slot.
    BelowTaken {
        slot: i64,
        taken: i64,
    },
}

/// Sets the capacity of a pool, and of every slot without its own capacity.
pub fn change_pool_capacity(
    connection: &mut Connection,
    pool: PoolId,
    capacity: i64,
) -> Result<CapacityChange> {
    let id = Param::Id(pool.0);
    if connection.execute("update pools set capacity = $2 where id = $1", &[id, Param::Int(capacity)])? == 0 {
        return Ok(CapacityChange::NoSuchPool);
    }
    // Locked before they are examined, so that nothing is taken in between, and in the locking order of the lanes.
    let mut over = None;
    connection.each(
        "select slot, taken from slots where pool_id = $1 and own_capacity = 0 order by slot for update",
        &[id],
        |row| {
            let (slot, taken) = (row.int(0)?, row.int(1)?);
            if taken > over.map_or(capacity, |(_, most)| most) {
                over = Some((slot, taken));
            }
            Ok(())
        },
    )?;
    if let Some((slot, taken)) = over {
        return Ok(CapacityChange::BelowTaken { slot, taken });
    }
    let sql = "update slots set capacity = $2 where pool_id = $1 and own_capacity = 0";
    connection.execute(sql, &[id, Param::Int(capacity)])?;
    Ok(CapacityChange::Done)
}

/// Sets the capacity of the slots of a range.
pub fn change_slot_capacity(
    connection: &mut Connection,
    pool: PoolId,
    (first, last): (i64, i64),
    capacity: i64,
) -> Result<CapacityChange> {
    let keys: Vec<SlotKey> = (first..=last).map(|slot| SlotKey { pool, slot }).collect();
    make(connection, &keys)?;
    let locked = lock(connection, &keys)?;
    if locked.len() < keys.len() {
        return Ok(CapacityChange::NoSuchPool);
    }
    if let Some((key, slot)) = locked.iter().find(|(_, slot)| slot.taken > capacity) {
        return Ok(CapacityChange::BelowTaken { slot: key.slot, taken: slot.taken });
    }
    connection.execute(
        "update slots set capacity = $4, own_capacity = 1 where pool_id = $1 and slot between $2 and $3",
        &[Param::Id(pool.0), Param::Int(first), Param::Int(last), Param::Int(capacity)],
    )?;
    Ok(CapacityChange::Done)
}

/// Gives the seats that were removed from a map no capacity, for good, and makes slots for those that were added. A seat
/// that is taken cannot be removed.
pub fn change_seats(
    connection: &mut Connection,
    pool: PoolId,
    added: &[i64],
    removed: &[i64],
    capacity: i64,
) -> Result<CapacityChange> {
    let mut removed: Vec<SlotKey> = removed.iter().map(|slot| SlotKey { pool, slot: *slot }).collect();
    removed.sort_unstable();
    let locked = lock(connection, &removed)?;
    if let Some((key, slot)) = locked.iter().find(|(_, slot)| slot.taken > 0) {
        return Ok(CapacityChange::BelowTaken { slot: key.slot, taken: slot.taken });
    }
    let mut rows = Rows::new(2, removed.len());
    for key in &removed {
        rows.push([Param::Id(pool.0), Param::Int(key.slot)]);
    }
    let sql = "update slots set capacity = 0, own_capacity = 1 where pool_id = $1 and slot = $2";
    connection.write_many(sql, &rows)?;
    let mut rows = Rows::new(3, added.len());
    for slot in added {
        rows.push([Param::Id(pool.0), Param::Int(*slot), Param::Int(capacity)]);
    }
    connection.write_many(
        "insert into slots (pool_id, slot, capacity, own_capacity, taken, holds_until) values ($1, $2, $3, 0, 0, null)",
        &rows,
    )?;
    Ok(CapacityChange::Done)
}

/// How much pools without time have, and how much of it is free; what holds that ended by `due_since` still take is
/// free as well.
pub fn supplies(
    connection: &mut Connection,
    pools: &[PoolId],
    due_since: Instant,
) -> Result<HashMap<PoolId, Supply>> {
    let totals = connection.all_many(
        "select pool_id, cast(sum(capacity) as bigint), cast(sum(capacity - taken) as bigint) from slots \
         where pool_id = $1 group by pool_id",
        &Rows::of_ids(pools.iter().map(|pool| pool.0)),
        |_, row| Ok((PoolId(row.id(0)?), Supply { capacity: row.int(1)?, free: row.int(2)? })),
    )?;
    let mut supplies: HashMap<PoolId, Supply> = totals.into_iter().collect();
    let due = connection.all(
        "select c.pool_id, cast(sum(c.units * (c.slot_last - c.slot_first + 1)) as bigint) from bookings b \
         join claims c on c.booking_id = b.id where b.status = 'PENDING' and b.expires_at <= $1 \
         and c.released_at is null group by c.pool_id",
        &[due_since.into()],
        |row| Ok((PoolId(row.id(0)?), row.int(1)?)),
    )?;
    for (pool, units) in due {
        if let Some(supply) = supplies.get_mut(&pool) {
            supply.free += units;
        }
    }
    Ok(supplies)
}

/// The first number that no slot of the pool has, or had.
pub fn first_unused(connection: &mut Connection, pool: PoolId) -> Result<i64> {
    let sql = "select coalesce(max(slot), -1) + 1 from slots where pool_id = $1";
    Ok(connection.optional(sql, &[Param::Id(pool.0)], |row| row.int(0))?.unwrap_or(0))
}

/// Sorted keys as ranges of neighbours: one key of the query for all nights of a stay.
fn run_rows(keys: &[SlotKey]) -> Rows<'static> {
    let mut rows = Rows::new(3, keys.len());
    for range in keys.chunk_by(|one, next| are_neighbours(*one, *next)) {
        if let (Some(first), Some(last)) = (range.first(), range.last()) {
            rows.push([Param::Id(first.pool.0), Param::Int(first.slot), Param::Int(last.slot)]);
        }
    }
    rows
}

fn are_neighbours(one: SlotKey, next: SlotKey) -> bool {
    one.pool == next.pool && one.slot + 1 == next.slot
}

fn slot(row: &Row<'_>) -> Result<(SlotKey, Slot)> {
    let key = SlotKey { pool: PoolId(row.id(0)?), slot: row.int(1)? };
    Ok((key, Slot { capacity: row.int(2)?, taken: row.int(3)?, holds_until: row.opt_int(4)?.map(Instant) }))
}
