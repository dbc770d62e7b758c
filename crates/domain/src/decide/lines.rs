//! The lines of a booking as they were served.

use super::Context;
use crate::line::{Detail, Line};
use crate::plan::Choice;
use crate::pool::Axis;
use crate::seats::SeatMap;
use crate::slot::Claim;

pub(super) fn total_minor(chosen: &[&Choice]) -> i64 {
    chosen.iter().fold(0, |total, choice| total.saturating_add(choice.base_minor))
}

/// The lines as booked, including the chosen seats.
pub(super) fn lines(chosen: &[&Choice], claims: &[Claim], context: &Context<'_>) -> Vec<Line> {
    let line = |(number, choice): (i64, &&Choice)| {
        let mut detail = choice.detail.clone();
        if let Detail::Ticket { seats, .. } = &mut detail
            && seats.is_empty()
        {
            let of_line = claims.iter().filter(|claim| claim.line == number);
            *seats = of_line.flat_map(|claim| seat_labels(context, claim)).collect();
        }
        Line { number, offering: choice.offering, detail, base_minor: choice.base_minor }
    };
    (0..).zip(chosen).map(line).collect()
}

fn seat_labels(context: &Context<'_>, claim: &Claim) -> Vec<String> {
    let map: Option<&SeatMap> = context.catalogue.pool(claim.pool).and_then(|pool| match &pool.axis {
        Axis::Seated(map) => Some(map.as_ref()),
        Axis::Nightly | Axis::Timed(_) | Axis::Quantity => None,
    });
    map.map(|map| map.labels(claim.first, claim.last).map(|(_, label)| label).collect()).unwrap_or_default()
}
