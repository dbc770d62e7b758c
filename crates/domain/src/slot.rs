//! A slot of a pool, and the claims on it.

use crate::ids::PoolId;
use crate::time::Instant;

/// The key of a slot. Slots are locked in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SlotKey {
    pub pool: PoolId,
    pub slot: i64,
}

/// The capacity and usage of a slot. `taken ≤ capacity` always holds; a check constraint enforces it too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    pub capacity: i64,
    pub taken: i64,
    /// No hold on this slot ends before this time, so a full slot need not be searched for expired holds until then.
    pub holds_until: Option<Instant>,
}

impl Slot {
    pub fn free(&self) -> i64 {
        self.capacity - self.taken
    }

    /// Takes `units` if they are free.
    #[must_use]
    pub fn take(&mut self, units: i64, hold_ends: Option<Instant>) -> bool {
        assert!(units > 0, "a claim takes at least one unit");
        if units > self.free() {
            return false;
        }
        self.taken += units;
        self.holds_until = earlier(self.holds_until, hold_ends);
        true
    }

    /// Returns `units` to the slot.
    pub fn release(&mut self, units: i64) {
        self.taken -= units;
        assert!(self.taken >= 0, "more units were released than were taken");
    }
}

/// The earlier of two optional instants.
pub(crate) fn earlier(one: Option<Instant>, other: Option<Instant>) -> Option<Instant> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// Units of a range of slots, held by a line of a booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    pub number: i64,
    pub line: i64,
    pub pool: PoolId,
    pub first: i64,
    /// Inclusive.
    pub last: i64,
    pub units: i64,
    /// When the claim was released; `None` while it is held.
    pub released_at: Option<Instant>,
}

impl Claim {
    pub fn slots(&self) -> impl Iterator<Item = SlotKey> + use<> {
        let pool = self.pool;
        (self.first..=self.last).map(move |slot| SlotKey { pool, slot })
    }

    pub fn stands(&self) -> bool {
        self.released_at.is_none()
    }
}
