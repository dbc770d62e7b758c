//! Creating bookings, individually or several in an order.

use std::collections::HashSet;

use domain::actor::Actor;
use domain::authorise::{Resource, authorise};
use domain::booking::{Booking, Notes, Person};
use domain::catalogue::Catalogue;
use domain::command::{Command, NewBooking, NewOrder};
use domain::decide::{Chance as _, Context, Done, NotDone, decide};
use domain::field::{FieldError, FieldErrors, pointer};
use domain::ids::{GuestId, PoolId};
use domain::line::{Ask, LineRequest};
use domain::permission::Permission;
use domain::plan::{Plan, Planner, Rules};
use domain::slot::{Slot, SlotKey};
use domain::time::Instant;
use domain::working_set::WorkingSet;
use store::vault::people::GeneratedKey;

use super::BookingRefusal;
use super::submit::{lane_of, resume, submit};
use crate::App;
use crate::idempotency::KeyUse;
use crate::lanes::{Answer, Fault, Request};

/// A requested booking.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// JSON pointer of the booking's object in the request.
    pub base: String,
    pub lines: Vec<LineRequest>,
    /// The guest. Ignored for guests, who book for themselves.
    pub guest: Option<GuestId>,
    pub person: Person,
    pub notes: Notes,
    pub expected_total_minor: Option<i64>,
}

/// Bookings to be decided together.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderDraft {
    pub bookings: Vec<Draft>,
    /// Whether an order was requested, even for a single booking.
    pub grouped: bool,
}

/// Creates all bookings of the order, or none.
pub async fn create(
    app: &App,
    actor: Actor,
    order: OrderDraft,
    key: Option<KeyUse>,
) -> Result<Answer, BookingRefusal> {
    authorise(actor, Permission::CreateBooking, Resource::SHARED)?;
    let catalogue = app.catalogue.snapshot();
    let planned = plan(&catalogue, app.clock.now(), actor, order);
    let mut order = match planned {
        Ok(order) => order,
        Err(refusal) => return resume(app, key.as_ref(), refusal).await,
    };
    drop(catalogue);
    let generated = name_guests(app, &mut order);
    let command = Command::Create(order);
    submit(app, lane_of(app, &command), Request { command, viewer: Some(actor), key, at: None, generated })
        .await
}

/// Generates ids and data keys for new guests. This runs on the caller's thread, because the lane decides for all
/// callers.
fn name_guests(app: &App, order: &mut NewOrder) -> Vec<GeneratedKey> {
    let now = app.clock.now();
    let nameless = order.bookings.iter_mut().filter(|booking| booking.guest.is_none());
    nameless
        .map(|booking| {
            let mut chance = app.chance.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let guest = GuestId(chance.id(now, booking.plan.venue.id.hint()));
            drop(chance);
            booking.guest = Some(guest);
            app.vault.generate(guest.into())
        })
        .collect()
}

/// Checks a request as [`create`] does and shows what it would make in an empty house. Claims and stores nothing.
pub fn preview(app: &App, actor: Actor, order: OrderDraft) -> Result<Preview, BookingRefusal> {
    authorise(actor, Permission::PreviewBooking, Resource::SHARED)?;
    let catalogue = app.catalogue.snapshot();
    let now = app.clock.now();
    let order = plan(&catalogue, now, actor, order)?;
    let mut set = empty_house(&catalogue, &order);
    let mut chance = app.chance.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let reference_key = app.reference_key;
    let mut context = Context { catalogue: &catalogue, reference_key, now, chance: &mut *chance };
    let done = decide(&mut set, &mut context, &Command::Create(order));
    drop(chance);
    match done {
        Ok(Done::Created { bookings, .. }) => {
            let bookings = bookings.iter().filter_map(|id| set.booking(*id)).cloned().collect();
            Ok(Preview { bookings, catalogue, now })
        }
        Ok(_) => Err(Fault::Internal("a preview created no booking".to_owned()).into()),
        Err(NotDone::Refused(refusal)) => Err(BookingRefusal::Refused(refusal)),
        Err(NotDone::Deferred(missing)) => {
            Err(Fault::Internal(format!("a preview lacks {missing:?}")).into())
        }
    }
}

/// The result of [`preview`].
pub struct Preview {
    pub bookings: Vec<Booking>,
    pub catalogue: std::sync::Arc<Catalogue>,
    pub now: Instant,
}

fn empty_house(catalogue: &Catalogue, order: &NewOrder) -> WorkingSet {
    let mut set = WorkingSet::default();
    let needs = order.bookings.iter().flat_map(|booking| booking.plan.needs());
    for key in needs.flat_map(domain::plan::Need::slots) {
        let capacity = capacity(catalogue, key);
        set.load_slot(key, Slot { capacity, taken: 0, holds_until: None });
    }
    set
}

fn capacity(catalogue: &Catalogue, key: SlotKey) -> i64 {
    let pool: PoolId = key.pool;
    catalogue.pool(pool).map_or(0, |pool| pool.capacity)
}

fn plan(
    catalogue: &Catalogue,
    now: Instant,
    actor: Actor,
    order: OrderDraft,
) -> Result<NewOrder, BookingRefusal> {
    let planner = Planner { catalogue, now, rules: Rules::Guest };
    let mut errors: Vec<FieldError> = Vec::new();
    let mut bookings = Vec::with_capacity(order.bookings.len());
    let mut event_is_absent = false;
    for draft in order.bookings {
        match planner.plan(&draft.base, &draft.lines) {
            Ok(plan) => {
                errors.extend(not_the_actors(actor, &draft, &plan));
                bookings.push(new_booking(actor, draft, plan));
            }
            Err(wrong) => {
                errors.extend(wrong);
                errors.extend(foreign_fields(actor, &draft));
                event_is_absent |= names_no_event(catalogue, &draft);
            }
        }
    }
    if errors.is_empty() {
        return Ok(NewOrder { bookings, grouped: order.grouped, by: actor });
    }
    let mut told = HashSet::new();
    errors.retain(|error| told.insert((error.pointer.clone(), error.detail.clone())));
    match errors.len() {
        1 if event_is_absent => Err(BookingRefusal::NoSuchEvent(errors)),
        _ => Err(BookingRefusal::Invalid(errors)),
    }
}

fn names_no_event(catalogue: &Catalogue, draft: &Draft) -> bool {
    draft.lines.iter().any(|line| match &line.ask {
        Ask::Ticket { event, .. } => {
            catalogue.find_venue(event).is_none() && catalogue.find_offering(event).is_none()
        }
        Ask::Stay { .. } | Ask::Seating(_) | Ask::Product { .. } | Ask::Service { .. } => false,
    })
}

fn new_booking(actor: Actor, draft: Draft, plan: Plan) -> NewBooking {
    let guest = match actor {
        Actor::Guest(id) => Some(id),
        Actor::Business(_) | Actor::Admin(_) | Actor::System => draft.guest,
    };
    let Draft { person, notes, expected_total_minor, .. } = draft;
    NewBooking { id: None, plan, guest, person, notes, expected_total_minor }
}

/// A business books at its own venues; other businesses' venues look nonexistent.
fn not_the_actors(actor: Actor, draft: &Draft, plan: &Plan) -> Vec<FieldError> {
    let mut errors = foreign_fields(actor, draft);
    let venue = Resource::of_business("venue", plan.venue.business);
    if !matches!(actor, Actor::Guest(_)) && !venue.is_visible_to(actor) {
        let base = draft.lines.first().map_or(draft.base.as_str(), |line| line.base.as_str());
        errors.push(FieldError {
            pointer: base.to_owned(),
            detail: "must name a venue or an offering of your business".to_owned(),
        });
    }
    errors
}

fn foreign_fields(actor: Actor, draft: &Draft) -> Vec<FieldError> {
    let mut errors = FieldErrors::default();
    if draft.notes.internal_notes.is_some() && !actor.may(Permission::WriteInternalNotes) {
        errors.add(pointer(&draft.base, "internal_notes"), "can only be set by the venue");
    }
    errors.into_vec()
}
