//! A pool of equal units, cut along one axis into numbered slots.

use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::ids::{PoolId, VenueId};
use crate::seats::SeatMap;
use crate::time::{Instant, MINUTE_MS, day_number};

#[derive(Debug, Clone, PartialEq)]
pub struct Pool {
    pub id: PoolId,
    /// Grows by one with each change of the pool itself.
    pub version: i64,
    pub venue: VenueId,
    pub name: String,
    pub axis: Axis,
    /// Units of every slot that has no capacity of its own.
    pub capacity: i64,
    /// Since when nothing more is sold from it.
    pub withdrawn_at: Option<Instant>,
}

/// What a slot of the pool is.
#[derive(Debug, Clone, PartialEq)]
pub enum Axis {
    /// A night, numbered by its day.
    Nightly,
    /// A tick of elapsed time since the pool's origin.
    Timed(Ticks),
    /// The thing itself: slot 0.
    Quantity,
    /// A seat of the map; every slot holds one unit.
    Seated(Arc<SeatMap>),
}

impl Axis {
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Nightly => "nightly",
            Self::Timed(_) => "timed",
            Self::Quantity => "quantity",
            Self::Seated(_) => "seated",
        }
    }

    /// The first slot that has not begun at `now`: a booking in use can still release it. `None` if the axis has no
    /// time.
    pub fn first_still_to_come(&self, now: Instant, zone: &TimeZone) -> Option<i64> {
        match self {
            Self::Nightly => Some(day_number(now.date_in(zone))),
            Self::Timed(ticks) => Some(ticks.at_or_after(now)),
            Self::Quantity | Self::Seated(_) => None,
        }
    }
}

/// The time grid of a timed pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticks {
    /// 5 or 15.
    pub minutes: i64,
    pub origin: Instant,
}

impl Ticks {
    /// The slot that begins exactly at `moment`, if there is one.
    pub fn exactly_at(self, moment: Instant) -> Option<i64> {
        let since = moment.0 - self.origin.0;
        (since.rem_euclid(self.length_ms()) == 0).then(|| since.div_euclid(self.length_ms()))
    }

    /// The first slot that begins at `moment` or later.
    pub fn at_or_after(self, moment: Instant) -> i64 {
        -(-(moment.0 - self.origin.0)).div_euclid(self.length_ms())
    }

    /// When a slot begins.
    pub fn start(self, slot: i64) -> Instant {
        self.origin + slot.saturating_mul(self.length_ms())
    }

    pub fn length_ms(self) -> i64 {
        self.minutes * MINUTE_MS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_round_up_to_what_has_not_begun() {
        let ticks = Ticks { minutes: 15, origin: Instant(0) };
        assert_eq!(ticks.exactly_at(Instant(1_800_000)), Some(2));
        assert_eq!(ticks.exactly_at(Instant(1_800_001)), None);
        assert_eq!(ticks.at_or_after(Instant(1_800_000)), 2);
        assert_eq!(ticks.at_or_after(Instant(1_800_001)), 3);
        assert_eq!(ticks.at_or_after(Instant(-1)), 0);
        assert_eq!(ticks.start(3), Instant(2_700_000));
    }
}
