//! The same creations and cancellations for the domain and for a model that only counts: both must accept and refuse
//! the same.

use domain::ids::BookingId;
use domain::limits::CLOCK_SKEW_MS_MAX;
use domain::line::Ask;
use domain::plan::Rules;
use domain::refusal::Refusal;
use domain::slot::SlotKey;
use domain::status::Status;
use domain::time::{DAY_MS, MINUTE_MS, day_number};
use proptest::collection::vec;
use proptest::prelude::*;

use super::steps::{Step, any_stay, pass, ticket};
use crate::ask::service;
use crate::desk::{Desk, planned};
use crate::world::pool_id;

/// All bookings, and their states.
#[derive(Debug, Default)]
struct Model {
    sold: Vec<Sold>,
}

#[derive(Debug)]
struct Sold {
    /// (pool, first slot, last slot, units)
    units: Vec<(&'static str, i64, i64, i64)>,
    hold_ends_ms: Option<i64>,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    Held,
    Sure,
    Gone,
}

impl Sold {
    /// Computed from the request alone.
    fn of(asks: &[Ask], now_ms: i64) -> Self {
        let units: Vec<_> = asks.iter().flat_map(units_of).collect();
        let minutes = asks.iter().filter_map(hold_minutes).min();
        let hold_ends_ms = minutes.map(|minutes| now_ms + minutes * MINUTE_MS);
        let state = if hold_ends_ms.is_some() { State::Held } else { State::Sure };
        Self { units, hold_ends_ms, state }
    }

    fn stands(&self, now_ms: i64) -> bool {
        match (self.state, self.hold_ends_ms) {
            (State::Held, Some(ends)) => now_ms < ends + CLOCK_SKEW_MS_MAX,
            (State::Held | State::Sure, _) => true,
            (State::Gone, _) => false,
        }
    }

    fn units_on(&self, pool: &str, slot: i64) -> i64 {
        let on =
            self.units.iter().filter(|(of, first, last, _)| *of == pool && (*first..=*last).contains(&slot));
        on.map(|(.., units)| units).sum()
    }
}

fn units_of(ask: &Ask) -> Vec<(&'static str, i64, i64, i64)> {
    match ask {
        Ask::Stay { room_type, dates, rooms, .. } => {
            let (first, last) = (day_number(dates.checkin), day_number(dates.checkout) - 1);
            let family = *room_type == crate::world::code("family");
            let pools: &[&'static str] = if family { &["doubles", "singles"] } else { &["doubles"] };
            pools.iter().map(|pool| (*pool, first, last, *rooms)).collect()
        }
        Ask::Ticket { seats: domain::line::SeatChoice::Best { count, .. }, .. } => {
            vec![("hall", 0, 0, *count)]
        }
        Ask::Service { quantity, .. } => vec![("breakfasts", 0, 0, *quantity)],
        Ask::Ticket { .. } | Ask::Seating(_) | Ask::Product { .. } => panic!("not asked for here"),
    }
}

fn hold_minutes(ask: &Ask) -> Option<i64> {
    match ask {
        Ask::Stay { room_type, .. } => (*room_type == crate::world::code("held")).then_some(30),
        Ask::Ticket { event, .. } => (*event == crate::world::code("child")).then_some(15),
        Ask::Seating(_) | Ask::Product { .. } | Ask::Service { .. } => None,
    }
}

impl Model {
    fn taken(&self, pool: &str, slot: i64, now_ms: i64) -> i64 {
        let standing = self.sold.iter().filter(|sold| sold.stands(now_ms));
        standing.map(|sold| sold.units_on(pool, slot)).sum()
    }

    fn create(&mut self, asks: &[Ask], now_ms: i64) -> bool {
        let new = Sold::of(asks, now_ms);
        let fits = new.units.iter().all(|(pool, first, last, _)| {
            let capacity = match *pool {
                "doubles" => 3,
                "singles" => 2,
                "hall" => 10,
                _ => 12,
            };
            (*first..=*last).all(|slot| self.taken(pool, slot, now_ms) + new.units_on(pool, slot) <= capacity)
        });
        if fits {
            self.sold.push(new);
        }
        fits
    }

    /// Cancels or confirms. Only what is confirmed, or held and not expired.
    fn change(&mut self, which: usize, to: Status, now_ms: i64) -> bool {
        let sold = &mut self.sold[which];
        let in_time = sold.hold_ends_ms.is_none_or(|ends| now_ms < ends);
        let next = match (sold.state, to) {
            (State::Held | State::Sure, Status::Cancelled) => State::Gone,
            (State::Held, Status::Confirmed) => State::Sure,
            _ => return false,
        };
        if sold.state == State::Held && !in_time {
            return false;
        }
        sold.state = next;
        true
    }
}

fn asks() -> impl Strategy<Value = Vec<Ask>> {
    prop_oneof![
        3 => vec(any_stay(), 1..=2),
        1 => (any_stay(), 1..5_i64).prop_map(|(stay, count)| vec![stay, service("breakfast", count, None)]),
        2 => vec(prop_oneof![ticket("adult"), ticket("child")], 1..=2),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => asks().prop_map(|asks| Step::Order(vec![asks])),
        2 => (0..40_usize).prop_map(|which| Step::SetStatus(which, Status::Cancelled)),
        1 => (0..40_usize).prop_map(|which| Step::SetStatus(which, Status::Confirmed)),
        2 => pass(),
        1 => Just(Step::NextBatch),
    ]
}

/// Executes the step on both sides.
fn take(desk: &mut Desk, model: &mut Model, ids: &mut Vec<BookingId>, step: &Step) {
    let now_ms = desk.now.0;
    match step {
        Step::Order(bookings) => {
            let asks = &bookings[0];
            if planned(&desk.catalogue, desk.now, Rules::Guest, asks).is_err() {
                return;
            }
            let made = desk.try_book(asks);
            assert_eq!(made.is_ok(), model.create(asks, now_ms), "{asks:?}: {made:?}");
            ids.extend(made);
        }
        Step::SetStatus(which, to) if !ids.is_empty() => {
            let which = which % ids.len();
            let done = desk.become_status(ids[which], *to);
            assert_eq!(done.is_ok(), model.change(which, *to, now_ms), "{which} to {to}: {done:?}");
        }
        Step::Pass(ms) => desk.pass_ms(*ms),
        Step::NextBatch => desk.next_batch(),
        Step::SetStatus(..) | Step::Update(..) | Step::Expire(_) => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_domain_sells_exactly_what_counting_allows(steps in vec(step(), 1..60)) {
        let (mut desk, mut model, mut ids) = (Desk::new(), Model::default(), Vec::new());
        for step in steps {
            take(&mut desk, &mut model, &mut ids, &step);
            prop_assert!(desk.set.miscounted().is_empty());
        }
    }

    #[test]
    fn a_refusal_names_a_slot_that_is_really_short(orders in vec(asks(), 1..30)) {
        let mut desk = Desk::new();
        for asks in &orders {
            let Err(Refusal::Unavailable(short)) = desk.try_book(asks) else { continue };
            let key = SlotKey { pool: short.pool, slot: short.slot };
            let slot = desk.set.slot(key).unwrap();
            let asked_before: i64 = asks[..short.line].iter().map(|ask| units_on(ask, key)).sum();
            prop_assert_eq!(short.free, slot.free() - asked_before);
            prop_assert!(short.asked > short.free);
        }
    }
}

fn units_on(ask: &Ask, key: SlotKey) -> i64 {
    let of_ask = units_of(ask).into_iter();
    let on = of_ask
        .filter(|(pool, first, last, _)| pool_id(pool) == key.pool && (*first..=*last).contains(&key.slot));
    on.map(|(.., units)| units).sum()
}

#[test]
fn a_year_of_thousands_of_stays_agrees_with_counting() {
    let mut desk = Desk::new();
    let mut model = Model::default();
    let mut ids = Vec::new();
    let mut seed = 20_260_301_u64;
    let mut next = |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from((seed >> 33) % below).unwrap()
    };
    for _ in 0..4_000 {
        let first = desk.now + next(60) * DAY_MS;
        let checkin = first.date_in(&jiff::tz::TimeZone::UTC).to_string();
        let room_type = ["double", "held", "family"][usize::try_from(next(3)).unwrap()];
        let step = match next(10) {
            0..6 => Step::Order(vec![vec![crate::ask::stay(room_type, &checkin, 1 + next(7))]]),
            6..8 => Step::SetStatus(usize::try_from(next(4_000)).unwrap(), Status::Cancelled),
            8 => Step::Pass(next(4_000_000)),
            _ => Step::NextBatch,
        };
        take(&mut desk, &mut model, &mut ids, &step);
    }
    assert!(desk.set.miscounted().is_empty());
    assert!(ids.len() > 300, "{} sold", ids.len());
    let ranges = desk.set.bookings().flat_map(|booking| &booking.claims).count();
    assert!(ranges >= ids.len(), "every stay claims");
}
