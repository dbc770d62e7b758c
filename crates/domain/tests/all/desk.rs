//! Plans requests and decides them against one working set, as a lane does.

use std::collections::BTreeMap;

use domain::actor::Actor;
use domain::booking::{Booking, Notes, Person};
use domain::catalogue::Catalogue;
use domain::command::{Command, NewBooking, NewOrder, SetStatus, Update};
use domain::decide::{Context, Done, NotDone, decide};
use domain::field::FieldError;
use domain::ids::BookingId;
use domain::limits::CLOCK_SKEW_MS_MAX;
use domain::line::{Ask, LineRequest};
use domain::plan::{Plan, Planner, Rules};
use domain::reference::ReferenceKey;
use domain::refusal::{Refusal, Shortfall};
use domain::slot::{Slot, SlotKey};
use domain::status::Status;
use domain::time::{Instant, MINUTE_MS, day_number};
use domain::working_set::{Missing, WorkingSet};

use crate::dice::Dice;
use crate::shelf::Shelf;
use crate::world::{pool_id, start, world};

/// More rounds than any command here can need.
const ROUNDS_MAX: usize = 1_000;

pub struct Desk {
    pub catalogue: Catalogue,
    pub now: Instant,
    pub set: WorkingSet,
    pub shelf: Shelf,
    dice: Dice,
}

/// What buyers could notice: the units taken in each slot, and every booking.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    pub taken: BTreeMap<SlotKey, i64>,
    pub bookings: BTreeMap<BookingId, Booking>,
    pub told: (usize, usize),
}

pub fn planned(
    catalogue: &Catalogue,
    now: Instant,
    rules: Rules,
    asks: &[Ask],
) -> Result<Plan, Vec<FieldError>> {
    let line =
        |(index, ask): (usize, &Ask)| LineRequest { base: format!("/lines/{index}"), ask: ask.clone() };
    let lines: Vec<_> = asks.iter().enumerate().map(line).collect();
    Planner { catalogue, now, rules }.plan("", &lines)
}

impl Desk {
    pub fn new() -> Self {
        Self::of(world())
    }

    pub fn of(catalogue: Catalogue) -> Self {
        Self {
            catalogue,
            now: start(),
            set: WorkingSet::default(),
            shelf: Shelf::default(),
            dice: Dice::default(),
        }
    }

    pub fn plan(&self, asks: &[Ask]) -> Plan {
        planned(&self.catalogue, self.now, Rules::Guest, asks).unwrap()
    }

    /// A booking with irrelevant details.
    pub fn new_booking(&self, asks: &[Ask]) -> NewBooking {
        NewBooking {
            id: None,
            plan: self.plan(asks),
            guest: None,
            person: Person::default(),
            notes: Notes::default(),
            expected_total_minor: None,
        }
    }

    pub fn try_order(&mut self, bookings: Vec<NewBooking>) -> Result<Vec<BookingId>, Refusal> {
        let order = NewOrder { grouped: bookings.len() > 1, bookings, by: Actor::System };
        match self.drive(&Command::Create(order))? {
            Done::Created { bookings, .. } => Ok(bookings),
            other => panic!("an order was {other:?}"),
        }
    }

    pub fn try_book(&mut self, asks: &[Ask]) -> Result<BookingId, Refusal> {
        let new = self.new_booking(asks);
        self.try_order(vec![new]).map(|ids| ids[0])
    }

    pub fn book(&mut self, asks: &[Ask]) -> BookingId {
        self.try_book(asks).unwrap()
    }

    pub fn update(&mut self, id: BookingId, asks: &[Ask]) -> Result<Done, Refusal> {
        let expected_version = self.booking(id).version;
        let plan = (!asks.is_empty()).then(|| self.plan(asks));
        let (person, notes, by) = (Person::default(), Notes::default(), Actor::System);
        self.drive(&Command::Update(Box::new(Update {
            booking: id,
            expected_version,
            plan,
            person,
            notes,
            by,
        })))
    }

    pub fn become_status(&mut self, id: BookingId, to: Status) -> Result<Done, Refusal> {
        let change = SetStatus { booking: id, to, expected_version: None, by: Actor::System, reason: None };
        self.drive(&Command::SetStatus(change))
    }

    /// Moves the booking through these statuses.
    pub fn walk(&mut self, id: BookingId, through: &[Status]) {
        for to in through {
            assert_eq!(self.become_status(id, *to), Ok(Done::Changed(id)), "to {to}");
        }
    }

    /// Decides a command, loading what it turns out to need, until it is done or refused.
    pub fn drive(&mut self, command: &Command) -> Result<Done, Refusal> {
        for _ in 0..ROUNDS_MAX {
            match self.decide_once(command) {
                Ok(done) => return Ok(done),
                Err(NotDone::Refused(refusal)) => return Err(refusal),
                Err(NotDone::Deferred(Missing::Slot(key))) => self.load_slot(key),
                Err(NotDone::Deferred(Missing::HoldsOn(key))) => self.load_holds(key),
            }
        }
        panic!("never decided: {command:?}");
    }

    pub fn decide_once(&mut self, command: &Command) -> Result<Done, NotDone> {
        let mut context = Context {
            catalogue: &self.catalogue,
            reference_key: ReferenceKey([1, 2]),
            now: self.now,
            chance: &mut self.dice,
        };
        decide(&mut self.set, &mut context, command)
    }

    pub fn load_slot(&mut self, key: SlotKey) {
        assert!(self.set.slot(key).is_err(), "a slot that is there is not missing");
        let capacity = self.catalogue.pool(key.pool).unwrap().capacity;
        let slot = self.shelf.slots.get(&key).copied();
        self.set.load_slot(key, slot.unwrap_or(Slot { capacity, taken: 0, holds_until: None }));
    }

    /// Searches for the holds on a slot, as the store does.
    pub fn load_holds(&mut self, key: SlotKey) {
        let on_slot = |booking: &&Booking| {
            booking.claims.iter().any(|claim| claim.stands() && claim.slots().any(|slot| slot == key))
        };
        let pending = self.set.bookings().filter(|booking| booking.status == Status::Pending);
        let mut holds: Vec<_> =
            pending.filter(on_slot).map(|booking| (booking.times.expires.unwrap(), booking.id)).collect();
        holds.sort_unstable();
        let (due, later): (Vec<_>, Vec<_>) =
            holds.into_iter().partition(|(end, _)| *end <= self.now - CLOCK_SKEW_MS_MAX);
        let next_end = later.first().map(|(end, _)| *end);
        self.set.load_hold_search(key, due.into_iter().map(|(_, id)| id).collect(), next_end);
    }

    /// Stores the batch's changes and begins the next batch from what was stored.
    pub fn next_batch(&mut self) {
        self.shelf.save(&self.set);
        self.set = self.shelf.load();
    }

    pub fn pass_ms(&mut self, ms: i64) {
        self.now = self.now + ms;
    }

    pub fn pass_minutes(&mut self, minutes: i64) {
        self.pass_ms(minutes * MINUTE_MS);
    }

    pub fn booking(&self, id: BookingId) -> &Booking {
        self.set.booking(id).unwrap()
    }

    pub fn status(&self, id: BookingId) -> Status {
        self.booking(id).status
    }

    pub fn taken(&self, pool: &str, slot: i64) -> i64 {
        self.set.slot(SlotKey { pool: pool_id(pool), slot }).map_or(0, |slot| slot.taken)
    }

    /// The number of rooms taken in each of `nights` nights from `first`.
    pub fn taken_nights(&self, pool: &str, first: &str, nights: i64) -> Vec<i64> {
        let first = day_number(first.parse().unwrap());
        (first..first + nights).map(|night| self.taken(pool, night)).collect()
    }

    pub fn snapshot(&self) -> Snapshot {
        let slots = self.set.slots().filter(|(_, slot)| slot.taken != 0);
        Snapshot {
            taken: slots.map(|(key, slot)| (*key, slot.taken)).collect(),
            bookings: self.set.bookings().map(|booking| (booking.id, booking.clone())).collect(),
            told: (self.set.history.len(), self.set.events.len()),
        }
    }
}

pub fn shortfall(result: Result<impl std::fmt::Debug, Refusal>) -> Shortfall {
    match result {
        Err(Refusal::Unavailable(shortfall)) => shortfall,
        other => panic!("was to be unavailable, was {other:?}"),
    }
}
