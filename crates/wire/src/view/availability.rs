//! Availability in JSON.

use app::availability::{Alternative, Availability, LineAvailability};
use domain::catalogue::Catalogue;
use domain::ids::OfferingId;
use domain::money::Money;
use domain::time::Instant;

use serde::Serialize;

use super::line::{DetailView, by_kind};
use crate::schema::{Described, Schemas};
use crate::shape::{Shape, member, view};

view! {
    pub struct AvailabilityView<'a> as "Availability" {
        available: bool,
        /// The current price.
        price_estimate: Money,
        lines: Vec<LineView<'a>>,
        /// The nearest times, and other offerings at the same time. Empty if it is available.
        alternatives: Vec<AlternativeView<'a>>,
    }

    pub struct LineView<'a> as "LineAvailability" {
        offering_id: OfferingId,
        name: Option<&'a str>,
        /// All units. Null if the offering is not limited.
        capacity: Option<i64>,
        /// The free units of the slot that has the fewest.
        available_units: Option<i64>,
        /// When its sale begins; null if it has no beginning.
        on_sale_from: Option<Instant>,
        /// When its sale ends; null if it has no end.
        on_sale_until: Option<Instant>,
    }
}

#[derive(Serialize)]
pub struct AlternativeView<'a> {
    offering_id: OfferingId,
    name: Option<&'a str>,
    price_estimate: Money,
    #[serde(flatten)]
    detail: DetailView<'a>,
}

impl Shape for AlternativeView<'_> {
    fn shape(schemas: &mut Schemas) -> Described {
        by_kind("Alternative", "Alternative", schemas, |schemas| {
            vec![
                member::<OfferingId>("offering_id", "", schemas),
                member::<Option<&str>>("name", "", schemas),
                member::<Money>("price_estimate", "", schemas),
            ]
        })
    }
}

impl<'a> AvailabilityView<'a> {
    pub fn new(found: &'a Availability, catalogue: &'a Catalogue) -> Self {
        let money =
            |price: &domain::money::Price| Money { amount: price.total_minor, currency: price.currency };
        let name = |id| catalogue.offering(id).map(|offering| offering.name.as_str());
        let sale = |id| catalogue.offering(id).map(|offering| offering.sale).unwrap_or_default();
        let line = |line: &LineAvailability| LineView {
            offering_id: line.offering,
            name: name(line.offering),
            capacity: line.capacity,
            available_units: line.free,
            on_sale_from: sale(line.offering).from,
            on_sale_until: sale(line.offering).until,
        };
        let alternative = |other: &'a Alternative| AlternativeView {
            offering_id: other.offering,
            name: name(other.offering),
            price_estimate: money(&other.price),
            detail: DetailView::new(&other.detail),
        };
        Self {
            available: found.available,
            price_estimate: money(&found.price),
            lines: found.lines.iter().map(line).collect(),
            alternatives: found.alternatives.iter().map(alternative).collect(),
        }
    }
}
