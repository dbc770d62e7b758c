//! One batch: load, decide, render, save, commit.

use std::collections::HashMap;

use domain::command::Command;
use domain::decide::{Context, Done, NotDone, decide};
use domain::ids::PersonId;
use domain::limits::{CLOCK_SKEW_MS_MAX, IDEMPOTENCY_KEY_TTL_MS};
use domain::plan::Plan;
use domain::refusal::Refusal;
use domain::slot::SlotKey;
use domain::time::Instant;
use domain::working_set::{Missing, WorkingSet};
use store::changes::{self, Answers, Batch, Claiming, Needs};
use store::keys::{self, KeyScope, RecordedAnswer};
use store::outbox::CommitId;
use store::vault::people::GeneratedKey;
use store::{Connection, StoreError, Vault, slots};

use super::lane::Lane;
use super::queue::Pending;
use super::{Answer, Reply, Request, Seen};
use crate::idempotency::KeyUse;

pub(super) enum Outcome {
    Decided(Reply),
    /// To be decided in the next batch, after the holds on these slots were looked for.
    Deferred(Vec<SlotKey>),
}

pub(super) enum Failure {
    /// Nothing was written.
    Before(StoreError),
    CommitUnknown(Vec<Outcome>),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Before(error)
    }
}

pub(super) fn run(
    lane: &mut Lane,
    connection: &mut Connection,
    commit: CommitId,
    commands: &[Pending],
    claiming: Claiming,
) -> Result<Vec<Outcome>, Failure> {
    let now = lane.shared.clock.of_lane(connection.begin()?).max(lane.last);
    lane.last = now;
    let vault = lane.shared.vault.clone();
    let mut set = load((connection, &vault), commands, claiming, now)?;
    know_pools(lane, connection, &set)?;
    let mut answers = Recorded::load(connection, &vault, commands)?;
    let outcomes: Vec<Outcome> =
        commands.iter().map(|pending| one(lane, &mut set, &mut answers, pending, now)).collect();
    if set.events.is_empty() && answers.new.recorded.is_empty() && set.changed_slots().is_empty() {
        connection.rollback();
        return Ok(outcomes);
    }
    let generated: Vec<&GeneratedKey> =
        commands.iter().flat_map(|pending| &pending.request.generated).collect();
    let batch = Batch { commit, claiming, now, vault: &vault, generated: &generated };
    changes::save(connection, batch, &mut lane.segments, &set, &answers.new)?;
    let committing = std::time::Instant::now();
    let committed = connection.commit();
    lane.shared.metrics.lane_commit_seconds.observe(committing.elapsed().as_secs_f64());
    match committed {
        Ok(()) => Ok(outcomes),
        Err(StoreError::CommitUnknown(reason)) => {
            tracing::warn!(reason, "the answer to a commit was lost");
            Err(Failure::CommitUnknown(outcomes))
        }
        Err(error) => Err(error.into()),
    }
}

/// How the commands can be done when nobody stood in their way before.
pub(super) fn claiming(commands: &[Pending]) -> Claiming {
    let only_takes = |pending: &Pending| pending.holds_on.is_empty() && pending.request.command.only_takes();
    if commands.iter().all(only_takes) { Claiming::Optimistic } else { Claiming::Locked }
}

/// Loads and locks everything the commands need, making the slots that have no row yet.
fn load(
    (connection, vault): (&mut Connection, &Vault),
    commands: &[Pending],
    claiming: Claiming,
    now: Instant,
) -> Result<WorkingSet, StoreError> {
    loop {
        let mut needs = Needs { claiming, ..needs(commands) };
        let searches = changes::find(connection, &mut needs, now - CLOCK_SKEW_MS_MAX)?;
        let (set, missing) = changes::load(connection, vault, &needs, searches)?;
        if missing.is_empty() {
            return Ok(set);
        }
        make(connection, &missing, claiming)?;
    }
}

fn make(connection: &mut Connection, missing: &[SlotKey], claiming: Claiming) -> Result<(), StoreError> {
    if !connection.is_shared() || claiming == Claiming::Optimistic {
        return slots::make(connection, missing);
    }
    // Rows that others are to lock must be committed before we hold any lock ourselves.
    connection.rollback();
    connection.begin()?;
    slots::make(connection, missing)?;
    connection.commit().map_err(|error| StoreError::Unavailable(error.to_string()))?;
    connection.begin().map(|_| ())
}

fn needs(commands: &[Pending]) -> Needs {
    let mut needs = Needs::default();
    for pending in commands {
        let command = &pending.request.command;
        for need in command.plans().flat_map(Plan::needs) {
            needs.slots.extend(need.slots());
        }
        needs.bookings.extend(command.booking());
        needs.holds_on.extend_from_slice(&pending.holds_on);
    }
    needs.slots.sort_unstable();
    needs.slots.dedup();
    needs.holds_on.sort_unstable();
    needs.holds_on.dedup();
    needs
}

/// Reads the catalogue anew if a booking holds units of a pool that another process has added.
fn know_pools(lane: &Lane, connection: &mut Connection, set: &WorkingSet) -> Result<(), StoreError> {
    let catalogue = lane.shared.catalogue.snapshot();
    if set.slots().any(|(key, _)| catalogue.pool(key.pool).is_none())
        && let Some((version, venues)) = store::catalogue::changes(connection, catalogue.version)?
    {
        lane.shared.catalogue.publish(version, &venues);
    }
    Ok(())
}

/// The answers that keys of this batch already have, and those they get.
struct Recorded {
    known: HashMap<KeyScope, RecordedAnswer>,
    new: Answers,
}

impl Recorded {
    fn load(connection: &mut Connection, vault: &Vault, commands: &[Pending]) -> Result<Self, StoreError> {
        let scopes: Vec<&KeyScope> = commands
            .iter()
            .filter_map(|pending| pending.request.key.as_ref())
            .map(|key| &key.scope)
            .collect();
        let found = keys::find(connection, vault, &scopes)?;
        let known =
            found.into_iter().filter_map(|(index, answer)| Some(((*scopes.get(index)?).clone(), answer)));
        Ok(Self { known: known.collect(), new: Answers::default() })
    }

    /// The answer a key brings back, if its time is not over.
    fn reply(&mut self, key: &KeyUse, now: Instant) -> Option<Reply> {
        let earlier = self.known.get(&key.scope)?;
        if earlier.expires_at <= now {
            self.known.remove(&key.scope);
            self.new.outlived.push(key.scope.clone());
            return None;
        }
        Some(replay(earlier, key))
    }

    fn record(&mut self, key: &KeyUse, answer: &Answer, people: Vec<PersonId>, now: Instant) {
        let recorded = RecordedAnswer {
            request_hash: key.request_hash.clone(),
            status: i64::from(answer.status),
            body: Some(answer.body.to_vec()),
            people,
            created_at: now,
            expires_at: now + IDEMPOTENCY_KEY_TTL_MS,
        };
        self.known.insert(key.scope.clone(), recorded.clone());
        self.new.recorded.push((key.scope.clone(), recorded));
    }
}

/// What a recorded answer means for a request with its key.
pub(crate) fn replay(earlier: &RecordedAnswer, key: &KeyUse) -> Reply {
    if earlier.request_hash != key.request_hash {
        return Reply::Refused(Refusal::KeyReused);
    }
    let status = u16::try_from(earlier.status).unwrap_or(200);
    // Who the answer was about has been erased: what was made is nobody's any more.
    let Some(body) = earlier.body.clone() else { return Reply::Refused(Refusal::NotFound) };
    let answer = Answer { status, body: body.into(), replayed: true };
    Reply::Done { done: Done::Nothing, answer: Some(answer) }
}

fn one(
    lane: &mut Lane,
    set: &mut WorkingSet,
    answers: &mut Recorded,
    pending: &Pending,
    batch_now: Instant,
) -> Outcome {
    let request = &pending.request;
    let now = request.at.unwrap_or(batch_now);
    if let Some(reply) = request.key.as_ref().and_then(|key| answers.reply(key, now)) {
        lane.shared.metrics.answers_replayed.inc();
        return Outcome::Decided(reply);
    }
    let catalogue = lane.shared.catalogue.snapshot();
    let reference_key = lane.shared.reference_key;
    let mut context = Context { catalogue: &catalogue, reference_key, now, chance: &mut lane.chance };
    match decide(set, &mut context, &request.command) {
        Ok(done) => {
            let answer = request.viewer.map(|actor| {
                let seen = seen(set, &done, actor, (&catalogue, reference_key, now));
                let (status, body) = lane.shared.render.answer(&seen);
                let answer = Answer { status, body: body.into(), replayed: false };
                if let Some(key) = &request.key {
                    answers.record(key, &answer, seen.people(), now);
                }
                answer
            });
            count(lane, request, &done);
            Outcome::Decided(Reply::Done { done, answer })
        }
        Err(NotDone::Refused(refusal)) => Outcome::Decided(Reply::Refused(refusal)),
        Err(NotDone::Deferred(Missing::HoldsOn(key))) => Outcome::Deferred(vec![key]),
        Err(NotDone::Deferred(Missing::Slot(_))) => Outcome::Deferred(Vec::new()),
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

fn count(lane: &Lane, request: &Request, done: &Done) {
    let metrics = &lane.shared.metrics;
    match (&request.command, done) {
        (_, Done::Created { bookings, .. }) => metrics.bookings_created.inc_by(bookings.len() as u64),
        (Command::Expire(_), Done::Changed(_)) => metrics.holds_ended.inc(),
        (_, Done::Changed(_)) => metrics.bookings_changed.inc(),
        (_, Done::Nothing) => {}
    }
}
