//! How much of each slot is taken.

use domain::pool::{Axis, Pool};
use store::slots;

use crate::App;
use engine::Fault;

/// A slot of a pool for operators: its capacity and the units taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occupancy {
    pub slot: i64,
    pub capacity: i64,
    pub taken: i64,
}

/// The slots from `first` to `last`, those without a row included. Seats come in the order of their slots; slots that
/// are no seat any more are left out.
pub async fn occupancy(app: &App, pool: &Pool, first: i64, last: i64) -> Result<Vec<Occupancy>, Fault> {
    let (id, capacity) = (pool.id, pool.capacity);
    let rows = app.readers.ask(move |connection| slots::in_range(connection, id, first, last)).await?;
    let mut rows = rows.into_iter().peekable();
    let slot = |number| {
        while rows.next_if(|(key, _)| key.slot < number).is_some() {}
        match rows.next_if(|(key, _)| key.slot == number) {
            Some((_, slot)) => Occupancy { slot: number, capacity: slot.capacity, taken: slot.taken },
            None => Occupancy { slot: number, capacity, taken: 0 },
        }
    };
    match &pool.axis {
        Axis::Seated(map) => {
            let mut seats: Vec<i64> =
                map.slots().iter().copied().filter(|seat| (first..=last).contains(seat)).collect();
            seats.sort_unstable();
            Ok(seats.into_iter().map(slot).collect())
        }
        Axis::Nightly | Axis::Timed(_) | Axis::Quantity => Ok((first..=last).map(slot).collect()),
    }
}
