//! Alternatives: the nearest other times, and other offerings at the same time.

use domain::catalogue::Selector;
use domain::line::{Ask, LineRequest, SeatChoice, SeatingAsk, StayDates};
use domain::offering::OfferingKind;
use domain::plan::{Plan, Planner};
use jiff::ToSpan;
use jiff::civil::Time;

/// Days by which a stay or a seating is moved, nearest first.
const DAYS: [i64; 8] = [1, -1, 2, -2, 3, -3, 7, -7];
/// Minutes by which a seating is moved, nearest first.
const MINUTES: [i64; 16] = [15, -15, 30, -30, 45, -45, 60, -60, 75, -75, 90, -90, 120, -120, 180, -180];

/// Plans that could replace the first line. Their availability is not checked here.
pub(super) fn alternatives(planner: &Planner<'_>, lines: &[LineRequest], plan: &Plan) -> Vec<Plan> {
    let Some(first) = lines.first() else { return Vec::new() };
    let asks = match &first.ask {
        Ask::Stay { hotel: _, room_type, dates, rooms, guests } => {
            stays(planner, plan, room_type, *dates, (*rooms, *guests))
        }
        Ask::Seating(ask) => seatings(ask),
        Ask::Ticket { event, ticket_type, seats } => {
            tickets(planner, plan, event, ticket_type.as_ref(), seats)
        }
        Ask::Product { .. } | Ask::Service { .. } => Vec::new(),
    };
    let replan = |ask| planner.plan("", &[LineRequest { base: String::new(), ask }]).ok();
    asks.into_iter().filter_map(replan).collect()
}

fn stays(
    planner: &Planner<'_>,
    plan: &Plan,
    room_type: &Selector,
    dates: StayDates,
    (rooms, guests): (i64, i64),
) -> Vec<Ask> {
    let stay = |room_type: Selector, dates| Ask::Stay { hotel: None, room_type, dates, rooms, guests };
    let asked = planner.catalogue.find_offering(room_type).map(|offering| offering.id);
    let others = planner.catalogue.of_kind(plan.venue.id, OfferingKind::Stay);
    let same_dates = others
        .filter(|offering| Some(offering.id) != asked)
        .map(|offering| stay(Selector::Id(offering.id.0), dates));
    let moved = DAYS.into_iter().filter_map(|days| {
        let checkin = dates.checkin.checked_add(days.days()).ok()?;
        let checkout = dates.checkout.checked_add(days.days()).ok()?;
        Some(stay(room_type.clone(), StayDates { checkin, checkout }))
    });
    same_dates.chain(moved).collect()
}

fn seatings(ask: &SeatingAsk) -> Vec<Ask> {
    let same_day = MINUTES.into_iter().filter_map(|minutes| {
        let time = shifted(ask.time, minutes)?;
        Some(Ask::Seating(SeatingAsk { time, offset: None, ..ask.clone() }))
    });
    let other_days = DAYS.into_iter().filter_map(|days| {
        let date = ask.date.checked_add(days.days()).ok()?;
        Some(Ask::Seating(SeatingAsk { date, offset: None, ..ask.clone() }))
    });
    same_day.chain(other_days).collect()
}

/// The time this many minutes later; `None` past midnight, which is a different day.
fn shifted(time: Time, minutes: i64) -> Option<Time> {
    time.checked_add(minutes.minutes()).ok()
}

fn tickets(
    planner: &Planner<'_>,
    plan: &Plan,
    event: &Selector,
    ticket_type: Option<&Selector>,
    seats: &SeatChoice,
) -> Vec<Ask> {
    let count = match seats {
        SeatChoice::Best { count, .. } => *count,
        SeatChoice::Named(labels) => i64::try_from(labels.len()).unwrap_or(1),
    };
    let best = |together| SeatChoice::Best { count, together };
    let mut asks = Vec::new();
    if !matches!(seats, SeatChoice::Best { together: true, .. }) {
        asks.push(Ask::Ticket { event: event.clone(), ticket_type: ticket_type.cloned(), seats: best(true) });
    }
    asks.push(Ask::Ticket { event: event.clone(), ticket_type: ticket_type.cloned(), seats: best(false) });
    let others = planner.catalogue.of_kind(plan.venue.id, OfferingKind::Ticket);
    asks.extend(others.map(|offering| Ask::Ticket {
        event: Selector::Id(offering.id.0),
        ticket_type: None,
        seats: best(true),
    }));
    asks
}
