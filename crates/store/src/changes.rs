//! A batch: loads and locks what it needs in a fixed order, and writes each changed row once.
//!
//! The order is slots, then bookings, each sorted, so that two writers can wait for each other but not deadlock. The
//! data keys of the affected people come after both. Idempotency keys are not locked: if two processes have the same
//! key, both try to write it, and the primary key admits one. A batch that only takes units need not lock its slots
//! either: see [`Claiming`].

use domain::assertion;
use domain::booking::Booking;
use domain::ids::{BookingId, PersonId};
use domain::slot::SlotKey;
use domain::time::Instant;
use domain::working_set::{TrackedBooking, WorkingSet};

use crate::bookings::private;
use crate::error::Result;
use crate::holds::{self, HoldSearch};
use crate::keys::{self, Answers};
use crate::outbox::{self, CommitId, NewEvent};
use crate::seam::Connection;
use crate::segments::Segments;
use crate::vault::people::{self, GeneratedKey, PersonKeys};
use crate::{Vault, bookings, slots};

/// How a batch protects its slots from other writers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Claiming {
    /// Slots are locked before they are read.
    #[default]
    Locked,
    /// Slots are read without locks, and units are added to them last, so that two writers conflict only during the
    /// commit. If fewer units are left than were read, the check constraint refuses the whole batch, which is
    /// repeated under locks. Only for batches that only take units from slots.
    Optimistic,
}

/// The rows that a batch needs, determined before anything is locked.
#[derive(Debug, Default)]
pub struct Needs {
    pub slots: Vec<SlotKey>,
    pub bookings: Vec<BookingId>,
    /// Full slots whose holds may have expired.
    pub holds_on: Vec<SlotKey>,
    pub claiming: Claiming,
    /// Holds that ended before this time have expired. Set once they have been searched.
    pub due_since: Option<Instant>,
}

/// Adds to `needs` what only the database knows: expired holds on full slots, and the slots that bookings hold.
pub fn find(connection: &mut Connection, needs: &mut Needs, due_since: Instant) -> Result<Vec<HoldSearch>> {
    needs.due_since = Some(due_since);
    let searches = match needs.holds_on.as_slice() {
        [] => Vec::new(),
        slots => holds::on_slots(connection, slots, due_since)?,
    };
    needs.slots.append(&mut needs.holds_on);
    needs.bookings.extend(searches.iter().flat_map(|search| search.due.iter().copied()));
    needs.bookings.sort_unstable();
    needs.bookings.dedup();
    if !needs.bookings.is_empty() {
        needs.slots.extend(bookings::slots_held(connection, &needs.bookings)?);
    }
    needs.slots.sort_unstable();
    needs.slots.dedup();
    Ok(searches)
}

/// Loads and locks what `needs` lists. Slots that have no row yet are returned separately, to be created first.
pub fn load(
    connection: &mut Connection,
    vault: &Vault,
    needs: &Needs,
    searches: Vec<HoldSearch>,
) -> Result<(WorkingSet, Vec<SlotKey>)> {
    let mut set = WorkingSet::default();
    let found = match needs.claiming {
        Claiming::Locked => slots::lock(connection, &needs.slots)?,
        Claiming::Optimistic => slots::read(connection, &needs.slots)?,
    };
    for (key, slot) in &found {
        set.load_slot(*key, *slot);
    }
    let missing: Vec<SlotKey> = if found.len() == needs.slots.len() {
        Vec::new()
    } else {
        needs.slots.iter().filter(|key| set.slot(**key).is_err()).copied().collect()
    };
    if missing.is_empty() && !needs.bookings.is_empty() {
        bookings::lock(connection, vault, &needs.bookings)?
            .into_iter()
            .for_each(|booking| set.load_booking(booking));
    }
    assertion::after_read(&set)?;
    for search in holds_under_lock(connection, &set, searches, needs.due_since)? {
        set.load_hold_search(search.slot, search.due, search.next_end);
    }
    Ok((set, missing))
}

/// Searches for holds again after locking the slots, because another process may have created one. An expired hold
/// that was not locked stays expired, so that the slot is examined again.
fn holds_under_lock(
    connection: &mut Connection,
    set: &WorkingSet,
    searches: Vec<HoldSearch>,
    due_since: Option<Instant>,
) -> Result<Vec<HoldSearch>> {
    let Some(due_since) = due_since.filter(|_| !searches.is_empty()) else { return Ok(Vec::new()) };
    let slots: Vec<SlotKey> = searches.into_iter().map(|search| search.slot).collect();
    let mut found = holds::on_slots(connection, &slots, due_since)?;
    for search in &mut found {
        let all = search.due.len();
        search.due.retain(|booking| set.booking(*booking).is_some());
        if search.due.len() < all {
            search.next_end = Some(search.next_end.map_or(due_since, |end| end.min(due_since)));
        }
    }
    Ok(found)
}

/// What the rows of a batch have in common.
#[derive(Debug, Clone, Copy)]
pub struct Batch<'a> {
    pub commit: CommitId,
    /// Events that others have written in this commit before.
    pub events_before: i64,
    pub claiming: Claiming,
    pub now: Instant,
    pub vault: &'a Vault,
    /// Keys generated beforehand, for guests nobody knows yet.
    pub generated: &'a [&'a GeneratedKey],
}

/// Writes all changes of the batch. The caller commits.
pub fn save(
    connection: &mut Connection,
    batch: Batch<'_>,
    segments: &mut Segments,
    set: &WorkingSet,
    answers: &Answers,
) -> Result<()> {
    let Batch { commit, claiming, now, vault, .. } = batch;
    assertion::before_write(set)?;
    let changed: Vec<&TrackedBooking> = set.changed_bookings().collect();
    let relined: Vec<&Booking> =
        changed.iter().filter(|tracked| tracked.lines_changed).map(|tracked| &tracked.booking).collect();
    let unlined: Vec<BookingId> = changed
        .iter()
        .filter(|tracked| tracked.lines_changed && !tracked.is_new)
        .map(|tracked| tracked.booking.id)
        .collect();
    let keys = keys_of(connection, batch, &changed, answers)?;
    let (new, old): (Vec<&TrackedBooking>, Vec<&TrackedBooking>) =
        changed.iter().partition(|tracked| tracked.is_new);
    let new = seal(vault, &keys, &new)?;
    let old = seal(vault, &keys, &old)?;
    bookings::insert(connection, &new, segments.take(new.len()))?;
    bookings::update(connection, &old)?;
    bookings::delete_lines(connection, &unlined)?;
    bookings::insert_lines(connection, &relined)?;
    bookings::insert_claims(connection, &bookings_in(&new))?;
    bookings::save_claims(connection, &bookings_in(&old))?;
    bookings::insert_history(connection, &set.history)?;
    outbox::insert(connection, (commit, batch.events_before), set.events.iter().map(NewEvent::from))?;
    keys::delete(connection, &answers.outlived)?;
    keys::insert(connection, vault, &keys, &answers.recorded)?;
    outbox::insert_commit(connection, commit, now)?;
    match claiming {
        Claiming::Locked => slots::save(connection, &set.changed_slots()),
        Claiming::Optimistic => slots::take_more(connection, &set.changed_slots()),
    }
}

/// The keys of all people whose data the batch writes.
fn keys_of(
    connection: &mut Connection,
    batch: Batch<'_>,
    changed: &[&TrackedBooking],
    answers: &Answers,
) -> Result<PersonKeys> {
    let in_bookings = changed.iter().filter_map(|tracked| tracked.booking.about());
    let in_answers = answers.recorded.iter().flat_map(|(_, answer)| answer.people.iter().copied());
    let people: Vec<PersonId> = in_bookings.chain(in_answers).collect();
    people::keys_to_write(connection, batch.vault, people, batch.generated, batch.now)
}

fn seal<'a>(
    vault: &Vault,
    keys: &PersonKeys,
    changed: &[&'a TrackedBooking],
) -> Result<Vec<bookings::Sealed<'a>>> {
    let seal =
        |tracked: &&'a TrackedBooking| Ok((&tracked.booking, private::seal(vault, keys, &tracked.booking)?));
    changed.iter().map(seal).collect()
}

fn bookings_in<'a>(sealed: &[bookings::Sealed<'a>]) -> Vec<&'a Booking> {
    sealed.iter().map(|(booking, _)| *booking).collect()
}
