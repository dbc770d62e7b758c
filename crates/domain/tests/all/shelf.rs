//! The rows between two batches, in place of the lanes' database: only changes reported by a set are stored.

use std::collections::BTreeMap;

use domain::booking::{Booking, HistoryEntry};
use domain::event::Event;
use domain::ids::BookingId;
use domain::slot::{Slot, SlotKey};
use domain::working_set::{TrackedBooking, WorkingSet};

#[derive(Debug, Default)]
pub struct Shelf {
    pub slots: BTreeMap<SlotKey, Slot>,
    pub bookings: BTreeMap<BookingId, Booking>,
    pub history: Vec<HistoryEntry>,
    pub events: Vec<Event>,
}

impl Shelf {
    /// Stores the changes, and checks that they are complete.
    pub fn save(&mut self, set: &WorkingSet) {
        self.slots.extend(set.changed_slots().into_iter().map(|change| (change.key, change.slot)));
        for tracked in set.changed_bookings() {
            self.save_booking(tracked);
        }
        self.history.extend(set.history.iter().cloned());
        self.events.extend(set.events.iter().cloned());
        for (key, slot) in set.slots() {
            let kept = self.slots.get(key).map_or((0, None), |kept| (kept.taken, kept.holds_until));
            assert_eq!(kept, (slot.taken, slot.holds_until), "{key:?} changed and nobody said so");
        }
        for booking in set.bookings() {
            assert_eq!(self.bookings.get(&booking.id), Some(booking), "changed and nobody said so");
        }
    }

    fn save_booking(&mut self, tracked: &TrackedBooking) {
        let old = self.bookings.insert(tracked.booking.id, tracked.booking.clone());
        assert_eq!(old.is_none(), tracked.is_new, "{:?}", tracked.booking.id);
        if let Some(old) = old {
            assert!(
                tracked.lines_changed || old.lines == tracked.booking.lines,
                "lines are written on demand"
            );
        }
    }

    pub fn load(&self) -> WorkingSet {
        let mut set = WorkingSet::default();
        for (key, slot) in &self.slots {
            set.load_slot(*key, *slot);
        }
        for booking in self.bookings.values() {
            set.load_booking(booking.clone());
        }
        set
    }
}
