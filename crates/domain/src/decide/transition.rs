//! From one state of a booking to the next: what is given back, and what is noted.

use super::Context;
use crate::actor::Actor;
use crate::booking::{Booking, Cancellation, HistoryEntry};
use crate::event::{Event, EventKind, payload};
use crate::ids::BookingId;
use crate::slot::Claim;
use crate::status::{Release, Status};
use crate::time::Instant;
use crate::working_set::{Missing, WorkingSet};

/// Who changes a booking, and why.
#[derive(Clone, Copy)]
pub(super) struct Change<'a> {
    pub by: Actor,
    pub reason: Option<&'a str>,
}

/// Expires a hold whose time is over. Leaves a booking that is not, or no longer, a hold unchanged.
pub(super) fn end_hold(
    set: &mut WorkingSet,
    context: &mut Context<'_>,
    booking: BookingId,
) -> Result<(), Missing> {
    if set.booking(booking).is_none_or(|booking| !booking.is_due(context.now)) {
        return Ok(());
    }
    enter(
        set,
        context,
        booking,
        Status::Expired,
        Change { by: Actor::System, reason: Some("the hold expired") },
    )
}

/// Moves the booking to an allowed status, releases what that status releases, and records the events.
pub(super) fn enter(
    set: &mut WorkingSet,
    context: &mut Context<'_>,
    id: BookingId,
    to: Status,
    change: Change<'_>,
) -> Result<(), Missing> {
    let Some(booking) = set.booking(id) else { return Ok(()) };
    let from = booking.status;
    let release = match (from, to.release()) {
        (Status::CheckedIn, Release::All) => Release::StillToCome,
        (_, release) => release,
    };
    let claims = release_claims(set, context, id, release)?;
    let Some(tracked) = set.booking_mut(id) else { return Ok(()) };
    let booking = &mut tracked.booking;
    booking.claims = claims;
    booking.status = to;
    booking.version += 1;
    stamp(booking, context.now, change);
    let events: &[EventKind] = match EventKind::of_status(to) {
        Some(own) => &[EventKind::StatusChanged, own],
        None => &[EventKind::StatusChanged],
    };
    tell(set, context, id, from, change, events);
    Ok(())
}

fn stamp(booking: &mut Booking, now: Instant, change: Change<'_>) {
    booking.times.updated = now;
    match booking.status {
        Status::Confirmed => booking.times.confirmed = Some(now),
        Status::CheckedIn => booking.times.checked_in = Some(now),
        Status::Completed => booking.times.completed = Some(now),
        Status::Cancelled => {
            booking.times.cancelled = Some(now);
            let reason = change.reason.map(str::to_owned);
            booking.cancellation = Some(Cancellation { by: change.by.to_string(), reason });
        }
        Status::Pending | Status::NoShow | Status::Expired => {}
    }
}

/// The booking's claims after `release`. The units are returned to the slots.
fn release_claims(
    set: &mut WorkingSet,
    context: &Context<'_>,
    id: BookingId,
    release: Release,
) -> Result<Vec<Claim>, Missing> {
    let Some(booking) = set.booking(id) else { return Ok(Vec::new()) };
    let mut next_number = i64::try_from(booking.claims.len()).unwrap_or(i64::MAX);
    let mut claims = Vec::with_capacity(booking.claims.len());
    let mut released = Vec::new();
    for claim in &booking.claims {
        let (keep, give) = split(context, claim, release);
        if let Some(mut give) = give {
            if keep.is_some() {
                give.number = next_number;
                next_number += 1;
            }
            released.push(give);
        }
        claims.extend(keep);
    }
    all_loaded(set, &released)?;
    for claim in released {
        release_slots(set, &claim);
        claims.push(Claim { released_at: Some(context.now), ..claim });
    }
    claims.sort_by_key(|claim| claim.number);
    Ok(claims)
}

/// Splits a claim into the part that stays and the part that is released.
fn split(context: &Context<'_>, claim: &Claim, release: Release) -> (Option<Claim>, Option<Claim>) {
    if !claim.stands() {
        return (Some(*claim), None);
    }
    match release {
        Release::Nothing => (Some(*claim), None),
        Release::All => (None, Some(*claim)),
        Release::StillToCome => {
            let Some(cut) = first_still_to_come(context, claim) else { return (Some(*claim), None) };
            let keep = (cut > claim.first).then(|| Claim { last: claim.last.min(cut - 1), ..*claim });
            let give = (cut <= claim.last).then(|| Claim { first: claim.first.max(cut), ..*claim });
            (keep, give)
        }
    }
}

fn first_still_to_come(context: &Context<'_>, claim: &Claim) -> Option<i64> {
    let pool = context.catalogue.pool(claim.pool)?;
    let zone = &context.catalogue.venue(pool.venue)?.time_zone;
    pool.axis.first_still_to_come(context.now, zone)
}

pub(super) fn all_loaded(set: &WorkingSet, claims: &[Claim]) -> Result<(), Missing> {
    claims.iter().flat_map(Claim::slots).try_for_each(|key| set.slot(key).map(|_| ()))
}

/// Returns a claim's units to its slots.
pub(super) fn release_slots(set: &mut WorkingSet, claim: &Claim) {
    for key in claim.slots() {
        set.release(key, claim.units).expect("a claim's slots stay loaded until it is released");
    }
}

/// Notes what happened to the booking, in its history and as events.
pub(super) fn tell(
    set: &mut WorkingSet,
    context: &Context<'_>,
    id: BookingId,
    from: Status,
    change: Change<'_>,
    kinds: &[EventKind],
) {
    let Some(booking) = set.booking(id) else { return };
    let payload = payload(booking, Some(from), context.reference_key);
    let (version, to, at) = (booking.version, booking.status, context.now);
    let entry = HistoryEntry {
        booking: id,
        version,
        from: Some(from),
        to,
        by: change.by,
        reason: change.reason.map(str::to_owned),
        at,
    };
    set.history.push(entry);
    for kind in kinds {
        set.events.push(Event { kind: *kind, booking: id, sequence: version, payload: payload.clone(), at });
    }
}
