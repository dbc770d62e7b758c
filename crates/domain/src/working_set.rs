//! The data of a batch of commands: the slots, bookings and keys loaded for it (and locked, on a shared database),
//! and the changes to them. Each row is written once, however many commands changed it.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::booking::{Booking, HistoryEntry};
use crate::event::Event;
use crate::ids::BookingId;
use crate::slot::{Slot, SlotKey, earlier};
use crate::time::Instant;

#[derive(Debug, Default)]
pub struct WorkingSet {
    slots: HashMap<SlotKey, TrackedSlot>,
    bookings: BTreeMap<BookingId, TrackedBooking>,
    hold_searches: HashMap<SlotKey, HoldSearch>,
    pub history: Vec<HistoryEntry>,
    pub events: Vec<Event>,
}

#[derive(Debug)]
struct TrackedSlot {
    value: Slot,
    taken_before: i64,
    changed: bool,
}

/// A slot to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SlotChange {
    pub key: SlotKey,
    pub slot: Slot,
    /// Units taken when the slot was loaded.
    pub taken_before: i64,
}

/// The expired holds found on a slot that have not been used yet.
#[derive(Debug)]
struct HoldSearch {
    due: Vec<BookingId>,
    /// The earliest end of the other holds, including those created by this batch.
    next_end: Option<Instant>,
}

/// A booking and what to write of it.
#[derive(Debug)]
pub struct TrackedBooking {
    pub booking: Booking,
    /// Not in the database yet.
    pub is_new: bool,
    /// Its version when it was loaded; 0 for a new one.
    pub version_before: i64,
    pub changed: bool,
    /// Its lines were replaced; the stored ones must be deleted.
    pub lines_changed: bool,
}

/// A row that a command needs and that is not loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    Slot(SlotKey),
    /// The slot is full, and holds on it may have expired.
    HoldsOn(SlotKey),
}

impl WorkingSet {
    pub fn load_slot(&mut self, key: SlotKey, slot: Slot) {
        self.slots.insert(key, TrackedSlot { value: slot, taken_before: slot.taken, changed: false });
    }

    pub fn load_booking(&mut self, booking: Booking) {
        let version_before = booking.version;
        let tracked =
            TrackedBooking { booking, is_new: false, version_before, changed: false, lines_changed: false };
        self.bookings.insert(tracked.booking.id, tracked);
    }

    /// Adds the holds on a slot that have expired, and the time when the next one will. The slot's `holds_until`
    /// changes only when all expired holds have been ended: a hold that was not needed yet is found again by the next
    /// buyer.
    pub fn load_hold_search(&mut self, key: SlotKey, due: Vec<BookingId>, next_end: Option<Instant>) {
        let nothing_due = due.is_empty();
        self.hold_searches.insert(key, HoldSearch { due, next_end });
        if nothing_due {
            self.finish_hold_search(key);
        }
    }

    /// All holds that the search found have been ended. No search is needed until the next hold ends.
    pub(crate) fn finish_hold_search(&mut self, key: SlotKey) {
        let Some(search) = self.hold_searches.remove(&key) else { return };
        if let Some(tracked) = self.slots.get_mut(&key)
            && tracked.value.holds_until != search.next_end
        {
            tracked.value.holds_until = search.next_end;
            tracked.changed = true;
        }
    }

    pub fn slot(&self, key: SlotKey) -> Result<&Slot, Missing> {
        self.slots.get(&key).map(|tracked| &tracked.value).ok_or(Missing::Slot(key))
    }

    /// Takes units of a slot if they are free, and returns whether it did.
    pub(crate) fn take(
        &mut self,
        key: SlotKey,
        units: i64,
        hold_ends: Option<Instant>,
    ) -> Result<bool, Missing> {
        let tracked = self.slots.get_mut(&key).ok_or(Missing::Slot(key))?;
        if !tracked.value.take(units, hold_ends) {
            return Ok(false);
        }
        tracked.changed = true;
        if let Some(search) = self.hold_searches.get_mut(&key) {
            search.next_end = earlier(search.next_end, hold_ends);
        }
        Ok(true)
    }

    pub(crate) fn release(&mut self, key: SlotKey, units: i64) -> Result<(), Missing> {
        let tracked = self.slots.get_mut(&key).ok_or(Missing::Slot(key))?;
        tracked.value.release(units);
        tracked.changed = true;
        Ok(())
    }

    pub fn booking(&self, id: BookingId) -> Option<&Booking> {
        self.bookings.get(&id).map(|tracked| &tracked.booking)
    }

    pub(crate) fn insert_new(&mut self, booking: Booking) {
        let tracked =
            TrackedBooking { booking, is_new: true, version_before: 0, changed: true, lines_changed: true };
        let known = self.bookings.insert(tracked.booking.id, tracked);
        assert!(known.is_none(), "the id of a new booking is unique");
    }

    pub(crate) fn booking_mut(&mut self, id: BookingId) -> Option<&mut TrackedBooking> {
        let tracked = self.bookings.get_mut(&id)?;
        tracked.changed = true;
        Some(tracked)
    }

    /// The expired holds on a slot that a search found; `None` if there was no search, or if all of them have been
    /// ended.
    pub(crate) fn due_holds(&self, key: SlotKey) -> Option<&[BookingId]> {
        self.hold_searches.get(&key).map(|search| search.due.as_slice())
    }

    /// The slots to be written, in order.
    pub fn changed_slots(&self) -> Vec<SlotChange> {
        let change = |(key, tracked): (&SlotKey, &TrackedSlot)| SlotChange {
            key: *key,
            slot: tracked.value,
            taken_before: tracked.taken_before,
        };
        let mut changes: Vec<_> =
            self.slots.iter().filter(|(_, tracked)| tracked.changed).map(change).collect();
        changes.sort_unstable_by_key(|change| change.key);
        changes
    }

    /// The bookings to be written, in the order of their ids.
    pub fn changed_bookings(&self) -> impl Iterator<Item = &TrackedBooking> {
        self.bookings.values().filter(|tracked| tracked.changed)
    }

    pub fn slots(&self) -> impl Iterator<Item = (&SlotKey, &Slot)> {
        self.slots.iter().map(|(key, tracked)| (key, &tracked.value))
    }

    pub fn bookings(&self) -> impl Iterator<Item = &Booking> {
        self.bookings.values().map(|tracked| &tracked.booking)
    }

    /// Recounts the held claims of the loaded bookings and returns the slots that differ. Only meaningful if every
    /// booking of those slots is loaded. Tests use it to check that units are conserved.
    pub fn miscounted(&self) -> Vec<SlotKey> {
        let mut counted: HashMap<SlotKey, i64> = HashMap::new();
        for claim in self.bookings().flat_map(|booking| &booking.claims).filter(|claim| claim.stands()) {
            for key in claim.slots() {
                *counted.entry(key).or_default() += claim.units;
            }
        }
        let keys: HashSet<SlotKey> = counted.keys().chain(self.slots.keys()).copied().collect();
        let differs = |key: &SlotKey| {
            let taken = self.slots.get(key).map_or(0, |tracked| tracked.value.taken);
            counted.get(key).copied().unwrap_or(0) != taken
        };
        keys.into_iter().filter(differs).collect()
    }
}
