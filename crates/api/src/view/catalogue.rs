//! Venues, pools and offerings in JSON.

use std::collections::{BTreeMap, HashMap};

use app::catalogue::occupancy::Occupancy;
use app::catalogue::offerings::Priced;
use domain::ids::{BusinessId, OfferingId, PoolId, VenueId};
use domain::money::Money;
use domain::offering::{Confirmation, LengthRule};
use domain::opening::{Interval, OpeningHours};
use domain::pool::{Axis, Pool};
use domain::time::{Instant, day_from_number};
use domain::venue::Venue;
use serde::Serialize;
use utoipa::ToSchema;
use wire::requests::opening::WEEKDAYS;

#[derive(Serialize, ToSchema)]
#[schema(as = Venue)]
pub struct VenueView<'a> {
    #[schema(value_type = String)]
    id: VenueId,
    version: i64,
    #[schema(value_type = String)]
    business_id: BusinessId,
    code: Option<&'a str>,
    kind: &'static str,
    name: &'a str,
    time_zone: &'a str,
    currency: &'static str,
    /// Pairs of opening and closing times by weekday. Null if the venue is always open.
    #[schema(value_type = Option<Object>)]
    opening_hours: Option<BTreeMap<&'static str, Vec<[String; 2]>>>,
    /// Pairs of opening and closing time by date, where they differ from the week; none where it is closed.
    #[schema(value_type = Object)]
    opening_exceptions: BTreeMap<String, Vec<[String; 2]>>,
    /// Since when nothing more is sold there.
    #[schema(value_type = Option<String>, format = DateTime)]
    withdrawn_at: Option<Instant>,
}

impl<'a> From<&'a Venue> for VenueView<'a> {
    fn from(venue: &'a Venue) -> Self {
        Self {
            id: venue.id,
            version: venue.version,
            business_id: venue.business,
            code: venue.code.as_deref(),
            kind: venue.kind.as_str(),
            name: &venue.name,
            time_zone: venue.time_zone_name(),
            currency: venue.currency.code(),
            opening_hours: venue.opening_hours.as_ref().map(opening_hours),
            opening_exceptions: venue
                .opening_exceptions
                .iter()
                .map(|(date, day)| (date.to_string(), pairs(day)))
                .collect(),
            withdrawn_at: venue.withdrawn_at,
        }
    }
}

fn opening_hours(hours: &OpeningHours) -> BTreeMap<&'static str, Vec<[String; 2]>> {
    WEEKDAYS.iter().zip(&hours.days).map(|(name, day)| (*name, pairs(day))).collect()
}

fn pairs(day: &[Interval]) -> Vec<[String; 2]> {
    let clock = |minute: i64| format!("{:02}:{:02}", minute / 60, minute % 60);
    day.iter().map(|interval| [clock(interval.opens_minute), clock(interval.closes_minute)]).collect()
}

#[derive(Serialize, ToSchema)]
#[schema(as = Pool)]
pub struct PoolView<'a> {
    #[schema(value_type = String)]
    id: PoolId,
    version: i64,
    #[schema(value_type = String)]
    venue_id: VenueId,
    name: &'a str,
    kind: &'static str,
    capacity: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    tick_minutes: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    tick_origin: Option<Instant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<Object>>)]
    seat_map: Option<&'a [domain::seats::SeatRow]>,
    /// Since when nothing more is sold from it.
    #[schema(value_type = Option<String>, format = DateTime)]
    withdrawn_at: Option<Instant>,
}

impl<'a> From<&'a Pool> for PoolView<'a> {
    fn from(pool: &'a Pool) -> Self {
        let (ticks, map) = match &pool.axis {
            Axis::Timed(ticks) => (Some(*ticks), None),
            Axis::Seated(map) => (None, Some(map.rows())),
            Axis::Nightly | Axis::Quantity => (None, None),
        };
        Self {
            id: pool.id,
            version: pool.version,
            venue_id: pool.venue,
            name: &pool.name,
            kind: pool.axis.kind(),
            capacity: pool.capacity,
            tick_minutes: ticks.map(|ticks| ticks.minutes),
            tick_origin: ticks.map(|ticks| ticks.origin),
            seat_map: map,
            withdrawn_at: pool.withdrawn_at,
        }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = Slot)]
pub struct SlotView {
    slot: i64,
    /// The night of a nightly pool.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    date: Option<jiff::civil::Date>,
    /// The beginning of a tick.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    starts_at: Option<Instant>,
    /// The label of a seat.
    #[serde(skip_serializing_if = "Option::is_none")]
    seat: Option<String>,
    capacity: i64,
    taken: i64,
    available: i64,
}

impl SlotView {
    /// Slots in their order, those of a seated pool with their labels.
    pub fn all(pool: &Pool, found: Vec<Occupancy>) -> Vec<Self> {
        let mut labels: HashMap<i64, String> = match (&pool.axis, found.first(), found.last()) {
            (Axis::Seated(map), Some(first), Some(last)) => map.labels(first.slot, last.slot).collect(),
            _ => HashMap::new(),
        };
        found.into_iter().map(|slot| Self::new(pool, slot, labels.remove(&slot.slot))).collect()
    }

    fn new(pool: &Pool, found: Occupancy, seat: Option<String>) -> Self {
        let (date, starts_at) = match &pool.axis {
            Axis::Nightly => (day_from_number(found.slot), None),
            Axis::Timed(ticks) => (None, Some(ticks.start(found.slot))),
            Axis::Seated(_) | Axis::Quantity => (None, None),
        };
        let Occupancy { slot, capacity, taken } = found;
        Self { slot, date, starts_at, seat, capacity, taken, available: capacity - taken }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = Offering)]
pub struct OfferingView<'a> {
    #[schema(value_type = String)]
    id: OfferingId,
    version: i64,
    #[schema(value_type = String)]
    venue_id: VenueId,
    code: Option<&'a str>,
    kind: &'static str,
    name: &'a str,
    /// The price of one unit: per night for a stay, otherwise for the whole duration.
    #[schema(value_type = crate::view::catalogue::MoneyView)]
    unit_price: Money,
    /// `instant`, or `hold`.
    confirmation: &'static str,
    hold_minutes: Option<i64>,
    party_min: i64,
    party_max: i64,
    duration_minutes: i64,
    turn_minutes: i64,
    /// Which lengths a booking may ask for; null is any.
    #[schema(value_type = Option<Object>)]
    length_rule: Option<&'a LengthRule>,
    #[schema(value_type = Option<String>, format = DateTime)]
    starts_at: Option<Instant>,
    #[schema(value_type = Option<String>, format = DateTime)]
    on_sale_from: Option<Instant>,
    #[schema(value_type = Option<String>, format = DateTime)]
    on_sale_until: Option<Instant>,
    #[schema(value_type = Vec<Vec<crate::view::catalogue::PartView>>)]
    recipes: Vec<Vec<PartView>>,
    active: bool,
    /// Since when it is no longer sold.
    #[schema(value_type = Option<String>, format = DateTime)]
    withdrawn_at: Option<Instant>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = RecipePart)]
pub struct PartView {
    #[schema(value_type = String)]
    pool_id: PoolId,
    units: i64,
}

impl<'a> OfferingView<'a> {
    pub fn new(priced: &'a Priced) -> Self {
        let Priced { offering, currency } = priced;
        let currency = *currency;
        let (confirmation, hold_minutes) = match offering.confirmation {
            Confirmation::Instant => ("instant", None),
            Confirmation::Hold { minutes } => ("hold", Some(minutes)),
        };
        let part = |part: &domain::offering::Part| PartView { pool_id: part.pool, units: part.units };
        Self {
            id: offering.id,
            version: offering.version,
            venue_id: offering.venue,
            code: offering.code.as_deref(),
            kind: offering.kind.as_str(),
            name: &offering.name,
            unit_price: Money { amount: offering.unit_price_minor, currency },
            confirmation,
            hold_minutes,
            party_min: offering.party_min,
            party_max: offering.party_max,
            duration_minutes: offering.seating.duration_minutes,
            turn_minutes: offering.seating.turn_minutes,
            length_rule: Some(&offering.lengths).filter(|rule| **rule != LengthRule::Any),
            starts_at: offering.starts_at,
            on_sale_from: offering.sale.from,
            on_sale_until: offering.sale.until,
            recipes: offering.recipes.iter().map(|recipe| recipe.0.iter().map(part).collect()).collect(),
            active: offering.active,
            withdrawn_at: offering.withdrawn_at,
        }
    }
}

/// Only refers to the schema of money.
#[derive(ToSchema)]
#[schema(as = Money)]
#[expect(dead_code, reason = "only describes how money is written")]
pub struct MoneyView {
    amount: i64,
    currency: String,
}
