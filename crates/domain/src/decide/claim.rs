//! Claiming and releasing units. A claim takes everything it needs, or nothing.

use super::transition::{end_hold, release_slots};
use super::{Context, NotDone};
use crate::ids::PoolId;
use crate::limits::CLOCK_SKEW_MS_MAX;
use crate::plan::{Choice, Need, PlannedLine};
use crate::refusal::{Refusal, Shortfall};
use crate::slot::{Claim, SlotKey};
use crate::time::Instant;
use crate::working_set::{Missing, WorkingSet};

/// Claims the lines of one booking. It remembers what it took, to release it if a later line fails.
pub(super) struct Claiming {
    /// The position of the booking in the order, for the refusal.
    pub booking: usize,
    pub hold_ends: Option<Instant>,
    /// The number of the first of these claims; the others follow it.
    first_number: i64,
    taken: Vec<Claim>,
}

/// Why one choice of a line is not possible.
enum Failure {
    Short { pool: PoolId, slot: i64, asked: i64, free: i64 },
    Missing(Missing),
}

impl From<Missing> for Failure {
    fn from(missing: Missing) -> Self {
        Self::Missing(missing)
    }
}

impl Claiming {
    pub fn new(booking: usize, hold_ends: Option<Instant>, first_number: i64) -> Self {
        Self { booking, hold_ends, first_number, taken: Vec::new() }
    }

    /// Claims the first available choice of each line and returns the choices, in the order of the lines.
    pub fn lines<'p>(
        &mut self,
        set: &mut WorkingSet,
        context: &mut Context<'_>,
        lines: &'p [PlannedLine],
    ) -> Result<Vec<&'p Choice>, NotDone> {
        let mut chosen = Vec::with_capacity(lines.len());
        for (index, line) in lines.iter().enumerate() {
            match self.line(set, context, index, line) {
                Ok(choice) => chosen.push(choice),
                Err(reason) => {
                    self.give_back(set);
                    return Err(reason);
                }
            }
        }
        Ok(chosen)
    }

    /// The claims made.
    pub fn into_claims(self) -> Vec<Claim> {
        self.taken
    }

    /// Undoes all claims made so far.
    pub fn give_back(&mut self, set: &mut WorkingSet) {
        for claim in self.taken.drain(..) {
            release_slots(set, &claim);
        }
    }

    fn line<'p>(
        &mut self,
        set: &mut WorkingSet,
        context: &mut Context<'_>,
        index: usize,
        line: &'p PlannedLine,
    ) -> Result<&'p Choice, NotDone> {
        let mut shortfall = None;
        for choice in &line.choices {
            if !is_on_sale(context, choice) {
                continue;
            }
            match self.choice(set, context, index, choice) {
                Ok(()) => return Ok(choice),
                Err(Failure::Missing(missing)) => return Err(missing.into()),
                Err(Failure::Short { pool, slot, asked, free }) => {
                    shortfall.get_or_insert(Shortfall {
                        booking: self.booking,
                        line: index,
                        pool,
                        slot,
                        asked,
                        free,
                    });
                }
            }
        }
        match (shortfall, line.choices.first()) {
            (Some(shortfall), _) => Err(Refusal::Unavailable(shortfall).into()),
            (None, first) => {
                let offering = first.expect("a planned line has a choice").offering;
                let sale =
                    context.catalogue.offering(offering).map(|offering| offering.sale).unwrap_or_default();
                Err(Refusal::NotOnSale { booking: self.booking, line: index, offering, sale }.into())
            }
        }
    }

    fn choice(
        &mut self,
        set: &mut WorkingSet,
        context: &mut Context<'_>,
        line: usize,
        choice: &Choice,
    ) -> Result<(), Failure> {
        let before = self.taken.len();
        for need in &choice.needs {
            if let Err(failure) = self.need(set, context, line, need) {
                for claim in self.taken.drain(before..) {
                    release_slots(set, &claim);
                }
                return Err(failure);
            }
        }
        Ok(())
    }

    fn need(
        &mut self,
        set: &mut WorkingSet,
        context: &mut Context<'_>,
        line: usize,
        need: &Need,
    ) -> Result<(), Failure> {
        match need {
            Need::Range { pool, first, last, units } => {
                self.claim_range(set, context, line, (*pool, *first, *last, *units))
            }
            Need::BestSeats { .. } => {
                for range in choose_seats(set, context, need)? {
                    self.claim_range(set, context, line, range)?;
                }
                Ok(())
            }
        }
    }

    fn claim_range(
        &mut self,
        set: &mut WorkingSet,
        context: &mut Context<'_>,
        line: usize,
        (pool, first, last, units): (PoolId, i64, i64, i64),
    ) -> Result<(), Failure> {
        for slot in first..=last {
            if let Err(failure) = self.slot(set, context, SlotKey { pool, slot }, units) {
                for taken in first..slot {
                    set.release(SlotKey { pool, slot: taken }, units)?;
                }
                return Err(failure);
            }
        }
        let line = i64::try_from(line).unwrap_or(i64::MAX);
        let number = self.first_number + i64::try_from(self.taken.len()).unwrap_or(i64::MAX);
        self.taken.push(Claim { number, line, pool, first, last, units, released_at: None });
        Ok(())
    }

    fn slot(
        &self,
        set: &mut WorkingSet,
        context: &mut Context<'_>,
        key: SlotKey,
        units: i64,
    ) -> Result<(), Failure> {
        if units > set.slot(key)?.free() {
            end_due_holds(set, context, key, units)?;
        }
        if set.take(key, units, self.hold_ends)? {
            return Ok(());
        }
        Err(Failure::Short { pool: key.pool, slot: key.slot, asked: units, free: set.slot(key)?.free() })
    }
}

/// Whether the choice is for sale now. The plan may have been made against an older catalogue, and before the sale began
/// or ended.
fn is_on_sale(context: &Context<'_>, choice: &Choice) -> bool {
    let sold = |pool| context.catalogue.pool(pool).is_none_or(|pool| pool.withdrawn_at.is_none());
    let is_open = context
        .catalogue
        .offering(choice.offering)
        .is_none_or(|offering| context.catalogue.is_for_sale(offering) && offering.sale.is_open(context.now));
    is_open && choice.needs.iter().all(|need| sold(need.pool()))
}

/// Expires holds on a full slot whose time is over, oldest first, until `units` are free or none is left. Requests
/// another search if the last one returned as many holds as it can.
fn end_due_holds(
    set: &mut WorkingSet,
    context: &mut Context<'_>,
    key: SlotKey,
    units: i64,
) -> Result<(), Missing> {
    if let Some(due) = set.due_holds(key).map(<[_]>::to_vec) {
        for booking in due {
            if set.slot(key)?.free() >= units {
                return Ok(());
            }
            end_hold(set, context, booking)?;
        }
        set.finish_hold_search(key);
    }
    let slot = set.slot(key)?;
    let is_due = |end: Instant| end <= context.now - CLOCK_SKEW_MS_MAX;
    if slot.free() < units && slot.holds_until.is_some_and(is_due) {
        return Err(Missing::HoldsOn(key));
    }
    Ok(())
}

/// Seats of one row: those whose slots follow each other are one claim.
fn side_by_side(pool: PoolId, slots: &[i64]) -> Vec<SeatRange> {
    let ranges = slots.chunk_by(|slot, next| slot + 1 == *next);
    ranges.filter_map(|range| Some((pool, *range.first()?, *range.last()?, 1))).collect()
}

type SeatRange = (PoolId, i64, i64, i64);

/// Chooses the seats here, because no other command can take them in between.
fn choose_seats(
    set: &mut WorkingSet,
    context: &mut Context<'_>,
    need: &Need,
) -> Result<Vec<SeatRange>, Failure> {
    let Need::BestSeats { pool, map, count, together } = need else { return Ok(Vec::new()) };
    let pick = |set: &WorkingSet| {
        let is_free = |slot| set.slot(SlotKey { pool: *pool, slot }).is_ok_and(|slot| slot.free() > 0);
        if *together {
            map.best_together(*count, is_free).map(|slots| side_by_side(*pool, &slots))
        } else {
            map.best_anywhere(*count, is_free)
                .map(|slots| slots.into_iter().map(|slot| (*pool, slot, slot, 1)).collect())
        }
    };
    let seats = || map.slots().iter().copied().map(|slot| SlotKey { pool: *pool, slot });
    for key in seats() {
        set.slot(key)?;
    }
    if let Some(ranges) = pick(set) {
        return Ok(ranges);
    }
    for key in seats() {
        if set.slot(key)?.free() > 0 {
            continue;
        }
        end_due_holds(set, context, key, 1)?;
        if set.slot(key)?.free() > 0
            && let Some(ranges) = pick(set)
        {
            return Ok(ranges);
        }
    }
    let free = seats().filter(|key| set.slot(*key).is_ok_and(|slot| slot.free() > 0)).count();
    let free = i64::try_from(free).unwrap_or(i64::MAX);
    Err(Failure::Short { pool: *pool, slot: 0, asked: *count, free })
}
