//! Reads venues, pools and offerings, their changes and capacities.

use app::catalogue::capacity::Extent;
use app::catalogue::drafts::{OfferingDraft, PartDraft, PoolDraft, VenueDraft};
use domain::ids::PoolId;
use domain::limits::{
    CAPACITY_MAX, DURATION_MINUTES_MAX, DURATION_MINUTES_MIN, HOLD_MINUTES_MAX, LABEL_CHARS_MAX,
    NAME_CHARS_MAX, PARTY_MAX, RECIPE_PARTS_MAX, RECIPES_MAX, UNIT_PRICE_MINOR_MAX,
};
use domain::money::Currency;
use domain::offering::{Confirmation, LengthRule, OfferingKind, SaleWindow, Seating};
use domain::opening::{OpeningExceptions, OpeningHours};
use domain::pool::{Axis, Ticks};
use domain::seats::{SeatMap, SeatRow};
use domain::time::Instant;
use domain::venue::VenueKind;
use jiff::tz::TimeZone;
use serde_json::Value;
use wire::requests::opening::{
    read_exceptions, read_hours, read_length_rule, read_seat_rows, read_time_zone,
};

use super::{Form, objects_in};

/// Venues, pools or offerings added in one request.
pub const ADDED_MAX: usize = 50_000;

/// `POST /catalogue`: venues with their pools and offerings.
pub fn venues(form: &mut Form<'_>) -> Option<Vec<VenueDraft>> {
    let venues = form.objects("venues", (1, ADDED_MAX), venue);
    form.required("venues", venues)
}

/// A venue, optionally with pools and offerings.
pub fn venue(form: &mut Form<'_>) -> Option<VenueDraft> {
    let business = form.id("business_id");
    let code = form.text("code", 1, LABEL_CHARS_MAX);
    let kind = form.word("kind", VenueKind::WORDS, VenueKind::from_word);
    let kind = form.required("kind", kind);
    let name = form.text("name", 1, NAME_CHARS_MAX);
    let name = form.required("name", name);
    let time_zone = time_zone(form);
    let time_zone = form.required("time_zone", time_zone);
    let currency = currency(form);
    let currency = form.required("currency", currency);
    let opening_hours = opening_hours(form);
    let opening_exceptions = opening_exceptions(form).unwrap_or_default();
    let pools = form.objects("pools", (0, ADDED_MAX), pool);
    let offerings = form.objects("offerings", (0, ADDED_MAX), offering);
    Some(VenueDraft {
        business,
        code,
        kind: kind?,
        name: name?,
        time_zone: time_zone?,
        currency: currency?,
        opening_hours,
        opening_exceptions,
        pools: pools.unwrap_or_default(),
        offerings: offerings.unwrap_or_default(),
    })
}

pub fn pool(form: &mut Form<'_>) -> Option<PoolDraft> {
    let reference = form.text("ref", 1, LABEL_CHARS_MAX);
    let name = form.text("name", 1, NAME_CHARS_MAX);
    let name = form.required("name", name);
    let axis = axis(form);
    let capacity = if form.value("kind").and_then(Value::as_str) == Some("seated") {
        form.integer_in("capacity", 1, 1).or(Some(1))
    } else {
        let capacity = form.integer_in("capacity", 0, CAPACITY_MAX);
        form.required("capacity", capacity)
    };
    Some(PoolDraft { reference, name: name?, axis: axis?, capacity: capacity? })
}

fn axis(form: &mut Form<'_>) -> Option<Axis> {
    // `whole` is the former name of `quantity`.
    let kinds = ["nightly", "timed", "quantity", "seated", "whole"];
    let kind = form.word("kind", &kinds, |word| kinds.into_iter().find(|kind| *kind == word));
    let kind = form.required("kind", kind);
    let minutes = form.integer("tick_minutes");
    let origin = moment(form, "tick_origin");
    let map = seat_map(form);
    match kind? {
        "nightly" => Some(Axis::Nightly),
        "quantity" | "whole" => Some(Axis::Quantity),
        "timed" => {
            let minutes = minutes.unwrap_or(15);
            if !matches!(minutes, 5 | 15) {
                form.wrong("tick_minutes", "must be 5 or 15");
                return None;
            }
            Some(Axis::Timed(Ticks { minutes, origin: origin.unwrap_or(Instant(0)) }))
        }
        _ => form.required("seat_map", map).map(|map| Axis::Seated(map.into())),
    }
}

fn seat_map(form: &mut Form<'_>) -> Option<SeatMap> {
    let map = SeatMap::new(seat_rows(form)?);
    map.map_err(|label| form.wrong("seat_map", format!("has two seats named {label}"))).ok()
}

fn seat_rows(form: &mut Form<'_>) -> Option<Vec<SeatRow>> {
    read(form, "seat_map", read_seat_rows)
}

pub fn offering(form: &mut Form<'_>) -> Option<OfferingDraft> {
    let code = form.text("code", 1, LABEL_CHARS_MAX);
    let kind = form.word("kind", OfferingKind::WORDS, OfferingKind::from_word);
    let kind = form.required("kind", kind);
    let name = form.text("name", 1, NAME_CHARS_MAX);
    let name = form.required("name", name);
    let price = form.integer_in("unit_price", 0, UNIT_PRICE_MINOR_MAX);
    let price = form.required("unit_price", price);
    let hold = form.integer_in("hold_minutes", 1, HOLD_MINUTES_MAX);
    let party_min = form.integer_in("party_min", 1, PARTY_MAX).unwrap_or(1);
    let party_max = form.integer_in("party_max", 1, PARTY_MAX).unwrap_or(PARTY_MAX);
    if party_min > party_max {
        form.wrong("party_max", "must be at least party_min");
    }
    let duration_minutes = form.integer_in("duration_minutes", DURATION_MINUTES_MIN, DURATION_MINUTES_MAX);
    let turn_minutes = form.integer_in("turn_minutes", 0, DURATION_MINUTES_MAX);
    let starts_at = moment(form, "starts_at");
    let lengths = length_rule(form).unwrap_or_default();
    let sale = SaleWindow { from: moment(form, "on_sale_from"), until: moment(form, "on_sale_until") };
    let active = form.boolean("active").unwrap_or(true);
    let recipes = recipes(form);
    Some(OfferingDraft {
        base: form.base.clone(),
        code,
        kind: kind?,
        name: name?,
        unit_price_minor: price?,
        confirmation: hold.map_or(Confirmation::Instant, |minutes| Confirmation::Hold { minutes }),
        party: (party_min, party_max),
        seating: Seating {
            duration_minutes: duration_minutes.unwrap_or(120),
            turn_minutes: turn_minutes.unwrap_or(0),
        },
        lengths,
        starts_at,
        sale,
        recipes: recipes?,
        active,
    })
}

/// `recipes: [[{pool_id, units}]]`, or `pool_id` and `units` for the only part of the only recipe.
fn recipes(form: &mut Form<'_>) -> Option<Vec<Vec<PartDraft>>> {
    let wrapped = form.value("recipes");
    if form.value("pool_id").is_some() || form.value("units").is_some() {
        if wrapped.is_some() {
            form.wrong("recipes", "cannot be combined with pool_id and units");
        }
        let part = part(form)?;
        return Some(vec![vec![part]]);
    }
    let Some(wrapped) = wrapped else { return Some(Vec::new()) };
    let at = domain::field::pointer(&form.base, "recipes");
    let Some(recipes) = wrapped.as_array().filter(|recipes| recipes.len() <= RECIPES_MAX) else {
        form.wrong("recipes", format!("must be an array of at most {RECIPES_MAX} recipes"));
        return None;
    };
    let mut read = Vec::new();
    for (index, recipe) in recipes.iter().enumerate() {
        let at = domain::field::pointer_index(&at, index);
        read.extend(objects_in(recipe, at, (1, RECIPE_PARTS_MAX), form.errors, part));
    }
    Some(read)
}

fn part(form: &mut Form<'_>) -> Option<PartDraft> {
    let pool = form.selector("pool_id", PoolId::PREFIX);
    let pool = form.required("pool_id", pool);
    let said = form.has("units");
    let units = form.integer_in("units", 1, CAPACITY_MAX);
    Some(PartDraft { pool: pool?, units: if said { units? } else { 1 } })
}

fn time_zone(form: &mut Form<'_>) -> Option<TimeZone> {
    read(form, "time_zone", read_time_zone)
}

fn currency(form: &mut Form<'_>) -> Option<Currency> {
    let code = form.text("currency", 3, 3)?;
    code.parse().map_err(|error: domain::money::NotACurrency| form.wrong("currency", error.to_string())).ok()
}

pub fn moment(form: &mut Form<'_>, name: &'static str) -> Option<Instant> {
    let at = form.value(name)?.as_str().and_then(|text| text.parse::<jiff::Timestamp>().ok());
    if at.is_none() {
        form.wrong(name, "must be a date and time like 2026-03-31T20:00:00Z");
    }
    at.map(Instant::from)
}

fn opening_hours(form: &mut Form<'_>) -> Option<OpeningHours> {
    read(form, "opening_hours", read_hours)
}

fn opening_exceptions(form: &mut Form<'_>) -> Option<OpeningExceptions> {
    read(form, "opening_exceptions", read_exceptions)
}

fn length_rule(form: &mut Form<'_>) -> Option<LengthRule> {
    read(form, "length_rule", read_length_rule)
}

fn read<T>(
    form: &mut Form<'_>,
    name: &'static str,
    read: impl FnOnce(&Value) -> Result<T, String>,
) -> Option<T> {
    let value = form.value(name)?;
    read(value).map_err(|wrong| form.wrong(name, wrong)).ok()
}

/// A new capacity, for the pool or for a range of its slots.
pub struct AskedCapacity {
    pub capacity: i64,
    pub first: Option<i64>,
    pub last: Option<i64>,
}

impl AskedCapacity {
    pub fn extent(&self) -> Extent {
        match (self.first, self.last) {
            (Some(first), Some(last)) => Extent::Slots(first, last),
            _ => Extent::Pool,
        }
    }
}

/// Slots changed in one request.
const SLOTS_CHANGED_MAX: i64 = 2_000;

pub fn capacity(form: &mut Form<'_>, axis: &Axis) -> Option<AskedCapacity> {
    // A seat is sold once or, closed, not at all.
    let max = if matches!(axis, Axis::Seated(_)) { 1 } else { CAPACITY_MAX };
    let capacity = form.integer_in("capacity", 0, max);
    let capacity = form.required("capacity", capacity);
    let (first, last) = range(form, axis);
    if matches!((first, last), (Some(first), Some(last)) if last < first || last - first >= SLOTS_CHANGED_MAX)
    {
        form.wrong("to", format!("must be 0 to {SLOTS_CHANGED_MAX} slots after from"));
        return None;
    }
    if first.is_some() != last.is_some() && form.has("from") != form.has("to") {
        form.wrong(if form.has("from") { "to" } else { "from" }, "is required when the other is given");
    }
    Some(AskedCapacity { capacity: capacity?, first, last })
}

/// `from` and `to`: dates of a nightly pool, moments of a timed one, slot numbers otherwise; both included.
fn range(form: &mut Form<'_>, axis: &Axis) -> (Option<i64>, Option<i64>) {
    let mut end = |name: &'static str| match axis {
        Axis::Nightly => form.date(name).map(domain::time::day_number),
        Axis::Timed(ticks) => moment(form, name).map(|at| ticks.at_or_after(at)),
        Axis::Quantity => form.integer_in(name, 0, 0),
        Axis::Seated(map) => form.integer_in(name, 0, map.last_slot()),
    };
    (end("from"), end("to"))
}
