//! Changes of venues, pools and offerings, and lists of them.

use app::catalogue::drafts::PartDraft;
use app::catalogue::offerings::OfferingPatch;
use app::catalogue::pools::PoolChange as PoolEdit;
use domain::catalogue::Selector;
use domain::ids::{OfferingId, PoolId, VenueId};
use domain::limits::{
    CAPACITY_MAX, DURATION_MINUTES_MAX, DURATION_MINUTES_MIN, HOLD_MINUTES_MAX, LABEL_CHARS_MAX,
    NAME_CHARS_MAX, PARTY_MAX, RECIPE_PARTS_MAX, RECIPES_MAX, UNIT_PRICE_MINOR_MAX,
};
use domain::money::Currency;
use domain::offering::{Confirmation, LengthRule, OfferingChange as OfferingEdit};
use domain::opening::{OpeningExceptions, OpeningHours};
use domain::seats::SeatRow;
use domain::time::Instant;
use domain::venue::VenueChange as VenueEdit;
use jiff::tz::TimeZone;
use utoipa::openapi::schema::Type;

use super::lists::{CursorOf, LIMIT_DEFAULT, LIMIT_MAX, limit};
use super::opening::{
    read_currency, read_exceptions, read_hours, read_length_rule, read_seat_rows, read_time_zone,
};
use crate::declare::request;
use crate::kind::{
    Integer, Text, boolean, integer, list, maybe, moment, nested, opaque, opaque_list, or, replaced,
    selector, text,
};

const fn version() -> Integer {
    integer(0, i64::MAX, 1)
}

const fn code() -> Text {
    text(1, LABEL_CHARS_MAX, "bistro")
}

const fn name(example: &'static str) -> Text {
    text(1, NAME_CHARS_MAX, example)
}

const HOURS: &str = r#"{"fri": [["12:00", "15:00"], ["18:00", "25:00"]]}"#;
const EXCEPTIONS: &str = r#"{"2026-12-24": [], "2026-12-31": [["12:00", "15:00"]]}"#;
const LENGTHS: &str = r#"{"kind": "choice", "minutes": [90, 120]}"#;
const SEATS: &str = r#"[{"row": "A", "seats": ["1", "2", "3"]}]"#;

request! {
    /// What to change of a venue. Fields that are absent stay as they are.
    pub struct VenueChange {
        /// The version you have read. If the venue has a different version, the change is refused.
        expected_version: Option<i64> = maybe(version()),
        /// Unique over all venues and offerings. Null removes it.
        code: Option<Option<String>> = replaced(code()),
        /// The name that guests see.
        name: Option<String> = maybe(name("Bistro Kranich")),
        /// An IANA name. Fixed after the first booking.
        time_zone: Option<TimeZone> = maybe(opaque(Type::String, read_time_zone, "\"Europe/Berlin\"")),
        /// An ISO 4217 code. Fixed after the first booking.
        currency: Option<Currency> = maybe(opaque(Type::String, read_currency, "\"EUR\"")),
        /// Pairs of opening and closing time by weekday. A day that is not named is closed; closing may pass midnight,
        /// up to 47:59. Null means that the venue never closes.
        opening_hours: Option<Option<OpeningHours>> = replaced(opaque(Type::Object, read_hours, HOURS)),
        /// Dates with hours of their own, in the same form; none on a date that is closed. Null removes all.
        opening_exceptions: Option<Option<OpeningExceptions>> =
            replaced(opaque(Type::Object, read_exceptions, EXCEPTIONS)),
    }
    example "Closed on Christmas Eve" {"expected_version": 1, "opening_exceptions": {"2026-12-24": []}};
}

impl From<VenueChange> for VenueEdit {
    fn from(asked: VenueChange) -> Self {
        let VenueChange { code, name, time_zone, currency, opening_hours, opening_exceptions, .. } = asked;
        let opening_exceptions = opening_exceptions.map(Option::unwrap_or_default);
        Self { code, name, time_zone, currency, opening_hours, opening_exceptions }
    }
}

request! {
    /// What to change of a pool. Fields that are absent stay as they are.
    pub struct PoolChange {
        /// The version you have read. If the pool has a different version, the change is refused.
        expected_version: Option<i64> = maybe(version()),
        /// The name that operators see.
        name: Option<String> = maybe(name("Double rooms")),
        /// The units of each slot, at least as many as are taken. A seated pool has 1, or 0 while it is closed.
        capacity: Option<i64> = maybe(integer(0, CAPACITY_MAX, 20)),
        /// All rows of a seated pool, best first. Seats are known by their labels; seats that are sold must stay.
        seat_map: Option<Vec<SeatRow>> = maybe(opaque_list("SeatRow", read_seat_rows, SEATS)),
    }
    example "More rooms" {"expected_version": 1, "capacity": 21};
}

impl From<PoolChange> for PoolEdit {
    fn from(PoolChange { name, capacity, seat_map, .. }: PoolChange) -> Self {
        Self { name, capacity, seat_map }
    }
}

request! {
    /// Units of one pool.
    pub struct RecipePartChange {
        /// The pool: its id or a bare UUID.
        pool_id: Selector = selector::<PoolId>("pol_0190f5c41b0a7c3e8a41d2f07b6c9e55"),
        /// The units that one sale takes.
        units: i64 = or(integer(1, CAPACITY_MAX, 1), 1),
    }
}

request! {
    /// What to change of an offering. Fields that are absent stay as they are, and bookings keep what they bought.
    pub struct OfferingChange {
        /// The version you have read. If the offering has a different version, the change is refused.
        expected_version: Option<i64> = maybe(version()),
        /// Unique over all venues and offerings. Null removes it.
        code: Option<Option<String>> = replaced(code()),
        /// The name that guests see.
        name: Option<String> = maybe(name("Double room")),
        /// The price of one unit in minor units: for a night of a stay, for the whole time of anything else.
        unit_price: Option<i64> = maybe(integer(0, UNIT_PRICE_MINOR_MAX, 12_950)),
        /// How long a booking waits for its confirmation. Null confirms bookings at once.
        hold_minutes: Option<Option<i64>> = replaced(integer(1, HOLD_MINUTES_MAX, 30)),
        /// The fewest people of one unit.
        party_min: Option<i64> = maybe(integer(1, PARTY_MAX, 1)),
        /// The most people of one unit.
        party_max: Option<i64> = maybe(integer(1, PARTY_MAX, 2)),
        /// The usual length of a table or an experience.
        duration_minutes: Option<i64> = maybe(integer(DURATION_MINUTES_MIN, DURATION_MINUTES_MAX, 90)),
        /// The time until the next party can sit down.
        turn_minutes: Option<i64> = maybe(integer(0, DURATION_MINUTES_MAX, 15)),
        /// The lengths that a booking may ask for: `{"kind": "fixed"}`, `{"kind": "choice", "minutes": [60, 90]}`, or
        /// `{"kind": "range", "min_minutes": 60, "max_minutes": 180, "step_minutes": 30}`. Null allows any length.
        length_rule: Option<Option<LengthRule>> = replaced(opaque(Type::Object, read_length_rule, LENGTHS)),
        /// When the event begins. Tickets are sold until then.
        starts_at: Option<Option<Instant>> = replaced(moment("2026-01-31T19:00:00Z")),
        /// When the sale begins. Null removes it.
        on_sale_from: Option<Option<Instant>> = replaced(moment("2025-12-01T09:00:00Z")),
        /// When the sale ends. Null removes it.
        on_sale_until: Option<Option<Instant>> = replaced(moment("2026-01-31T18:00:00Z")),
        /// Whether it is for sale.
        active: Option<bool> = maybe(boolean()),
        /// The ways to serve it, in order of preference. Fixed while bookings to come depend on them.
        recipes: Option<Vec<Vec<RecipePartChange>>> =
            maybe(list(0, RECIPES_MAX, list(1, RECIPE_PARTS_MAX, nested::<RecipePartChange>()))),
    }
    example "A new price" {"expected_version": 1, "unit_price": 13950};
}

impl From<OfferingChange> for OfferingPatch {
    fn from(asked: OfferingChange) -> Self {
        let held =
            |hold: Option<i64>| hold.map_or(Confirmation::Instant, |minutes| Confirmation::Hold { minutes });
        let part = |RecipePartChange { pool_id: pool, units }| PartDraft { pool, units };
        let recipe = |recipe: Vec<RecipePartChange>| recipe.into_iter().map(part).collect();
        let change = OfferingEdit {
            code: asked.code,
            name: asked.name,
            unit_price_minor: asked.unit_price,
            confirmation: asked.hold_minutes.map(held),
            party_min: asked.party_min,
            party_max: asked.party_max,
            duration_minutes: asked.duration_minutes,
            turn_minutes: asked.turn_minutes,
            lengths: asked.length_rule.map(Option::unwrap_or_default),
            starts_at: asked.starts_at,
            on_sale_from: asked.on_sale_from,
            on_sale_until: asked.on_sale_until,
            active: asked.active,
            recipes: None,
        };
        Self { change, recipes: asked.recipes.map(|recipes| recipes.into_iter().map(recipe).collect()) }
    }
}

request! {
    /// The version to withdraw.
    pub struct Withdrawal {
        /// The version you have read. If it has changed since, nothing is withdrawn.
        expected_version: Option<i64> = maybe(version()),
    }
    example "If it has not changed" {"expected_version": 1};
}

/// The largest number of a page.
const PAGE_MAX: i64 = 10_000;

request! {
    /// A page of events.
    pub struct EventList {
        /// The number of the page, from 1.
        page: i64 = or(integer(1, PAGE_MAX, 1), 1),
        /// The maximum number of events on the page.
        page_size: i64 = or(integer(1, LIMIT_MAX, LIMIT_DEFAULT), LIMIT_DEFAULT),
    }
}

macro_rules! lists {
    ($($(#[doc = $says:literal])+ $name:ident of $id:ident, $example:literal;)*) => { $(
        request! {
            $(#[doc = $says])+
            pub struct $name {
                /// The maximum number on the page.
                limit: i64 = or(limit(), LIMIT_MAX),
                /// The `next_cursor` of the previous page.
                cursor: Option<$id> = maybe(CursorOf { read: |text| text.parse().ok(), example: $example }),
                /// Whether to show withdrawn ones.
                withdrawn: bool = or(boolean(), false),
            }
        }

        impl From<$name> for app::catalogue::ListAsked<$id> {
            fn from(asked: $name) -> Self {
                Self { after: asked.cursor, count_max: asked.limit, with_withdrawn: asked.withdrawn }
            }
        }
    )* };
}

lists! {
    /// A list of venues.
    VenueList of VenueId, "ven_0190f5c41b0a7c3e8a41d2f07b6c9e55";
    /// A list of pools.
    PoolList of PoolId, "pol_0190f5c41b0a7c3e8a41d2f07b6c9e55";
    /// A list of offerings.
    OfferingList of OfferingId, "off_0190f5c41b0a7c3e8a41d2f07b6c9e55";
}
