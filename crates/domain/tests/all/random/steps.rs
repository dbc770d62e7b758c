//! The actions of random buyers, guests and clerks.

use domain::line::{Ask, SeatingAsk, SeatingKind};
use domain::status::{ALL, Status};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::ask::{dinner, named, product, rooms, service, stay, table, tasting, tickets, together};

#[derive(Debug, Clone)]
pub enum Step {
    /// Bookings of one order, each with its lines.
    Order(Vec<Vec<Ask>>),
    /// The position among the created bookings. Without lines only people and notes change.
    Update(usize, Vec<Ask>),
    SetStatus(usize, Status),
    Expire(usize),
    /// The clock, in milliseconds.
    Pass(i64),
    NextBatch,
}

pub fn step() -> impl Strategy<Value = Step> {
    let which = 0..40_usize;
    prop_oneof![
        8 => vec(lines(), 1..=3).prop_map(Step::Order),
        2 => (which.clone(), prop_oneof![1 => Just(Vec::new()), 4 => lines()])
            .prop_map(|(which, lines)| Step::Update(which, lines)),
        6 => (which.clone(), select(ALL.to_vec())).prop_map(|(which, to)| Step::SetStatus(which, to)),
        1 => which.prop_map(Step::Expire),
        3 => pass(),
        2 => Just(Step::NextBatch),
    ]
}

/// Moments, minutes about as long as holds, and days.
pub fn pass() -> impl Strategy<Value = Step> {
    prop_oneof![0..500_i64, 600_000..2_000_000_i64, Just(21_600_000_i64)].prop_map(Step::Pass)
}

/// One or two lines of one venue.
fn lines() -> impl Strategy<Value = Vec<Ask>> {
    prop_oneof![
        vec(hotel(), 1..=2),
        vec(bistro(), 1..=2),
        vec(prop_oneof![ticket("adult"), ticket("child")], 1..=2),
        vec(seat(), 1..=2),
        vec(
            (select(vec!["mug", "four-mugs"]), 1..4_i64).prop_map(|(name, count)| product(name, count)),
            1..=2
        ),
    ]
}

fn hotel() -> impl Strategy<Value = Ask> {
    prop_oneof![
        6 => any_stay(),
        1 => (select(vec!["breakfast", "transfer"]), 1..8_i64).prop_map(|(name, count)| service(name, count, None)),
    ]
}

pub fn any_stay() -> impl Strategy<Value = Ask> {
    let room_type = select(vec!["double", "held", "family"]);
    let checkin = select(vec!["2026-03-04", "2026-03-05", "2026-03-06", "2026-03-07"]);
    (room_type, checkin, 1..4_i64, 1..4_i64).prop_map(|(room_type, checkin, nights, count)| match count {
        1 => stay(room_type, checkin, nights),
        count => rooms(room_type, checkin, nights, (count, count)),
    })
}

fn bistro() -> impl Strategy<Value = Ask> {
    let when = select(vec!["2026-03-04T18:00", "2026-03-04T19:00", "2026-03-04T19:45", "2026-03-05T19:00"]);
    let minutes = prop_oneof![Just(None), (2..18_i64).prop_map(|quarters| Some(quarters * 10))];
    (when, 1..7_i64, minutes, 0..3_u8).prop_map(|(when, party_size, duration_minutes, kind)| match kind {
        0 => dinner(when, party_size),
        1 => tasting(when, party_size),
        _ => {
            let kind = SeatingKind::Either;
            Ask::Seating(SeatingAsk { kind, duration_minutes, ..table(when, party_size) })
        }
    })
}

pub fn ticket(ticket_type: &'static str) -> impl Strategy<Value = Ask> {
    (1..5_i64).prop_map(move |count| tickets(ticket_type, count))
}

fn seat() -> impl Strategy<Value = Ask> {
    let ticket_type = select(vec!["stall", "held-stall", "any-seat"]);
    let labels = subsequence(vec!["A-1", "A-2", "A-4", "B-1", "B-2", "B-5"], 1..4);
    prop_oneof![
        (ticket_type.clone(), 1..5_i64).prop_map(|(of, count)| together(of, count)),
        (ticket_type.clone(), 1..5_i64).prop_map(|(of, count)| tickets(of, count)),
        (ticket_type, labels).prop_map(|(of, labels)| named(of, &labels)),
    ]
}
