//! What can be had, in JSON.

use app::availability::{Alternative, Availability, LineAvailability};
use domain::catalogue::Catalogue;
use domain::ids::OfferingId;
use domain::money::Money;
use serde::Serialize;
use utoipa::ToSchema;

use super::booking::DetailView;

#[derive(Serialize, ToSchema)]
#[schema(as = Availability)]
pub struct AvailabilityView<'a> {
    available: bool,
    /// What a booking made now would cost.
    #[schema(value_type = crate::view::booking::MoneyView)]
    price_estimate: Money,
    lines: Vec<LineView<'a>>,
    /// Filled when it is not available: the nearest times, and other things for the same time.
    alternatives: Vec<AlternativeView<'a>>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = LineAvailability)]
pub struct LineView<'a> {
    #[schema(value_type = String)]
    offering_id: OfferingId,
    name: Option<&'a str>,
    /// Units in all; null where the offering is not limited.
    capacity: Option<i64>,
    /// Units free in the slot that has the fewest.
    available_units: Option<i64>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Alternative)]
pub struct AlternativeView<'a> {
    #[schema(value_type = String)]
    offering_id: OfferingId,
    name: Option<&'a str>,
    #[schema(value_type = crate::view::booking::MoneyView)]
    price_estimate: Money,
    #[serde(flatten)]
    #[schema(ignore)]
    detail: DetailView<'a>,
}

impl<'a> AvailabilityView<'a> {
    pub fn new(found: &'a Availability, catalogue: &'a Catalogue) -> Self {
        let money =
            |price: &domain::money::Price| Money { amount: price.total_minor, currency: price.currency };
        let name = |id| catalogue.offering(id).map(|offering| offering.name.as_str());
        let line = |line: &LineAvailability| LineView {
            offering_id: line.offering,
            name: name(line.offering),
            capacity: line.capacity,
            available_units: line.free,
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
