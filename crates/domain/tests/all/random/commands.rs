//! Whatever the order of commands, nothing is claimed twice, lost, or changed by a refused command.

use std::collections::BTreeMap;

use domain::booking::Booking;
use domain::command::Command;
use domain::decide::Done;
use domain::ids::BookingId;
use domain::line::Ask;
use domain::refusal::Refusal;
use domain::status::Status;
use proptest::collection::vec;
use proptest::prelude::*;

use super::steps::{Step, step};
use crate::desk::{Desk, Snapshot, planned};

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_of_commands_over_claims_or_loses_a_unit(steps in vec(step(), 1..60)) {
        let mut desk = Desk::new();
        for step in steps {
            let before = desk.snapshot();
            let outcome = take(&mut desk, &step);
            check_counts(&desk);
            check_changes(&desk, &before, &outcome);
            check_history(&desk);
        }
        desk.next_batch();
    }
}

/// The result of a step: the bookings it was meant to create or change.
type Outcome = Result<Vec<BookingId>, Refusal>;

fn take(desk: &mut Desk, step: &Step) -> Outcome {
    let nothing = Ok(Vec::new());
    match step {
        Step::Order(bookings) => order(desk, bookings),
        Step::Update(which, lines) => {
            let Some(id) = nth(desk, *which) else { return nothing };
            if !lines.is_empty() && !plans(desk, lines) {
                return nothing;
            }
            desk.update(id, lines).map(|_| vec![id])
        }
        Step::SetStatus(which, to) => {
            let Some(id) = nth(desk, *which) else { return nothing };
            desk.become_status(id, *to).map(|_| vec![id])
        }
        Step::Expire(which) => {
            let Some(id) = nth(desk, *which) else { return nothing };
            match desk.drive(&Command::Expire(id))? {
                Done::Nothing => nothing,
                Done::Changed(_) | Done::Created { .. } => Ok(vec![id]),
            }
        }
        Step::Pass(ms) => {
            desk.pass_ms(*ms);
            nothing
        }
        Step::NextBatch => {
            desk.next_batch();
            nothing
        }
    }
}

fn order(desk: &mut Desk, bookings: &[Vec<Ask>]) -> Outcome {
    if !bookings.iter().all(|lines| plans(desk, lines)) {
        return Ok(Vec::new());
    }
    let new = bookings.iter().map(|lines| desk.new_booking(lines)).collect();
    desk.try_order(new)
}

/// Whether the lines can be planned: as the clock advances, their dates may be in the past.
fn plans(desk: &Desk, lines: &[Ask]) -> bool {
    planned(&desk.catalogue, desk.now, domain::plan::Rules::Guest, lines).is_ok()
}

fn nth(desk: &Desk, which: usize) -> Option<BookingId> {
    desk.set.bookings().nth(which).map(|booking| booking.id)
}

fn check_counts(desk: &Desk) {
    assert_eq!(desk.set.miscounted(), [], "the slots are what the claims say");
    for (key, slot) in desk.set.slots() {
        assert!((0..=slot.capacity).contains(&slot.taken), "{key:?}: {slot:?}");
    }
    let taken: i64 = desk.set.slots().map(|(_, slot)| slot.taken).sum();
    let standing = desk.set.bookings().flat_map(|booking| &booking.claims).filter(|claim| claim.stands());
    let claimed: i64 = standing.map(|claim| claim.units * (claim.last - claim.first + 1)).sum();
    assert_eq!(taken, claimed, "nothing is lost");
    for booking in desk.set.bookings() {
        check_claims(booking);
        check_lower_bound(desk, booking);
    }
}

fn check_claims(booking: &Booking) {
    let numbers: Vec<_> = booking.claims.iter().map(|claim| claim.number).collect();
    let count = i64::try_from(numbers.len()).unwrap();
    assert_eq!(numbers, (0..count).collect::<Vec<_>>(), "claims are numbered from 0 without gaps");
    assert!(booking.claims.iter().all(|claim| claim.units > 0 && claim.first <= claim.last));
    let gives_back_all = matches!(booking.status, Status::Expired);
    assert!(!gives_back_all || booking.claims.iter().all(|claim| !claim.stands()), "{booking:?}");
    let total: i64 = booking.lines.iter().map(|line| line.base_minor).sum();
    assert_eq!(booking.price.total_minor, total);
}

/// A slot never expects its next hold to end later than it does, because that hold would not be found.
fn check_lower_bound(desk: &Desk, booking: &Booking) {
    let (Status::Pending, Some(ends)) = (booking.status, booking.times.expires) else { return };
    for key in booking.claims.iter().filter(|claim| claim.stands()).flat_map(domain::slot::Claim::slots) {
        let bound = desk.set.slot(key).unwrap().holds_until;
        assert!(bound.is_some_and(|bound| bound <= ends), "{key:?} has {bound:?}, the hold ends {ends}");
    }
}

/// What was meant to change grew by one version. Otherwise only expired holds have ended.
fn check_changes(desk: &Desk, before: &Snapshot, outcome: &Outcome) {
    let meant = outcome.as_deref().unwrap_or_default();
    for booking in desk.set.bookings() {
        let Some(old) = before.bookings.get(&booking.id) else {
            assert!(meant.contains(&booking.id) && booking.version == 1, "made by nobody: {booking:?}");
            continue;
        };
        if meant.contains(&booking.id) {
            assert_eq!(booking.version, old.version + 1);
        } else if booking != old {
            assert!(old.is_due(desk.now), "changed by nobody: {old:?}");
            assert_eq!((booking.status, booking.version), (Status::Expired, old.version + 1));
        }
    }
    assert!(before.bookings.keys().all(|id| desk.set.booking(*id).is_some()));
    if outcome.is_err() {
        check_no_trace(desk, before);
    }
}

/// After a refusal the slots are unchanged, except for holds that ended.
fn check_no_trace(desk: &Desk, before: &Snapshot) {
    let mut expected = before.taken.clone();
    for old in before.bookings.values().filter(|old| desk.booking(old.id) != *old) {
        for claim in old.claims.iter().filter(|claim| claim.stands()) {
            for key in claim.slots() {
                *expected.get_mut(&key).unwrap() -= claim.units;
            }
        }
    }
    expected.retain(|_, taken| *taken != 0);
    assert_eq!(desk.snapshot().taken, expected);
}

/// One history row for each version of each booking, each starting where the previous one ended, and an event for
/// each.
fn check_history(desk: &Desk) {
    let mut told: BTreeMap<BookingId, (i64, Status)> = BTreeMap::new();
    for entry in desk.shelf.history.iter().chain(&desk.set.history) {
        let last = told.insert(entry.booking, (entry.version, entry.to));
        assert_eq!(entry.from, last.map(|(_, status)| status));
        assert_eq!(entry.version, last.map_or(1, |(version, _)| version + 1));
    }
    for booking in desk.set.bookings() {
        assert_eq!(told.get(&booking.id), Some(&(booking.version, booking.status)));
    }
    let mut sequences: BTreeMap<BookingId, i64> = BTreeMap::new();
    for event in desk.shelf.events.iter().chain(&desk.set.events) {
        let last = sequences.insert(event.booking, event.sequence).unwrap_or_default();
        assert!((last..=last + 1).contains(&event.sequence), "{event:?} after {last}");
    }
    assert!(desk.set.bookings().all(|booking| sequences.get(&booking.id) == Some(&booking.version)));
}
