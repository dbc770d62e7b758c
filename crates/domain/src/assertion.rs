//! What must be true of units and money whenever they are read or written, and cannot be said in a type.
//!
//! A failed assertion is a fault of this program or of the database, never a refusal: it carries the values, the batch
//! is rolled back, and nothing is written.

use crate::booking::Booking;
use crate::money::{Price, sum_minor};
use crate::slot::{Slot, SlotKey};
use crate::working_set::{TrackedBooking, WorkingSet};

/// An assertion that failed, with its values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("assertion failed: {0}")]
pub struct AssertionFailed(String);

fn ensure(holds: bool, values: impl FnOnce() -> String) -> Result<(), AssertionFailed> {
    if holds { Ok(()) } else { Err(AssertionFailed(values())) }
}

/// At least none of a slot is taken, and at most all.
pub fn slot(key: SlotKey, slot: &Slot) -> Result<(), AssertionFailed> {
    ensure((0..=slot.capacity).contains(&slot.taken), || {
        let Slot { capacity, taken, .. } = slot;
        format!(
            "0 ≤ taken ≤ capacity of slot {} of {}: taken {taken}, capacity {capacity}",
            key.slot, key.pool
        )
    })
}

/// No part of a price is negative, its parts add up to the total, and the lines add up to the base.
pub fn price(booking: &Booking) -> Result<(), AssertionFailed> {
    let Price { base_minor, tax_minor, discount_minor, total_minor, .. } = booking.price;
    let id = booking.id;
    ensure([base_minor, tax_minor, discount_minor, total_minor].iter().all(|part| *part >= 0), || {
        format!("no negative part in the price of {id}: {:?}", booking.price)
    })?;
    let parts = sum_minor([base_minor, tax_minor]).and_then(|gross| gross.checked_sub(discount_minor));
    ensure(parts == Some(total_minor), || {
        format!(
            "base + tax − discount = total of {id}: {base_minor} + {tax_minor} − {discount_minor}, total {total_minor}"
        )
    })?;
    let lines = sum_minor(booking.lines.iter().map(|line| line.base_minor));
    ensure(lines == Some(base_minor), || {
        format!("the lines add up to the base of {id}: {lines:?}, base {base_minor}")
    })
}

/// Every change of a booking raises its version.
fn version(tracked: &TrackedBooking) -> Result<(), AssertionFailed> {
    let (id, before, after) = (tracked.booking.id, tracked.version_before, tracked.booking.version);
    ensure(after > before, || format!("the version of {id} grows: from {before} to {after}"))
}

/// What is to be written.
pub fn before_write(set: &WorkingSet) -> Result<(), AssertionFailed> {
    for change in set.changed_slots() {
        slot(change.key, &change.slot)?;
    }
    set.changed_bookings().try_for_each(|tracked| version(tracked).and_then(|()| price(&tracked.booking)))
}

/// What was read.
pub fn after_read(set: &WorkingSet) -> Result<(), AssertionFailed> {
    set.slots().try_for_each(|(key, found)| slot(*key, found))?;
    set.bookings().try_for_each(price)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use uuid::Uuid;

    use super::*;
    use crate::booking::{Notes, Person, Times};
    use crate::ids::{BookingId, GuestId, OfferingId, PoolId, VenueId};
    use crate::line::{Detail, Line};
    use crate::reference::ReferenceNumber;
    use crate::status::Status;
    use crate::time::Instant;

    const KEY: SlotKey = SlotKey { pool: PoolId(Uuid::from_u128(1)), slot: 20_000 };

    fn booking(price: [i64; 4], lines: &[i64]) -> Booking {
        let [base_minor, tax_minor, discount_minor, total_minor] = price;
        let currency = "EUR".parse().unwrap();
        let line = |base_minor: &i64| Line {
            number: 0,
            offering: OfferingId(Uuid::nil()),
            detail: Detail::Product { quantity: 1 },
            base_minor: *base_minor,
        };
        Booking {
            id: BookingId(Uuid::from_u128(7)),
            reference: ReferenceNumber(7),
            order: None,
            venue: VenueId(Uuid::nil()),
            guest: GuestId(Uuid::nil()),
            status: Status::Confirmed,
            version: 4,
            starts_on: date(2026, 3, 1),
            party_size: 1,
            price: Price { currency, base_minor, tax_minor, discount_minor, total_minor },
            times: Times::made(Instant(0)),
            cancellation: None,
            person: Person::default(),
            notes: Notes::default(),
            lines: lines.iter().map(line).collect(),
            claims: Vec::new(),
        }
    }

    fn told(checked: Result<(), AssertionFailed>) -> String {
        checked.map_or_else(|failed| failed.to_string(), |()| String::new())
    }

    #[test]
    fn a_slot_is_taken_from_none_to_all() {
        for (taken, holds) in [(-1, false), (0, true), (2, true), (3, false)] {
            let checked = slot(KEY, &Slot { capacity: 2, taken, holds_until: None });
            assert_eq!(checked.is_ok(), holds, "{taken}");
        }
        let over = slot(KEY, &Slot { capacity: 2, taken: 3, holds_until: None });
        assert!(told(over).ends_with("taken 3, capacity 2"));
    }

    #[test]
    fn a_price_adds_up() {
        for (parts, lines, expected) in [
            ([90, 20, 10, 100], &[40, 50][..], ""),
            ([0, 0, 0, 0], &[][..], ""),
            ([90, 20, 10, 101], &[90], "90 + 20 − 10, total 101"),
            ([90, 0, 0, 90], &[89], "Some(89), base 90"),
            ([i64::MAX, 1, 0, i64::MAX], &[i64::MAX], "total 9223372036854775807"),
            ([-1, 0, 0, -1], &[-1], "total_minor: -1 }"),
        ] {
            let told = told(price(&booking(parts, lines)));
            assert!(told.ends_with(expected) && told.is_empty() == expected.is_empty(), "{told}");
        }
    }

    #[test]
    fn a_changed_booking_has_a_higher_version() {
        let mut set = WorkingSet::default();
        set.load_booking(booking([5, 0, 0, 5], &[5]));
        assert_eq!(before_write(&set), Ok(()));
        let tracked = set.booking_mut(BookingId(Uuid::from_u128(7))).unwrap();
        tracked.booking.party_size = 2;
        assert!(told(before_write(&set)).ends_with("from 4 to 4"));
        set.booking_mut(BookingId(Uuid::from_u128(7))).unwrap().booking.version = 5;
        assert_eq!(before_write(&set), Ok(()));
    }
}
