//! Changing a booking that exists: its state, its lines, the end of its hold.

use super::claim::{Claiming, release_slots};
use super::create::{lines, total_minor};
use super::{Context, Done, NotDone};
use crate::actor::Actor;
use crate::booking::{Booking, Cancellation, HistoryEntry};
use crate::command::{SetStatus, Update};
use crate::event::{Event, EventKind, payload};
use crate::ids::BookingId;
use crate::money::Price;
use crate::plan::Plan;
use crate::refusal::Refusal;
use crate::slot::Claim;
use crate::status::{Release, Status};
use crate::time::Instant;
use crate::working_set::{Missing, WorkingSet};

/// Who changes a booking, and why.
#[derive(Clone, Copy)]
struct Change<'a> {
    by: Actor,
    reason: Option<&'a str>,
}

pub(super) fn set_status(
    set: &mut WorkingSet,
    context: &mut Context<'_>,
    change: &SetStatus,
) -> Result<Done, NotDone> {
    let booking = set.booking(change.booking).ok_or(Refusal::NotFound)?;
    check_version(booking, change.expected_version)?;
    let from = booking.status_at(context.now);
    if !from.may_become(change.to) {
        if from == Status::Expired && booking.status == Status::Pending && change.to == Status::Confirmed {
            return Err(Refusal::HoldEnded.into());
        }
        return Err(Refusal::TransitionRefused { from, to: change.to }.into());
    }
    enter(
        set,
        context,
        change.booking,
        change.to,
        Change { by: change.by, reason: change.reason.as_deref() },
    )?;
    Ok(Done::Changed(change.booking))
}

pub(super) fn expire(
    set: &mut WorkingSet,
    context: &mut Context<'_>,
    booking: BookingId,
) -> Result<Done, NotDone> {
    let due = set.booking(booking).is_some_and(|booking| booking.is_due(context.now));
    if !due {
        return Ok(Done::Nothing);
    }
    end_hold(set, context, booking)?;
    Ok(Done::Changed(booking))
}

/// Ends a hold that is past its time; leaves a booking that is none (any more) alone.
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
        Change { by: Actor::System, reason: Some("the hold ended") },
    )
}

pub(super) fn update(
    set: &mut WorkingSet,
    context: &mut Context<'_>,
    update: &Update,
) -> Result<Done, NotDone> {
    let booking = set.booking(update.booking).ok_or(Refusal::NotFound)?;
    check_version(booking, Some(update.expected_version))?;
    let status = booking.status_at(context.now);
    if !matches!(status, Status::Pending | Status::Confirmed) {
        return Err(Refusal::NotChangeable(status).into());
    }
    if let Some(plan) = &update.plan {
        replace_lines(set, context, update.booking, plan)?;
    }
    if let Some(tracked) = set.booking_mut(update.booking) {
        tracked.booking.person = update.person.clone();
        tracked.booking.notes = update.notes.clone();
        tracked.booking.version += 1;
        tracked.booking.times.updated = context.now;
    }
    tell(set, context, update.booking, status, Change { by: update.by, reason: None }, &[EventKind::Updated]);
    Ok(Done::Changed(update.booking))
}

/// Gives the old claims back and takes the new ones, or leaves everything as it was.
fn replace_lines(
    set: &mut WorkingSet,
    context: &mut Context<'_>,
    id: BookingId,
    plan: &Plan,
) -> Result<(), NotDone> {
    let booking = set.booking(id).ok_or(Refusal::NotFound)?.clone();
    let standing: Vec<Claim> = booking.claims.iter().filter(|claim| claim.stands()).copied().collect();
    all_loaded(set, &standing)?;
    for claim in &standing {
        release_slots(set, claim);
    }
    let next_number = i64::try_from(booking.claims.len()).unwrap_or(i64::MAX);
    let hold_ends = booking.times.expires.filter(|_| booking.status == Status::Pending);
    let mut claiming = Claiming::new(0, hold_ends, next_number);
    let chosen = match claiming.lines(set, context, &plan.lines) {
        Ok(chosen) => chosen,
        Err(reason) => {
            for claim in &standing {
                take_again(set, claim, hold_ends);
            }
            return Err(reason);
        }
    };
    let claims = claiming.into_claims();
    let lines = lines(&chosen, &claims, context);
    let base_minor = total_minor(&chosen);
    if let Some(tracked) = set.booking_mut(id) {
        tracked.lines_changed = true;
        let booking = &mut tracked.booking;
        let old = booking.claims.iter_mut().filter(|claim| claim.stands());
        old.for_each(|claim| claim.released_at = Some(context.now));
        booking.claims.extend(claims);
        booking.lines = lines;
        booking.price = Price::plain(base_minor, booking.price.currency);
        booking.starts_on = plan.starts_on;
        booking.party_size = plan.party_size;
    }
    Ok(())
}

fn take_again(set: &mut WorkingSet, claim: &Claim, hold_ends: Option<Instant>) {
    for key in claim.slots() {
        let taken = set.take(key, claim.units, hold_ends).expect("it was released a moment ago");
        assert!(taken, "units given back within a command are still there");
    }
}

fn check_version(booking: &Booking, expected: Option<i64>) -> Result<(), Refusal> {
    match expected {
        Some(expected) if expected != booking.version => {
            Err(Refusal::VersionConflict { expected, actual: booking.version })
        }
        Some(_) | None => Ok(()),
    }
}

/// Puts the booking into a state it may enter, gives back what that state gives back, and tells of it.
fn enter(
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

/// The booking's claims after `release`, their units given back to the slots.
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

/// Which part of a claim stays, and which is given back.
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

fn all_loaded(set: &WorkingSet, claims: &[Claim]) -> Result<(), Missing> {
    claims.iter().flat_map(Claim::slots).try_for_each(|key| set.slot(key).map(|_| ()))
}

fn tell(
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
