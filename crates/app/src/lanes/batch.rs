//! One batch of booking commands: load, decide, render, save.

use std::collections::HashSet;

use domain::command::Command;
use domain::decide::{Context, Done, NotDone, decide};
use domain::limits::CLOCK_SKEW_MS_MAX;
use domain::plan::Plan;
use domain::refusal::Refusal;
use domain::slot::SlotKey;
use domain::time::Instant;
use domain::working_set::{Missing, WorkingSet};
use engine::chance::SystemChance;
use engine::idempotency::{Earlier, Recorded};
use engine::{Batch, Decided, Outcome, Try};
use store::changes::{self, Claiming, Needs};
use store::keys::KeyScope;
use store::vault::people::GeneratedKey;
use store::{Connection, StoreError, slots};

use super::{Answer, Bookings, Queued, Reply, Request, Seen, Shared};
use crate::metrics::Metrics;

pub(super) fn decide_all(
    decider: &mut Bookings,
    batch: &mut Batch<'_>,
    commands: &[&Queued],
) -> Result<Decided<Bookings>, StoreError> {
    let (now, vault) = (batch.now, batch.vault);
    let claiming = claiming(batch.attempt, commands);
    let mut set = load(batch, commands, claiming)?;
    know_pools(&decider.shared, batch.connection, &set)?;
    let keys: Vec<&KeyScope> =
        commands.iter().filter_map(|queued| queued.request.key.as_ref()).map(|key| &key.scope).collect();
    let mut answers = Recorded::load(batch.connection, vault, &keys)?;
    let mut decision =
        Decision { shared: &decider.shared, chance: batch.chance, set: &mut set, answers: &mut answers };
    let outcomes = commands.iter().map(|queued| decision.one(&queued.request, now)).collect();
    if set.events.is_empty() && answers.new.recorded.is_empty() && set.changed_slots().is_empty() {
        return Ok(Decided { outcomes, wrote: false });
    }
    let generated: Vec<&GeneratedKey> =
        commands.iter().flat_map(|queued| &queued.request.generated).collect();
    let save = changes::Batch {
        commit: batch.commit,
        events_before: batch.events,
        claiming,
        now,
        vault,
        generated: &generated,
    };
    changes::save(batch.connection, save, &mut decider.segments, &set, &answers.new)?;
    Ok(Decided { outcomes, wrote: true })
}

/// How the slots are protected if the batch has not failed before.
fn claiming(attempt: Try, commands: &[&Queued]) -> Claiming {
    if attempt == Try::Again {
        return Claiming::Locked;
    }
    let only_takes = |queued: &&Queued| queued.holds_on.is_empty() && queued.request.command.only_takes();
    if commands.iter().all(only_takes) { Claiming::Optimistic } else { Claiming::Locked }
}

/// Makes the slots that have no row yet, where their locking would otherwise begin the transaction anew.
pub(super) fn prepare(batch: &mut Batch<'_>, commands: &[&Queued]) -> Result<(), StoreError> {
    if !batch.connection.is_shared() || claiming(batch.attempt, commands) == Claiming::Optimistic {
        return Ok(());
    }
    let mut needs = needs(commands);
    changes::find(batch.connection, &mut needs, batch.now - CLOCK_SKEW_MS_MAX)?;
    let found = slots::read(batch.connection, &needs.slots)?;
    let known: HashSet<SlotKey> = found.into_iter().map(|(key, _)| key).collect();
    let missing: Vec<SlotKey> = needs.slots.into_iter().filter(|key| !known.contains(key)).collect();
    if missing.is_empty() { Ok(()) } else { make_first(batch.connection, &missing) }
}

/// Loads and locks everything that the commands need, and creates missing slot rows.
fn load(batch: &mut Batch<'_>, commands: &[&Queued], claiming: Claiming) -> Result<WorkingSet, StoreError> {
    loop {
        let mut needs = Needs { claiming, ..needs(commands) };
        let searches = changes::find(batch.connection, &mut needs, batch.now - CLOCK_SKEW_MS_MAX)?;
        let (set, missing) = changes::load(batch.connection, batch.vault, &needs, searches)?;
        if missing.is_empty() {
            return Ok(set);
        }
        if claiming == Claiming::Optimistic || !batch.connection.is_shared() || batch.has_units {
            slots::make(batch.connection, &missing)?;
        } else {
            make_first(batch.connection, &missing)?;
        }
    }
}

fn make_first(connection: &mut Connection, missing: &[SlotKey]) -> Result<(), StoreError> {
    // Rows that others will lock must be committed before this lane holds locks.
    connection.rollback();
    connection.begin()?;
    slots::make(connection, missing)?;
    connection.commit().map_err(|error| StoreError::Unavailable(error.to_string()))?;
    connection.begin().map(|_| ())
}

fn needs(commands: &[&Queued]) -> Needs {
    let mut needs = Needs::default();
    for queued in commands {
        let command = &queued.request.command;
        for need in command.plans().flat_map(Plan::needs) {
            needs.slots.extend(need.slots());
        }
        needs.bookings.extend(command.booking());
        needs.holds_on.extend_from_slice(&queued.holds_on);
    }
    needs.slots.sort_unstable();
    needs.slots.dedup();
    needs.holds_on.sort_unstable();
    needs.holds_on.dedup();
    needs
}

/// Reads the catalogue again if a booking claims units of a pool that another process has added.
fn know_pools(shared: &Shared, connection: &mut Connection, set: &WorkingSet) -> Result<(), StoreError> {
    let catalogue = shared.catalogue.snapshot();
    if set.slots().any(|(key, _)| catalogue.pool(key.pool).is_none())
        && let Some((_, venues)) = store::catalogue::changes(connection, catalogue.version)?
    {
        shared.catalogue.learn(&venues);
    }
    Ok(())
}

/// What a key's earlier use means for a command.
pub(crate) fn reply(earlier: Earlier) -> Reply {
    match earlier {
        Earlier::Answered(answer) => Reply::Done { done: Done::Nothing, answer: Some(answer) },
        Earlier::OtherRequest => Reply::Refused(Refusal::KeyReused),
        Earlier::Erased => Reply::Refused(Refusal::NotFound),
    }
}

/// The commands of a batch, one after the other.
struct Decision<'a> {
    shared: &'a Shared,
    chance: &'a mut SystemChance,
    set: &'a mut WorkingSet,
    answers: &'a mut Recorded,
}

impl Decision<'_> {
    fn one(&mut self, request: &Request, batch_now: Instant) -> Outcome<Bookings> {
        let now = request.at.unwrap_or(batch_now);
        if let Some(earlier) = request.key.as_ref().and_then(|key| self.answers.earlier(key, now)) {
            self.shared.metrics.engine.answers_replayed.inc();
            return Outcome::Decided(reply(earlier));
        }
        let catalogue = self.shared.catalogue.snapshot();
        let reference_key = self.shared.reference_key;
        let mut context = Context { catalogue: &catalogue, reference_key, now, chance: &mut *self.chance };
        match decide(self.set, &mut context, &request.command) {
            Ok(done) => {
                let answer = request.viewer.map(|actor| {
                    let seen = seen(self.set, &done, actor, (&catalogue, reference_key, now));
                    let (status, body) = self.shared.render.answer(&seen);
                    let answer = Answer { status, body: body.into(), replayed: false };
                    if let Some(key) = &request.key {
                        self.answers.record(key, &answer, seen.people(), now);
                    }
                    answer
                });
                count(&self.shared.metrics, request, &done);
                Outcome::Decided(Reply::Done { done, answer })
            }
            Err(NotDone::Refused(refusal)) => Outcome::Decided(Reply::Refused(refusal)),
            Err(NotDone::Deferred(Missing::HoldsOn(key))) => Outcome::Deferred(vec![key]),
            Err(NotDone::Deferred(Missing::Slot(_))) => Outcome::Deferred(Vec::new()),
        }
    }
}

fn seen<'a>(
    set: &'a WorkingSet,
    done: &Done,
    actor: domain::actor::Actor,
    (catalogue, reference_key, now): (
        &'a domain::catalogue::Catalogue,
        domain::reference::ReferenceKey,
        Instant,
    ),
) -> Seen<'a> {
    let (order, ids, created) = match done {
        Done::Created { order, bookings } => (*order, bookings.as_slice(), true),
        Done::Changed(booking) => (None, std::slice::from_ref(booking), false),
        Done::Nothing => (None, &[][..], false),
    };
    let bookings = ids.iter().filter_map(|id| set.booking(*id)).collect();
    Seen { actor, order, bookings, created, catalogue, reference_key, now }
}

fn count(metrics: &Metrics, request: &Request, done: &Done) {
    match (&request.command, done) {
        (_, Done::Created { bookings, .. }) => metrics.bookings_created.inc_by(bookings.len() as u64),
        (Command::Expire(_), Done::Changed(_)) => metrics.holds_ended.inc(),
        (_, Done::Changed(_)) => metrics.bookings_changed.inc(),
        (_, Done::Nothing) => {}
    }
}
