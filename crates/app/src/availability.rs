//! Availability: the same plan and decision as a booking, on a snapshot, without writing anything.

use std::collections::HashMap;
use std::sync::Arc;

use domain::actor::Actor;
use domain::authorise::{Resource, authorise};
use domain::booking::{Booking, Notes, Person};
use domain::catalogue::Catalogue;
use domain::command::{Command, NewBooking, NewOrder};
use domain::decide::{Context, Done, NotDone, decide};
use domain::ids::{BookingId, OfferingId};
use domain::limits::CLOCK_SKEW_MS_MAX;
use domain::line::LineRequest;
use domain::money::Price;
use domain::permission::Permission;
use domain::plan::{Plan, Planner, Rules};
use domain::reference::ReferenceKey;
use domain::refusal::{Refusal, Shortfall};
use domain::slot::{Slot, SlotKey};
use domain::time::Instant;
use domain::working_set::{Missing, WorkingSet};
use store::{Connection, StoreError, bookings, holds, slots};

use crate::App;
use crate::bookings::BookingRefusal;
use crate::chance::SystemChance;
use crate::lanes::Fault;
use alternatives::alternatives;

mod alternatives;

/// Maximum number of alternatives offered if the request is not available.
const ALTERNATIVES_MAX: usize = 5;

/// The result of a check.
#[derive(Debug, Clone)]
pub struct Availability {
    pub available: bool,
    /// The price of a booking made now.
    pub price: Price,
    pub lines: Vec<LineAvailability>,
    pub shortfall: Option<Shortfall>,
    pub alternatives: Vec<Alternative>,
}

/// Availability of a line's first choice, in the slot with the fewest free units.
#[derive(Debug, Clone)]
pub struct LineAvailability {
    pub offering: OfferingId,
    /// Units; `None` if the offering has no limit.
    pub capacity: Option<i64>,
    pub free: Option<i64>,
}

/// An available alternative.
#[derive(Debug, Clone)]
pub struct Alternative {
    pub offering: OfferingId,
    pub detail: domain::line::Detail,
    pub price: Price,
}

/// Checks lines at one venue together, as one booking would claim them.
pub async fn check(app: &App, actor: Actor, lines: Vec<LineRequest>) -> Result<Availability, BookingRefusal> {
    authorise(actor, Permission::CheckAvailability, Resource::SHARED)?;
    let catalogue = app.catalogue.snapshot();
    let now = app.clock.now();
    let planner = Planner { catalogue: &catalogue, now, rules: Rules::Guest };
    let plan = planner.plan("", &lines).map_err(BookingRefusal::Invalid)?;
    let others = alternatives(&planner, &lines, &plan);
    let question =
        Question { catalogue: Arc::clone(&catalogue), now, actor, reference_key: app.reference_key };
    let answer = app.readers.ask(move |connection| question.answer(connection, &plan, &others)).await;
    Ok(answer.map_err(Fault::from)?)
}

/// A check that is sent to a reader.
struct Question {
    catalogue: Arc<Catalogue>,
    now: Instant,
    actor: Actor,
    reference_key: ReferenceKey,
}

impl Question {
    fn answer(
        &self,
        connection: &mut Connection,
        plan: &Plan,
        others: &[Plan],
    ) -> Result<Availability, StoreError> {
        let mut house = House::load(connection, &self.catalogue, self.now, std::iter::once(plan))?;
        let lines = house.lines(&self.catalogue, plan);
        let currency = plan.venue.currency;
        let (available, price, shortfall) = match self.try_out(&mut house, plan) {
            Ok(booking) => (true, booking.price, None),
            Err(refusal) => (false, Price::plain(plan.estimate_minor(), currency), shortfall(&refusal)),
        };
        let mut alternatives = Vec::new();
        if !available {
            let mut wider = House::load(connection, &self.catalogue, self.now, others.iter())?;
            let served = others.iter().filter_map(|other| self.try_out(&mut wider, other).ok());
            alternatives.extend(served.filter_map(|booking| alternative(&booking)).take(ALTERNATIVES_MAX));
        }
        Ok(Availability { available, price, lines, shortfall, alternatives })
    }

    /// Decides the booking, examines it, and releases everything again.
    fn try_out(&self, house: &mut House, plan: &Plan) -> Result<Booking, Refusal> {
        let booking = NewBooking {
            id: None,
            plan: plan.clone(),
            guest: None,
            person: Person::default(),
            notes: Notes::default(),
            expected_total_minor: None,
        };
        let command = Command::Create(NewOrder { bookings: vec![booking], grouped: false, by: self.actor });
        let mut set = house.working_set();
        let mut chance = SystemChance::from_seed(0);
        let mut context = Context {
            catalogue: &self.catalogue,
            reference_key: self.reference_key,
            now: self.now,
            chance: &mut chance,
        };
        match decide(&mut set, &mut context, &command) {
            Ok(Done::Created { bookings, .. }) => {
                let made = bookings.first().and_then(|id| set.booking(*id)).cloned();
                made.ok_or(Refusal::NotFound)
            }
            Ok(Done::Changed(_) | Done::Nothing) => Err(Refusal::NotFound),
            Err(NotDone::Refused(refusal)) => Err(refusal),
            Err(NotDone::Deferred(Missing::Slot(key) | Missing::HoldsOn(key))) => {
                let shortfall =
                    Shortfall { booking: 0, line: 0, pool: key.pool, slot: key.slot, asked: 0, free: 0 };
                Err(Refusal::Unavailable(shortfall))
            }
        }
    }
}

fn shortfall(refusal: &Refusal) -> Option<Shortfall> {
    match refusal {
        Refusal::Unavailable(shortfall) => Some(*shortfall),
        _ => None,
    }
}

fn alternative(booking: &Booking) -> Option<Alternative> {
    let line = booking.lines.first()?;
    Some(Alternative { offering: line.offering, detail: line.detail.clone(), price: booking.price })
}

/// The slots that some plans need. Units still taken by expired holds count as free.
struct House {
    slots: HashMap<SlotKey, Slot>,
}

impl House {
    fn load<'p>(
        connection: &mut Connection,
        catalogue: &Catalogue,
        now: Instant,
        plans: impl Iterator<Item = &'p Plan>,
    ) -> Result<Self, StoreError> {
        let mut keys: Vec<SlotKey> =
            plans.flat_map(Plan::needs).flat_map(domain::plan::Need::slots).collect();
        keys.sort_unstable();
        keys.dedup();
        let default = |key: &SlotKey| {
            let capacity = catalogue.pool(key.pool).map_or(0, |pool| pool.capacity);
            (*key, Slot { capacity, taken: 0, holds_until: None })
        };
        let mut found: HashMap<SlotKey, Slot> = keys.iter().map(default).collect();
        found.extend(slots::read(connection, &keys)?);
        let mut house = Self { slots: found };
        house.free_ended_holds(connection, now - CLOCK_SKEW_MS_MAX)?;
        Ok(house)
    }

    fn free_ended_holds(
        &mut self,
        connection: &mut Connection,
        due_since: Instant,
    ) -> Result<(), StoreError> {
        let ends = |slot: &Slot| slot.holds_until.is_some_and(|end| end <= due_since);
        let suspects: Vec<SlotKey> =
            self.slots.iter().filter(|(_, slot)| ends(slot)).map(|(key, _)| *key).collect();
        let mut due: Vec<BookingId> = holds::on_slots(connection, &suspects, due_since)?
            .into_iter()
            .flat_map(|search| search.due)
            .collect();
        due.sort_unstable();
        due.dedup();
        for claim in bookings::claims_held(connection, &due)? {
            for key in claim.slots() {
                if let Some(slot) = self.slots.get_mut(&key) {
                    slot.taken = (slot.taken - claim.units).max(0);
                }
            }
        }
        self.slots.values_mut().for_each(|slot| slot.holds_until = None);
        Ok(())
    }

    fn working_set(&self) -> WorkingSet {
        let mut set = WorkingSet::default();
        self.slots.iter().for_each(|(key, slot)| set.load_slot(*key, *slot));
        set
    }

    fn lines(&self, catalogue: &Catalogue, plan: &Plan) -> Vec<LineAvailability> {
        plan.lines
            .iter()
            .filter_map(|line| line.choices.first())
            .map(|choice| {
                let needs = || choice.needs.iter().flat_map(domain::plan::Need::slots);
                let slots = || needs().filter_map(|key| self.slots.get(&key));
                // Seats are counted in total; nights and ticks by the fullest slot.
                let seated = needs()
                    .next()
                    .and_then(|key| catalogue.pool(key.pool))
                    .is_some_and(|pool| matches!(pool.axis, domain::pool::Axis::Seated(_)));
                let sum = |of: fn(&Slot) -> i64| slots().next().map(|_| slots().map(of).sum::<i64>());
                let least = |of: fn(&Slot) -> i64| slots().map(of).min();
                LineAvailability {
                    offering: choice.offering,
                    capacity: if seated { sum(|slot| slot.capacity) } else { least(|slot| slot.capacity) },
                    free: if seated { sum(Slot::free) } else { least(Slot::free) },
                }
            })
            .collect()
    }
}
