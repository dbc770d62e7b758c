//! Lines that are counted: products, and services added to another line.

use std::sync::Arc;

use super::resolve::Fields;
use super::{Need, PlannedLine, Planner};
use crate::catalogue::Selector;
use crate::field::FieldErrors;
use crate::limits::{PRODUCT_QUANTITY_MAX, SERVICE_QUANTITY_MAX};
use crate::line::{Detail, Scheduled};
use crate::offering::{Offering, OfferingKind};
use crate::opening::moment;
use crate::time::Instant;
use crate::venue::Venue;

impl Planner<'_> {
    pub(super) fn product(
        &self,
        base: &str,
        product: &Selector,
        quantity: i64,
        errors: &mut FieldErrors,
    ) -> Option<(Arc<Venue>, PlannedLine)> {
        let mut fields = Fields { base, errors };
        fields.range("quantity", quantity, 1, PRODUCT_QUANTITY_MAX);
        let (venue, offering) = self.offering(&mut fields, "product_id", product, OfferingKind::Product)?;
        let line = self.counted(&venue, &offering, &Detail::Product { quantity }, quantity);
        Some((venue, line))
    }

    pub(super) fn service(
        &self,
        base: &str,
        service: &Selector,
        quantity: i64,
        scheduled_for: Option<Scheduled>,
        errors: &mut FieldErrors,
    ) -> Option<(Arc<Venue>, PlannedLine)> {
        let mut fields = Fields { base, errors };
        fields.range("quantity", quantity, 1, SERVICE_QUANTITY_MAX);
        let found = self.offering(&mut fields, "service_id", service, OfferingKind::Service);
        let venue = found.as_ref().map(|(venue, _)| venue.as_ref());
        let scheduled_for = scheduled_for.and_then(|when| self.schedule(&mut fields, venue, when));
        let (venue, offering) = found?;
        let detail = Detail::Service { quantity, scheduled_for: scheduled_for.map(|at| at.to_string()) };
        let line = self.counted(&venue, &offering, &detail, quantity);
        Some((venue, line))
    }

    fn schedule(&self, fields: &mut Fields<'_>, venue: Option<&Venue>, when: Scheduled) -> Option<Instant> {
        let at = match when {
            Scheduled::At(at) => Ok(at),
            Scheduled::Local(local) => moment(&venue?.time_zone, local, None),
        };
        match at {
            Ok(at) => {
                self.bookable_moment(fields, "scheduled_for", at);
                Some(at)
            }
            Err(reason) => {
                fields.add("scheduled_for", reason.to_string());
                None
            }
        }
    }

    fn counted(&self, venue: &Venue, offering: &Offering, detail: &Detail, quantity: i64) -> PlannedLine {
        let price = offering.unit_price_minor.saturating_mul(quantity);
        let choices = offering.choices(detail, price, |part| {
            Some(vec![Need::Range {
                pool: part.pool,
                first: 0,
                last: 0,
                units: part.units.saturating_mul(quantity),
            }])
        });
        PlannedLine { choices, starts_on: self.today(venue), party_size: quantity }
    }
}
