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
    let venues = list("venues", (1, ADDED_MAX), "All of them, or none.", reference("NewVenue"));
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
    let code = "A short name of the owner's choosing, unique over all venues and offerings; usable wherever the id is.";
    let business = "Whose venue it is, said by an admin; a business adds venues of its own.";
    object(
        "A venue, with pools and offerings beside it if given.",
        [
            id("business_id", BusinessId::PREFIX, business),
            text("code", LABEL, code, "bistro"),
            word("kind", VenueKind::WORDS, "What sort of place it is.").required(),
            text("name", (1, NAME_CHARS_MAX), "As guests see it.", "Bistro Kranich").required(),
            text("time_zone", LABEL, "By its IANA name.", "Europe/Berlin").required(),
            text("currency", (3, 3), "ISO 4217.", "EUR").required(),
            opening_hours(),
            opening_exceptions(),
            list("pools", (0, ADDED_MAX), "Pools of the venue.", reference("NewPool")),
            list("offerings", (0, ADDED_MAX), "Offerings of the venue.", reference("NewOffering")),
        ],
    )
}

fn opening_hours() -> Field {
    let says = format!(
        "Pairs of opening and closing time for each of {}; a day that is not named is closed; closing may pass \
         midnight, up to 47:59. Left out, it never closes.",
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
    let capacity = "Units of each slot; 1 for a seated pool, where it may be left out.";
    let seats = format!("Of a seated pool: 1 to {SEAT_MAP_SEATS_MAX} seats, best first.");
    object(
        "Equal units, cut into slots: nights, ticks of time, seats, or the thing itself.",
        [
            text("ref", LABEL, "A name for offerings of the same request to use.", "double"),
            text("name", (1, NAME_CHARS_MAX), "For whoever runs it.", "Double rooms").required(),
            word("kind", &kinds, "What a slot is. `whole` is accepted as another name for `quantity`.")
                .required(),
            integer("capacity", (0, CAPACITY_MAX), capacity, 20),
            integer("tick_minutes", (5, 15), "Of a timed pool: 5 or 15, which is usual.", 15),
            moment(
                "tick_origin",
                "Of a timed pool: a moment at which a tick begins.",
                "2025-01-01T00:00:00Z",
            ),
            list("seat_map", (1, SEAT_MAP_SEATS_MAX), &seats, reference("SeatRow")),
        ],
    )
}

fn seat_row() -> Schema {
    let seats = list("seats", (0, SEAT_MAP_SEATS_MAX), "Side by side.", Schema::from(string(LABEL, "1")));
    object(
        "Seats side by side. A seat is called SECTION-ROW-SEAT, or ROW-SEAT without a section.",
        [
            text("section", (0, LABEL_CHARS_MAX), "Where there are several.", "Balcony"),
            text("row", (0, LABEL_CHARS_MAX), "The row.", "A").required(),
            seats.required(),
        ],
    )
}

fn offering() -> Schema {
    let minutes = (DURATION_MINUTES_MIN, DURATION_MINUTES_MAX);
    let recipe = array((1, RECIPE_PARTS_MAX), "All parts together.", reference("NewRecipePart"));
    let recipes = "In order of preference: the first that is free is taken. None sells without limit.";
    let [from, until] = sale();
    let hold = "How long a booking waits for its confirmation; left out, it is confirmed at once.";
    object(
        "What a buyer sees and books.",
        [
            text("code", LABEL, "As a venue's.", "city-double"),
            word("kind", OfferingKind::WORDS, "The kind of line that books it.").required(),
            text("name", (1, NAME_CHARS_MAX), "As guests see it.", "Double room").required(),
            integer(
                "unit_price",
                (0, UNIT_PRICE_MINOR_MAX),
                "Of one unit, in minor units; of a stay, a night.",
                12_950,
            )
            .required(),
            integer("hold_minutes", (1, HOLD_MINUTES_MAX), hold, 30),
            integer("party_min", (1, PARTY_MAX), "Fewest people of one unit.", 1),
            integer("party_max", (1, PARTY_MAX), "Most people of one unit.", 2),
            integer(
                "duration_minutes",
                minutes,
                "Of a table or an experience, where a booking names none.",
                90,
            ),
            integer("turn_minutes", (0, DURATION_MINUTES_MAX), "Until the next party can sit down.", 15),
            length_rule(),
            moment("starts_at", "When an event begins; tickets are sold until then.", "2026-01-31T19:00:00Z"),
            from,
            until,
            boolean("active", true, "Whether it is for sale."),
            list("recipes", (0, RECIPES_MAX), recipes, Schema::from(recipe)),
            selector(
                "pool_id",
                "Instead of recipes, the only pool: its id, or its ref in this request.",
                "double",
            ),
            integer("units", (1, CAPACITY_MAX), "Beside pool_id: units of it.", 1),
        ],
    )
}

fn part() -> Vec<Field> {
    vec![
        selector("pool_id", "The pool: its id, or its ref in this request.", "double").required(),
        integer("units", (1, CAPACITY_MAX), "1 if not said.", 1),
    ]
}

fn capacity() -> Schema {
    let ends = |name, says: &str, example: &str| {
        let night = date(name, "Of a nightly pool: a date.", example);
        let tick = moment(name, "Of a timed pool: a moment.", "2025-12-06T18:00:00Z");
        let number = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0));
        let number = number.description(Some("Of any other pool: a slot number."));
        Field::new(name, one_of(says, [night.schema, tick.schema, Schema::from(number).into()]))
    };
    object(
        "A new capacity: of the pool and every slot that has none of its own, or of the slots from `from` to `to`.",
        [
            integer("capacity", (0, CAPACITY_MAX), "In units; of a seat, 1 or, to close it, 0.", 1)
                .required(),
            ends("from", "The first slot, beside `to`.", "2025-12-01"),
            ends("to", "The last slot, included.", "2025-12-24"),
        ],
    )
}
