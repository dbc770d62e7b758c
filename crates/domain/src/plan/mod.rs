//! Planning: from a request to the slots it would claim. Resolves names, checks dates, numbers slots and adds prices.
//! A plan is made against a catalogue snapshot, before a lane is involved, and says nothing about availability.

mod quantity;
mod resolve;
mod seating;
mod stay;
mod ticket;

use std::sync::Arc;

use jiff::civil::Date;

use crate::catalogue::Catalogue;
use crate::field::{FieldError, FieldErrors};
use crate::ids::{OfferingId, PoolId};
use crate::limits::{LINES_PER_BOOKING_MAX, SLOTS_PER_ORDER_MAX};
use crate::line::{Ask, Detail, LineRequest};
use crate::seats::SeatMap;
use crate::slot::SlotKey;
use crate::time::Instant;
use crate::venue::Venue;

#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    pub venue: Arc<Venue>,
    pub lines: Vec<PlannedLine>,
    pub starts_on: Date,
    pub party_size: i64,
}

/// A line and the ways to fulfil it, best first. The lane takes the first one whose needs are free.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedLine {
    pub choices: Vec<Choice>,
    pub starts_on: Date,
    pub party_size: i64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    pub offering: OfferingId,
    pub detail: Detail,
    pub base_minor: i64,
    /// How long the booking may wait for its confirmation; `None` if it is confirmed immediately.
    pub hold_ms: Option<i64>,
    pub needs: Vec<Need>,
}

/// Units that must be free.
#[derive(Debug, Clone, PartialEq)]
pub enum Need {
    /// `units` of every slot from `first` to `last`, inclusive.
    Range { pool: PoolId, first: i64, last: i64, units: i64 },
    /// Seats still to be chosen.
    BestSeats { pool: PoolId, map: Arc<SeatMap>, count: i64, together: bool },
}

impl Need {
    pub fn pool(&self) -> PoolId {
        match self {
            Self::Range { pool, .. } | Self::BestSeats { pool, .. } => *pool,
        }
    }

    pub fn slots(&self) -> impl Iterator<Item = SlotKey> + use<> {
        let (pool, range, map) = match self {
            Self::Range { pool, first, last, .. } => (*pool, Some(*first..=*last), None),
            Self::BestSeats { pool, map, .. } => (*pool, None, Some(Arc::clone(map))),
        };
        let seats =
            map.into_iter().flat_map(|map| (0..).map_while(move |index| map.slots().get(index).copied()));
        range.into_iter().flatten().chain(seats).map(move |slot| SlotKey { pool, slot })
    }
}

impl Plan {
    pub fn needs(&self) -> impl Iterator<Item = &Need> {
        self.lines.iter().flat_map(|line| &line.choices).flat_map(|choice| &choice.needs)
    }

    /// The price of the booking if every line gets its first choice.
    pub fn estimate_minor(&self) -> i64 {
        let first_choices = self.lines.iter().filter_map(|line| line.choices.first());
        first_choices.fold(0, |total, choice| total.saturating_add(choice.base_minor))
    }
}

/// Whose rules apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rules {
    /// The rules for guests: no past dates, at most 30 nights, and so on.
    Guest,
    /// The rules for imports of existing bookings: everything that can be counted.
    Import,
}

/// The input of a plan in addition to the request.
#[derive(Clone, Copy)]
pub struct Planner<'a> {
    pub catalogue: &'a Catalogue,
    pub now: Instant,
    pub rules: Rules,
}

impl Planner<'_> {
    /// Plans a booking, or returns all errors in its lines.
    pub fn plan(&self, base: &str, lines: &[LineRequest]) -> Result<Plan, Vec<FieldError>> {
        let mut errors = FieldErrors::default();
        if lines.is_empty() || lines.len() > LINES_PER_BOOKING_MAX {
            errors.add_at(base, "lines", format!("must have 1 to {LINES_PER_BOOKING_MAX} lines"));
        }
        let mut planned = Vec::with_capacity(lines.len());
        let mut venue: Option<Arc<Venue>> = None;
        for request in lines.iter().take(LINES_PER_BOOKING_MAX) {
            let Some((of, line)) = self.line(request, &mut errors) else { continue };
            match &venue {
                Some(first) if first.id != of.id => {
                    errors.add(
                        request.base.clone(),
                        "belongs to a different venue than the first line; book it in an order",
                    );
                }
                Some(_) => {}
                None => venue = Some(of),
            }
            if line.choices.is_empty() && errors.is_empty() {
                errors.add(request.base.clone(), "cannot be booked as requested");
            }
            planned.push(line);
        }
        let slots: usize = planned.iter().map(PlannedLine::slot_count).sum();
        if slots > SLOTS_PER_ORDER_MAX {
            errors.add(base, format!("would claim more than {SLOTS_PER_ORDER_MAX} slots"));
        }
        let summary = planned.first().map(|line| (line.starts_on, line.party_size));
        match (venue, summary) {
            (Some(venue), Some((starts_on, party_size))) => {
                errors.or(Plan { venue, lines: planned, starts_on, party_size })
            }
            _ => Err(errors.into_vec()),
        }
    }

    fn line(&self, request: &LineRequest, errors: &mut FieldErrors) -> Option<(Arc<Venue>, PlannedLine)> {
        let base = request.base.as_str();
        match &request.ask {
            Ask::Stay { hotel, room_type, dates, rooms, guests } => {
                self.stay(base, hotel.as_ref(), room_type, *dates, (*rooms, *guests), errors)
            }
            Ask::Seating(ask) => self.seating(base, ask, errors),
            Ask::Ticket { event, ticket_type, seats } => {
                self.ticket(base, event, ticket_type.as_ref(), seats, errors)
            }
            Ask::Product { product, quantity } => self.product(base, product, *quantity, errors),
            Ask::Service { service, quantity, scheduled_for } => {
                self.service(base, service, *quantity, *scheduled_for, errors)
            }
        }
    }
}

impl PlannedLine {
    fn slot_count(&self) -> usize {
        self.choices.iter().flat_map(|choice| &choice.needs).map(|need| need.slots().count()).sum()
    }
}
