//! A table or an experience: a time, a duration and a party size.

use std::sync::Arc;

use jiff::civil::Time;

use super::resolve::Fields;
use super::{Choice, Need, PlannedLine, Planner, Rules};
use crate::catalogue::Selector;
use crate::field::FieldErrors;
use crate::limits::{DURATION_MINUTES_MAX, DURATION_MINUTES_MIN, PARTY_MAX};
use crate::line::{Detail, SeatingAsk, SeatingDetail, SeatingKind};
use crate::offering::{Offering, OfferingKind, Part};
use crate::opening::moment;
use crate::pool::Axis;
use crate::time::{Instant, MINUTE_MS};
use crate::venue::Venue;

impl Planner<'_> {
    pub(super) fn seating(
        &self,
        base: &str,
        ask: &SeatingAsk,
        errors: &mut FieldErrors,
    ) -> Option<(Arc<Venue>, PlannedLine)> {
        let mut fields = Fields { base, errors };
        fields.range("party_size", ask.party_size, 1, PARTY_MAX);
        if let Some(minutes) = ask.duration_minutes {
            fields.range("duration_minutes", minutes, DURATION_MINUTES_MIN, DURATION_MINUTES_MAX);
        }
        let (venue, offerings) = self.candidates(&mut fields, ask)?;
        let fitting = fits(&mut fields, &offerings, ask.party_size);
        let fitting = self.of_length(&mut fields, fitting, ask.duration_minutes);
        let start = self.start(&mut fields, ask, &venue)?;
        let mut choices = Vec::new();
        for offering in &fitting {
            let seating = self.place(ask, &venue, offering, start);
            choices.extend(self.seating_choices(offering, &seating));
        }
        if choices.is_empty() && !fitting.is_empty() {
            fields.add("booking_time", self.why_not(&fitting, start));
        }
        Some((venue, PlannedLine { choices, starts_on: ask.date, party_size: ask.party_size }))
    }

    /// The venue and its matching offerings. If the request names an offering that does not exist, there are none.
    fn candidates(
        &self,
        fields: &mut Fields<'_>,
        ask: &SeatingAsk,
    ) -> Option<(Arc<Venue>, Vec<Arc<Offering>>)> {
        match (&ask.item, &ask.venue) {
            (Some(item), named) => {
                let (kind, field) = self.kind_of(ask, item);
                let found = self.offering(fields, field, item, kind);
                let venue = self.venue_of(fields, "venue_id", named.as_ref(), found.as_ref())?;
                Some((venue, found.map(|(_, offering)| offering).into_iter().collect()))
            }
            (None, Some(named)) => {
                let venue = self.venue(fields, "venue_id", named)?;
                let all = self.of_kinds(&venue, ask.kind);
                if all.is_empty() {
                    fields.add("venue_id", "has no tables or experiences");
                }
                Some((venue, all))
            }
            (None, None) => {
                fields.add("venue_id", "is required");
                None
            }
        }
    }

    /// The kind of offering that `item` must be, and the field that names it.
    fn kind_of(&self, ask: &SeatingAsk, item: &Selector) -> (OfferingKind, &'static str) {
        let table = (OfferingKind::Table, "inventory_item_id");
        let experience = (OfferingKind::Experience, "experience_id");
        match ask.kind {
            SeatingKind::Table => table,
            SeatingKind::Experience => experience,
            SeatingKind::Either => match self.catalogue.find_offering(item) {
                Some(offering) if offering.kind == OfferingKind::Experience => experience,
                Some(_) | None => table,
            },
        }
    }

    fn of_kinds(&self, venue: &Venue, kind: SeatingKind) -> Vec<Arc<Offering>> {
        let kinds: &[OfferingKind] = match kind {
            SeatingKind::Table => &[OfferingKind::Table],
            SeatingKind::Experience => &[OfferingKind::Experience],
            SeatingKind::Either => &[OfferingKind::Table, OfferingKind::Experience],
        };
        let found = kinds.iter().flat_map(|kind| self.catalogue.of_kind(venue.id, *kind));
        found.filter(|offering| self.catalogue.is_for_sale(offering)).map(Arc::clone).collect()
    }

    fn start(&self, fields: &mut Fields<'_>, ask: &SeatingAsk, venue: &Venue) -> Option<Instant> {
        match moment(&venue.time_zone, ask.date.to_datetime(ask.time), ask.offset) {
            Ok(start) => {
                let field = if ask.date == self.today(venue) { "booking_time" } else { "booking_date" };
                self.bookable_moment(fields, field, start);
                Some(start)
            }
            Err(reason) => {
                fields.add("booking_time", reason.to_string());
                None
            }
        }
    }

    /// Those that can be booked for so long; notes an error where none can.
    fn of_length(
        &self,
        fields: &mut Fields<'_>,
        mut offerings: Vec<Arc<Offering>>,
        minutes: Option<i64>,
    ) -> Vec<Arc<Offering>> {
        let (Some(minutes), Rules::Guest) = (minutes, self.rules) else { return offerings };
        let usual = |offering: &Offering| offering.seating.duration_minutes;
        let wrong = offerings.first().map(|offering| offering.lengths.allowed(usual(offering)));
        offerings.retain(|offering| offering.lengths.allows(usual(offering), minutes));
        if let Some(allowed) = wrong.filter(|_| offerings.is_empty()) {
            fields.add("duration_minutes", format!("must be {allowed}"));
        }
        offerings
    }

    fn place(&self, ask: &SeatingAsk, venue: &Venue, offering: &Offering, start: Instant) -> Placed {
        let sensible = DURATION_MINUTES_MIN..=DURATION_MINUTES_MAX;
        let asked = ask.duration_minutes.filter(|minutes| sensible.contains(minutes));
        let minutes = asked.unwrap_or(offering.seating.duration_minutes);
        let end = start + minutes.saturating_mul(MINUTE_MS);
        let open = self.rules == Rules::Import || venue.opening().covers(&venue.time_zone, start, end);
        let detail = SeatingDetail {
            booking_date: ask.date,
            booking_time: ask.time,
            end_time: local_time(venue, end),
            duration_minutes: minutes,
            party_size: ask.party_size,
            starts_at_ms: start.0,
        };
        Placed { start, taken_until: end + offering.seating.turn_minutes * MINUTE_MS, open, detail }
    }

    fn seating_choices(&self, offering: &Offering, placed: &Placed) -> Vec<Choice> {
        if !placed.open {
            return Vec::new();
        }
        let (detail, units) = match offering.kind {
            OfferingKind::Experience => (Detail::Experience(placed.detail.clone()), placed.detail.party_size),
            OfferingKind::Table
            | OfferingKind::Stay
            | OfferingKind::Ticket
            | OfferingKind::Product
            | OfferingKind::Service => (Detail::Table(placed.detail.clone()), 1),
        };
        let price = offering.unit_price_minor.saturating_mul(units);
        offering.choices(&detail, price, |part| self.ticks(part, placed, units).map(|need| vec![need]))
    }

    fn ticks(&self, part: &Part, placed: &Placed, units: i64) -> Option<Need> {
        let Axis::Timed(ticks) = self.catalogue.pool(part.pool)?.axis else { return None };
        let first = ticks.exactly_at(placed.start)?;
        let last = ticks.at_or_after(placed.taken_until) - 1;
        Some(Need::Range { pool: part.pool, first, last, units: part.units.saturating_mul(units) })
    }

    fn why_not(&self, offerings: &[Arc<Offering>], start: Instant) -> String {
        let parts = offerings.iter().flat_map(|offering| &offering.recipes).flat_map(|recipe| &recipe.0);
        let pools = parts.filter_map(|part| self.catalogue.pool(part.pool));
        let steps = pools.filter_map(|pool| match pool.axis {
            Axis::Timed(ticks) => Some(ticks),
            Axis::Nightly | Axis::Quantity | Axis::Seated(_) => None,
        });
        match steps.max_by_key(|ticks| ticks.minutes) {
            Some(ticks) if ticks.exactly_at(start).is_none() => {
                format!("must fall on a {}-minute step", ticks.minutes)
            }
            Some(_) | None => "is outside opening hours".to_owned(),
        }
    }
}

/// A seating with its instants.
struct Placed {
    start: Instant,
    taken_until: Instant,
    open: bool,
    detail: SeatingDetail,
}

/// The offerings that fit a party of this size: tables before experiences, smallest first.
fn fits(fields: &mut Fields<'_>, offerings: &[Arc<Offering>], party_size: i64) -> Vec<Arc<Offering>> {
    let mut fitting = offerings.to_vec();
    fitting.retain(|offering| (offering.party_min..=offering.party_max).contains(&party_size));
    fitting.sort_by_key(|offering| (offering.kind != OfferingKind::Table, offering.party_max));
    if fitting.is_empty() && !offerings.is_empty() {
        fields.add("party_size", "no table or experience here fits a party of this size");
    }
    fitting
}

fn local_time(venue: &Venue, moment: Instant) -> Time {
    venue.time_zone.to_datetime(moment.timestamp()).time()
}
