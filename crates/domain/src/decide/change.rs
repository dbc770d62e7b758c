//! Changing an existing booking: its status, its lines, the end of its hold.

use super::claim::Claiming;
use super::lines::{lines, total_minor};
use super::transition::{Change, all_loaded, end_hold, enter, release_slots, tell};
use super::{Context, Done, NotDone};
use crate::booking::Booking;
use crate::command::{SetStatus, Update};
use crate::event::EventKind;
use crate::ids::BookingId;
use crate::money::Price;
use crate::plan::Plan;
use crate::refusal::Refusal;
use crate::slot::Claim;
use crate::status::Status;
use crate::time::Instant;
use crate::working_set::WorkingSet;

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

/// Releases the old claims and takes the new ones, or leaves everything unchanged.
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
        let taken = set.take(key, claim.units, hold_ends).expect("the slot was loaded to release it");
        assert!(taken, "units released by a command stay free until it ends");
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
