//! Name resolution, and the checks that all kinds of lines share.

use std::sync::Arc;

use jiff::civil::Date;

use super::{Planner, Rules};
use crate::catalogue::Selector;
use crate::field::FieldErrors;
use crate::limits::ADVANCE_DAYS_MAX;
use crate::offering::{Offering, OfferingKind};
use crate::time::{DAY_MS, Instant, day_number};
use crate::venue::Venue;

/// The object that contains a line's fields, and the list for its errors.
pub(super) struct Fields<'a> {
    pub base: &'a str,
    pub errors: &'a mut FieldErrors,
}

impl Fields<'_> {
    pub fn add(&mut self, name: &str, detail: impl Into<String>) {
        self.errors.add_at(self.base, name, detail);
    }

    /// Adds an error if `value` is outside `min..=max`.
    pub fn range(&mut self, name: &str, value: i64, min: i64, max: i64) {
        if !(min..=max).contains(&value) {
            self.add(name, format!("must be from {min} to {max}"));
        }
    }
}

impl Planner<'_> {
    /// The active offering of `kind` that `selector` names.
    pub(super) fn offering(
        &self,
        fields: &mut Fields<'_>,
        name: &str,
        selector: &Selector,
        kind: OfferingKind,
    ) -> Option<(Arc<Venue>, Arc<Offering>)> {
        let found = self.catalogue.find_offering(selector).filter(|offering| offering.kind == kind);
        let Some(offering) = found else {
            fields.add(name, format!("no {} has this id or code", noun(kind)));
            return None;
        };
        if !self.catalogue.is_for_sale(offering) {
            fields.add(name, "is not on sale");
        }
        let venue = self.catalogue.venue(offering.venue)?;
        Some((Arc::clone(venue), Arc::clone(offering)))
    }

    pub(super) fn venue(
        &self,
        fields: &mut Fields<'_>,
        name: &str,
        selector: &Selector,
    ) -> Option<Arc<Venue>> {
        let found = self.catalogue.find_venue(selector);
        if found.is_none() {
            fields.add(name, "no venue has this id or code");
        }
        found.map(Arc::clone)
    }

    /// The venue of a line: that of the offering if it is known, otherwise the one named in the line, so that checks
    /// which depend on the venue are possible. Adds an error if the two differ.
    pub(super) fn venue_of(
        &self,
        fields: &mut Fields<'_>,
        name: &str,
        named: Option<&Selector>,
        found: Option<&(Arc<Venue>, Arc<Offering>)>,
    ) -> Option<Arc<Venue>> {
        let named = named.and_then(|selector| self.venue(fields, name, selector));
        let Some((venue, _)) = found else { return named };
        if named.is_some_and(|named| named.id != venue.id) {
            fields.add(name, "is not the venue of the offering");
        }
        Some(Arc::clone(venue))
    }

    /// Adds an error if `day` is in the past at the venue, or too far ahead.
    pub(super) fn bookable_day(&self, fields: &mut Fields<'_>, name: &str, day: Date, venue: &Venue) {
        if self.rules == Rules::Import {
            return;
        }
        let ahead = day_number(day) - day_number(self.today(venue));
        if ahead < 0 {
            fields.add(name, "must not be in the past");
        } else if ahead > ADVANCE_DAYS_MAX {
            fields.add(name, format!("must be at most {ADVANCE_DAYS_MAX} days from today"));
        }
    }

    /// The same for an instant.
    pub(super) fn bookable_moment(&self, fields: &mut Fields<'_>, name: &str, moment: Instant) {
        if self.rules == Rules::Import {
            return;
        }
        if moment < self.now {
            fields.add(name, "must not be in the past");
        } else if moment > self.now + ADVANCE_DAYS_MAX * DAY_MS {
            fields.add(name, format!("must be at most {ADVANCE_DAYS_MAX} days from today"));
        }
    }

    pub(super) fn today(&self, venue: &Venue) -> Date {
        self.now.date_in(&venue.time_zone)
    }
}

fn noun(kind: OfferingKind) -> &'static str {
    match kind {
        OfferingKind::Stay => "room type",
        OfferingKind::Table => "table",
        OfferingKind::Experience => "experience",
        OfferingKind::Ticket => "ticket type or event",
        OfferingKind::Product => "product",
        OfferingKind::Service => "service",
    }
}
