//! What can be sent about the catalogue: venues, pools, offerings, capacities.

use domain::ids::BusinessId;
use domain::limits::{
    CAPACITY_MAX, DURATION_MINUTES_MAX, DURATION_MINUTES_MIN, HOLD_MINUTES_MAX, LABEL_CHARS_MAX,
    NAME_CHARS_MAX, OPENING_EXCEPTIONS_MAX, PARTY_MAX, RECIPE_PARTS_MAX, RECIPES_MAX, SEAT_MAP_SEATS_MAX,
    UNIT_PRICE_MINOR_MAX,
};
use domain::offering::OfferingKind;
use domain::venue::VenueKind;
use serde_json::json;
use utoipa::openapi::schema::{ComponentsBuilder, ObjectBuilder, Schema, Type};

use super::fields::{
    Field, array, boolean, date, id, integer, list, moment, object, one_of, opaque, reference, selector,
    string, text, word,
};
use crate::form::catalogue::ADDED_MAX;
use wire::requests::opening::WEEKDAYS;

const LABEL: (usize, usize) = (1, LABEL_CHARS_MAX);

pub fn add(components: ComponentsBuilder) -> ComponentsBuilder {
    let venues =
        list("venues", (1, ADDED_MAX), "The venues. Either all are added, or none.", reference("NewVenue"));
    components
        .schema("NewCatalogue", object("Venues with their pools and offerings.", [venues.required()]))
        .schema("NewVenue", venue())
        .schema("NewPool", pool())
        .schema("NewOffering", offering())
        .schema("NewRecipePart", object("Units of one pool.", part()))
        .schema("SeatRow", seat_row())
        .schema("CapacityChange", capacity())
}

fn venue() -> Schema {
    let code = "A short name chosen by the owner, unique over all venues and offerings. It can be used instead of \
                the id.";
    let business = "The business that owns the venue. Required for admins; businesses add their own venues.";
    object(
        "A venue, optionally with pools and offerings.",
        [
            id("business_id", BusinessId::PREFIX, business),
            text("code", LABEL, code, "bistro"),
            word("kind", VenueKind::WORDS, "The kind of venue.").required(),
            text("name", (1, NAME_CHARS_MAX), "The name shown to guests.", "Bistro Kranich").required(),
            text("time_zone", LABEL, "The IANA name of the time zone.", "Europe/Berlin").required(),
            text("currency", (3, 3), "The ISO 4217 code of the currency.", "EUR").required(),
            opening_hours(),
            opening_exceptions(),
            list("pools", (0, ADDED_MAX), "Pools of the venue.", reference("NewPool")),
            list("offerings", (0, ADDED_MAX), "Offerings of the venue.", reference("NewOffering")),
        ],
    )
}

fn opening_hours() -> Field {
    let says = format!(
        "Pairs of opening and closing times for each of {}. Days that are not listed are closed. A closing time can \
         pass midnight, up to 47:59. If absent, the venue is always open.",
        WEEKDAYS.join(", ")
    );
    opaque("opening_hours", &says, json!({"fri": [["12:00", "15:00"], ["18:00", "25:00"]]}))
}

fn opening_exceptions() -> Field {
    let says = format!(
        "At most {OPENING_EXCEPTIONS_MAX} dates with hours of their own, written as those of the week; none on a date \
         that is closed."
    );
    opaque("opening_exceptions", &says, json!({"2026-12-24": [], "2026-12-31": [["12:00", "15:00"]]}))
}

fn length_rule() -> Field {
    let says = "Which lengths a booking may ask for: `{\"kind\": \"fixed\"}` only duration_minutes; \
                `{\"kind\": \"choice\", \"minutes\": [60, 90]}` one of these; `{\"kind\": \"range\", \
                \"min_minutes\": 60, \"max_minutes\": 180, \"step_minutes\": 30}` in steps. Without it, any length.";
    opaque("length_rule", says, json!({"kind": "choice", "minutes": [90, 120]}))
}

fn sale() -> [Field; 2] {
    [
        moment("on_sale_from", "When its sale begins.", "2025-12-01T09:00:00Z"),
        moment("on_sale_until", "When its sale ends.", "2026-01-31T18:00:00Z"),
    ]
}

fn pool() -> Schema {
    let kinds = ["nightly", "timed", "quantity", "seated", "whole"];
    let capacity = "Units of each slot. Optional for a seated pool, where it is 1.";
    let seats = format!("For a seated pool: 1 to {SEAT_MAP_SEATS_MAX} seats, best first.");
    object(
        "Equal units, divided into slots: nights, ticks, seats, or a single slot.",
        [
            text("ref", LABEL, "A name that offerings in the same request can use.", "double"),
            text("name", (1, NAME_CHARS_MAX), "The name shown to staff.", "Double rooms").required(),
            word("kind", &kinds, "What a slot is. `whole` is accepted as another name for `quantity`.")
                .required(),
            integer("capacity", (0, CAPACITY_MAX), capacity, 20),
            integer("tick_minutes", (5, 15), "For a timed pool: 5 or 15. Default: 15.", 15),
            moment(
                "tick_origin",
                "For a timed pool: an instant at which a tick begins.",
                "2025-01-01T00:00:00Z",
            ),
            list("seat_map", (1, SEAT_MAP_SEATS_MAX), &seats, reference("SeatRow")),
        ],
    )
}

fn seat_row() -> Schema {
    let seats =
        list("seats", (0, SEAT_MAP_SEATS_MAX), "Labels of adjacent seats.", Schema::from(string(LABEL, "1")));
    object(
        "A row of adjacent seats. A seat's label is SECTION-ROW-SEAT, or ROW-SEAT without a section.",
        [
            text("section", (0, LABEL_CHARS_MAX), "The section, if there are several.", "Balcony"),
            text("row", (0, LABEL_CHARS_MAX), "The row.", "A").required(),
            seats.required(),
        ],
    )
}

fn offering() -> Schema {
    let minutes = (DURATION_MINUTES_MIN, DURATION_MINUTES_MAX);
    let recipe = array((1, RECIPE_PARTS_MAX), "Parts that are claimed together.", reference("NewRecipePart"));
    let recipes = "In order of preference; the first available recipe is used. Without recipes the offering has no \
                   limit.";
    let [from, until] = sale();
    let hold =
        "How long a booking waits for its confirmation. If absent, bookings are confirmed immediately.";
    object(
        "An offering that buyers can book.",
        [
            text("code", LABEL, "A short name, as for a venue.", "city-double"),
            word("kind", OfferingKind::WORDS, "The kind of line that books the offering.").required(),
            text("name", (1, NAME_CHARS_MAX), "The name shown to guests.", "Double room").required(),
            integer(
                "unit_price",
                (0, UNIT_PRICE_MINOR_MAX),
                "The price of one unit, in minor units; for a stay, per night.",
                12_950,
            )
            .required(),
            integer("hold_minutes", (1, HOLD_MINUTES_MAX), hold, 30),
            integer("party_min", (1, PARTY_MAX), "Minimum number of people per unit.", 1),
            integer("party_max", (1, PARTY_MAX), "Maximum number of people per unit.", 2),
            integer(
                "duration_minutes",
                minutes,
                "For a table or an experience, if the booking gives no duration.",
                90,
            ),
            integer("turn_minutes", (0, DURATION_MINUTES_MAX), "The time needed before the next party.", 15),
            length_rule(),
            moment(
                "starts_at",
                "When the event begins. Tickets are sold until then.",
                "2026-01-31T19:00:00Z",
            ),
            from,
            until,
            boolean("active", true, "Whether the offering is on sale."),
            list("recipes", (0, RECIPES_MAX), recipes, Schema::from(recipe)),
            selector(
                "pool_id",
                "Instead of recipes, a single pool: its id, or its ref in this request.",
                "double",
            ),
            integer("units", (1, CAPACITY_MAX), "With pool_id: units of that pool.", 1),
        ],
    )
}

fn part() -> Vec<Field> {
    vec![
        selector("pool_id", "The pool: its id, or its ref in this request.", "double").required(),
        integer("units", (1, CAPACITY_MAX), "The units. Default: 1.", 1),
    ]
}

fn capacity() -> Schema {
    let ends = |name, says: &str, example: &str| {
        let night = date(name, "For a nightly pool: a date.", example);
        let tick = moment(name, "For a timed pool: a date and time.", "2025-12-06T18:00:00Z");
        let number = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0));
        let number = number.description(Some("For other pools: a slot number."));
        Field::new(name, one_of(says, [night.schema, tick.schema, Schema::from(number).into()]))
    };
    object(
        "A new capacity for the pool and every slot without its own capacity, or for the slots from `from` to `to`.",
        [
            integer("capacity", (0, CAPACITY_MAX), "In units. For a seat 1, or 0 to close it.", 1).required(),
            ends("from", "The first slot. Requires `to`.", "2025-12-01"),
            ends("to", "The last slot, inclusive.", "2025-12-24"),
        ],
    )
}
