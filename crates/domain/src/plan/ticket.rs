//! Tickets: counted places, or seats chosen from a map.

use std::sync::Arc;

use super::resolve::Fields;
use super::{Need, PlannedLine, Planner, Rules};
use crate::catalogue::Selector;
use crate::field::{FieldErrors, pointer, pointer_index};
use crate::ids::PoolId;
use crate::limits::SEATS_MAX;
use crate::line::{Detail, SeatChoice};
use crate::offering::{Offering, OfferingKind, Part};
use crate::pool::Axis;
use crate::seats::SeatMap;
use crate::venue::Venue;

impl Planner<'_> {
    pub(super) fn ticket(
        &self,
        base: &str,
        event: &Selector,
        ticket_type: Option<&Selector>,
        seats: &SeatChoice,
        errors: &mut FieldErrors,
    ) -> Option<(Arc<Venue>, PlannedLine)> {
        let mut fields = Fields { base, errors };
        let count = match seats {
            SeatChoice::Best { count, .. } => *count,
            SeatChoice::Named(labels) => i64::try_from(labels.len()).unwrap_or(i64::MAX),
        };
        fields.range(
            if matches!(seats, SeatChoice::Named(_)) { "seats" } else { "seat_count" },
            count,
            1,
            SEATS_MAX,
        );
        let (venue, offering) = self.ticket_type(&mut fields, event, ticket_type)?;
        if self.rules == Rules::Guest && offering.starts_at.is_some_and(|start| start <= self.now) {
            fields.add("event_id", "has already begun");
        }
        self.check_labels(&mut fields, &offering, seats);
        let labels = match seats {
            SeatChoice::Named(labels) => labels.clone(),
            SeatChoice::Best { .. } => Vec::new(),
        };
        let detail = Detail::Ticket { seat_count: count, seats: labels };
        let price = offering.unit_price_minor.saturating_mul(count);
        let choices = offering.choices(&detail, price, |part| self.places(part, seats, count));
        let starts_on =
            offering.starts_at.map_or_else(|| self.today(&venue), |at| at.date_in(&venue.time_zone));
        Some((venue, PlannedLine { choices, starts_on, party_size: count }))
    }

    /// `event_id` can name a ticket type, or an event: then its first ticket type is used.
    fn ticket_type(
        &self,
        fields: &mut Fields<'_>,
        event: &Selector,
        ticket_type: Option<&Selector>,
    ) -> Option<(Arc<Venue>, Arc<Offering>)> {
        if let Some(selector) = ticket_type {
            let found = self.offering(fields, "ticket_type_id", selector, OfferingKind::Ticket);
            self.venue_of(fields, "event_id", Some(event), found.as_ref());
            return found;
        }
        let first = self.catalogue.find_venue(event).and_then(|venue| {
            self.catalogue
                .of_kind(venue.id, OfferingKind::Ticket)
                .find(|offering| self.catalogue.is_for_sale(offering))
        });
        match first {
            Some(offering) => Some((Arc::clone(self.catalogue.venue(offering.venue)?), Arc::clone(offering))),
            None => self.offering(fields, "event_id", event, OfferingKind::Ticket),
        }
    }

    fn check_labels(&self, fields: &mut Fields<'_>, offering: &Offering, seats: &SeatChoice) {
        let SeatChoice::Named(labels) = seats else { return };
        let parts = offering.recipes.iter().flat_map(|recipe| &recipe.0);
        let maps: Vec<_> = parts.filter_map(|part| self.seat_map(part)).collect();
        if maps.is_empty() {
            fields.add("seats", "this event has no numbered seats; use seat_count");
            return;
        }
        // Too many seats are already an error. Comparing thousands of them would only waste time.
        for ((index, label), _) in labels.iter().enumerate().zip(0..SEATS_MAX) {
            if maps.iter().all(|map| map.slot(label).is_none()) {
                let at = pointer_index(&pointer(fields.base, "seats"), index);
                fields.errors.add(at, "does not exist in this seat map");
            }
            if labels.iter().take(index).any(|earlier| earlier == label) {
                fields.add("seats", format!("names {label} twice"));
            }
        }
    }

    fn seat_map(&self, part: &Part) -> Option<&SeatMap> {
        match &self.catalogue.pool(part.pool)?.axis {
            Axis::Seated(map) => Some(map),
            Axis::Nightly | Axis::Timed(_) | Axis::Quantity => None,
        }
    }

    fn places(&self, part: &Part, seats: &SeatChoice, count: i64) -> Option<Vec<Need>> {
        match (&self.catalogue.pool(part.pool)?.axis, seats) {
            (Axis::Quantity, _) => Some(vec![Need::Range {
                pool: part.pool,
                first: 0,
                last: 0,
                units: part.units.saturating_mul(count),
            }]),
            (Axis::Seated(map), SeatChoice::Best { count, together }) => {
                let (map, count, together) = (Arc::clone(map), *count, *together);
                Some(vec![Need::BestSeats { pool: part.pool, map, count, together }])
            }
            (Axis::Seated(map), SeatChoice::Named(labels)) => {
                let mut slots = labels.iter().map(|label| map.slot(label)).collect::<Option<Vec<i64>>>()?;
                slots.sort_unstable();
                slots.dedup();
                Some(ranges(part.pool, &slots))
            }
            (Axis::Nightly | Axis::Timed(_), _) => None,
        }
    }
}

/// Sorted seats as ranges of neighbours, one unit each.
pub(crate) fn ranges(pool: PoolId, slots: &[i64]) -> Vec<Need> {
    let mut needs: Vec<Need> = Vec::new();
    for slot in slots {
        match needs.last_mut() {
            Some(Need::Range { last, .. }) if *last + 1 == *slot => *last = *slot,
            _ => needs.push(Need::Range { pool, first: *slot, last: *slot, units: 1 }),
        }
    }
    needs
}
