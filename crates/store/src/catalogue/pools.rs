//! The rows of pools, with the slots of those that have no time.

use std::sync::Arc;

use domain::ids::{PoolId, VenueId};
use domain::pool::{Axis, Pool, Ticks};
use domain::seats::{SeatMap, SeatRow};
use domain::time::Instant;

use super::json;
use crate::error::{Result, StoreError};
use crate::seam::{Connection, Param, Row, Rows};

/// Writes pools, and the slots of pools whose axis is not time, because their number is known.
pub fn insert_pools(connection: &mut Connection, pools: &[Pool], now: Instant) -> Result<()> {
    let maps: Vec<_> = pools.iter().map(map_texts).collect();
    let mut rows = Rows::new(11, pools.len());
    let mut slots = Rows::new(3, pools.len());
    for (pool, (map, seat_slots)) in pools.iter().zip(&maps) {
        let ticks = match pool.axis {
            Axis::Timed(ticks) => Some(ticks),
            Axis::Nightly | Axis::Quantity | Axis::Seated(_) => None,
        };
        rows.push([
            Param::Id(pool.id.0),
            Param::Int(pool.version),
            Param::Id(pool.venue.0),
            (&pool.name).into(),
            pool.axis.kind().into(),
            Param::Int(pool.capacity),
            ticks.map(|ticks| ticks.minutes).into(),
            ticks.map(|ticks| ticks.origin).into(),
            map.as_deref().into(),
            seat_slots.as_deref().into(),
            now.into(),
        ]);
        for slot in known_slots(&pool.axis) {
            slots.push([Param::Id(pool.id.0), Param::Int(*slot), Param::Int(pool.capacity)]);
        }
    }
    connection.write_many(
        "insert into pools (id, version, venue_id, name, kind, capacity, tick_minutes, tick_origin, seat_map, \
         seat_slots, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        &rows,
    )?;
    connection.write_many(
        "insert into slots (pool_id, slot, capacity, own_capacity, taken, holds_until) values ($1, $2, $3, 0, 0, null)",
        &slots,
    )
}

fn known_slots(axis: &Axis) -> &[i64] {
    match axis {
        Axis::Nightly | Axis::Timed(_) => &[],
        Axis::Quantity => &[0],
        Axis::Seated(map) => map.slots(),
    }
}

/// Writes what can be changed of a pool but for its capacity, which is its slots' as well. The caller has read it under
/// the lock of the catalogue's version.
pub fn update_pool(connection: &mut Connection, pool: &Pool) -> Result<()> {
    let (map, seat_slots) = map_texts(pool);
    let changed = connection.execute(
        "update pools set version = $2, name = $3, seat_map = $4, seat_slots = $5, withdrawn_at = $6 where id = $1",
        &[
            Param::Id(pool.id.0),
            Param::Int(pool.version),
            (&pool.name).into(),
            map.as_deref().into(),
            seat_slots.as_deref().into(),
            pool.withdrawn_at.into(),
        ],
    )?;
    if changed == 1 { Ok(()) } else { Err(StoreError::corrupt("pools", "id", pool.id)) }
}

/// A seat map as it is stored: its rows, and the slots of its seats where they do not count up from 0.
fn map_texts(pool: &Pool) -> (Option<String>, Option<String>) {
    let Axis::Seated(map) = &pool.axis else { return (None, None) };
    let counts_up = map.slots().iter().zip(0..).all(|(slot, index)| *slot == index);
    (Some(json(&map.rows())), (!counts_up).then(|| json(&map.slots())))
}

pub(super) fn read(connection: &mut Connection, venues: &Rows<'_>) -> Result<Vec<Pool>> {
    connection.all_many(
        "select id, version, venue_id, name, kind, capacity, tick_minutes, tick_origin, seat_map, seat_slots, \
         withdrawn_at from pools where venue_id = $1 order by id",
        venues,
        |_, row| pool(row),
    )
}

fn pool(row: &Row<'_>) -> Result<Pool> {
    let id = PoolId(row.id(0)?);
    let axis = match row.text(4)?.as_str() {
        "nightly" => Axis::Nightly,
        "timed" => Axis::Timed(Ticks { minutes: row.int(6)?, origin: Instant(row.int(7)?) }),
        "quantity" => Axis::Quantity,
        "seated" => {
            let map = seat_map(&row.text(8)?, row.opt_text(9)?.as_deref());
            Axis::Seated(Arc::new(map.ok_or_else(|| StoreError::corrupt("pools", "seat_map", id))?))
        }
        _ => return Err(StoreError::corrupt("pools", "kind", id)),
    };
    Ok(Pool {
        id,
        version: row.int(1)?,
        venue: VenueId(row.id(2)?),
        name: row.text(3)?,
        axis,
        capacity: row.int(5)?,
        withdrawn_at: row.opt_int(10)?.map(Instant),
    })
}

fn seat_map(rows: &str, slots: Option<&str>) -> Option<SeatMap> {
    let rows: Vec<SeatRow> = serde_json::from_str(rows).ok()?;
    match slots {
        Some(slots) => SeatMap::with_slots(rows, &serde_json::from_str::<Vec<i64>>(slots).ok()?),
        None => SeatMap::new(rows).ok(),
    }
}
