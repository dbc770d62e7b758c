//! One slot of a pool, and what a booking claims of it.

use crate::ids::PoolId;
use crate::time::Instant;

/// A slot's name. Sorted, these are the order in which slots are locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SlotKey {
    pub pool: PoolId,
    pub slot: i64,
}

/// How full a slot is. `taken ≤ capacity`, always; the database checks it too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    pub capacity: i64,
    pub taken: i64,
    /// No hold on this slot ends before this moment, so that a full slot needs no look at its holds until then.
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

    /// Gives `units` back.
    pub fn release(&mut self, units: i64) {
        self.taken -= units;
        assert!(self.taken >= 0, "a slot gave back more than was taken");
    }
}

/// The earlier of two moments of which either may be absent.
pub(crate) fn earlier(one: Option<Instant>, other: Option<Instant>) -> Option<Instant> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// Units of a range of slots that a booking's line holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    pub number: i64,
    pub line: i64,
    pub pool: PoolId,
    pub first: i64,
    /// Inclusive.
    pub last: i64,
    pub units: i64,
    /// When the claim was given back; `None` while it stands.
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
