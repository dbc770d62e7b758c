//! Changing the lines, the guest's data and the notes of a booking.

use domain::actor::Actor;
use domain::authorise::authorise;
use domain::booking::{Booking, Notes, Person};
use domain::command::{Command, Update};
use domain::field::{FieldErrors, pointer};
use domain::ids::BookingId;
use domain::line::{LinePatch, LineRequest};
use domain::permission::Permission;
use domain::plan::{Plan, Planner, Rules};
use domain::refusal::Refusal;

use super::submit::{lane_of, lane_of_pool, resume, submit};
use super::{BookingRefusal, read};
use crate::App;
use crate::idempotency::KeyUse;
use crate::lanes::{Answer, Request};

/// A requested update. Absent fields stay unchanged.
#[derive(Debug, Clone, PartialEq)]
pub struct Patch {
    pub booking: BookingId,
    pub expected_version: i64,
    /// All lines, replacing the existing ones.
    pub lines: Option<Vec<LineRequest>>,
    /// Or changes of the first line.
    pub line: LinePatch,
    pub person: PersonPatch,
    pub notes: NotesPatch,
}

/// `Some(None)` removes a value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PersonPatch {
    pub name: Option<Option<String>>,
    pub email: Option<Option<String>>,
    pub phone: Option<Option<String>>,
    pub companions: Option<Option<String>>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NotesPatch {
    pub special_requests: Option<Option<String>>,
    pub internal_notes: Option<Option<String>>,
    pub source: Option<Option<String>>,
    pub metadata: Option<Option<String>>,
}

pub async fn update(
    app: &App,
    actor: Actor,
    patch: Patch,
    key: Option<KeyUse>,
) -> Result<Answer, BookingRefusal> {
    let booking = read::visible(app, actor, patch.booking).await?;
    authorise(actor, Permission::UpdateBooking, read::resource(app, &booking))?;
    let planned = if booking.version == patch.expected_version {
        planned(app, actor, &booking, &patch)
    } else {
        let (expected, actual) = (patch.expected_version, booking.version);
        Err(BookingRefusal::Refused(Refusal::VersionConflict { expected, actual }))
    };
    let plan = match planned {
        Ok(plan) => plan,
        Err(refusal) => return resume(app, key.as_ref(), refusal).await,
    };
    let claimed = booking.claims.first().map(|claim| claim.pool);
    let command = Command::Update(Box::new(Update {
        booking: patch.booking,
        expected_version: patch.expected_version,
        plan,
        person: person(booking.person, patch.person),
        notes: notes(booking.notes, patch.notes),
        by: actor,
    }));
    let lane =
        if command.plans().next().is_some() { lane_of(app, &command) } else { lane_of_pool(app, claimed) };
    submit(app, lane, Request { command, viewer: Some(actor), key, at: None, generated: Vec::new() }).await
}

/// The new lines, if any changes. They are planned against the booking at the expected version.
fn planned(
    app: &App,
    actor: Actor,
    booking: &Booking,
    patch: &Patch,
) -> Result<Option<Plan>, BookingRefusal> {
    let mut errors = FieldErrors::default();
    if patch.notes.internal_notes.is_some() && !actor.may(Permission::WriteInternalNotes) {
        errors.add(pointer("", "internal_notes"), "can only be set by the venue");
    }
    let lines = match &patch.lines {
        Some(lines) => Some(lines.clone()),
        None if patch.line.is_empty() => None,
        None => asked_again(booking, &patch.line, &mut errors),
    };
    let Some(lines) = lines.filter(|_| errors.is_empty()) else {
        return errors.or(None).map_err(BookingRefusal::Invalid);
    };
    let catalogue = app.catalogue.snapshot();
    let planner = Planner { catalogue: &catalogue, now: app.clock.now(), rules: Rules::Guest };
    let plan = planner.plan("", &lines).map_err(BookingRefusal::Invalid)?;
    if plan.venue.id != booking.venue {
        errors.add("", "a booking cannot move to another venue; create a new booking there");
    }
    errors.or(Some(plan)).map_err(BookingRefusal::Invalid)
}

/// The booking's lines as requests, with the first one patched.
fn asked_again(booking: &Booking, patch: &LinePatch, errors: &mut FieldErrors) -> Option<Vec<LineRequest>> {
    let mut lines = Vec::with_capacity(booking.lines.len());
    for (index, line) in booking.lines.iter().enumerate() {
        let own = if index == 0 { patch.clone() } else { LinePatch::default() };
        match line.ask_again(booking.venue, &own) {
            Ok(ask) => lines.push(LineRequest { base: String::new(), ask }),
            Err(field) => {
                errors.add(pointer("", field), format!("does not apply to a {}", line.detail.kind()));
            }
        }
    }
    errors.is_empty().then_some(lines)
}

fn person(old: Person, patch: PersonPatch) -> Person {
    Person {
        name: patch.name.unwrap_or(old.name),
        email: patch.email.unwrap_or(old.email),
        phone: patch.phone.unwrap_or(old.phone),
        companions: patch.companions.unwrap_or(old.companions),
    }
}

fn notes(old: Notes, patch: NotesPatch) -> Notes {
    Notes {
        special_requests: patch.special_requests.unwrap_or(old.special_requests),
        internal_notes: patch.internal_notes.unwrap_or(old.internal_notes),
        source: patch.source.unwrap_or(old.source),
        metadata: patch.metadata.unwrap_or(old.metadata),
    }
}
