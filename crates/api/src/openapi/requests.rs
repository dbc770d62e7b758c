//! What can be sent about bookings: flat, in lines, in an order; and their changes.

use domain::ids::GuestId;
use domain::limits::{
    AGE_MAX, BOOKINGS_PER_ORDER_MAX, DURATION_MINUTES_MAX, DURATION_MINUTES_MIN, EMAIL_CHARS_MAX, GUESTS_MAX,
    IDEMPOTENCY_KEY_CHARS_MAX, LABEL_CHARS_MAX, LINES_PER_BOOKING_MAX, METADATA_BYTES_MAX, NAME_CHARS_MAX,
    NAME_CHARS_MIN, PARTY_MAX, PRODUCT_QUANTITY_MAX, ROOMS_MAX, SEATS_MAX, SERVICE_QUANTITY_MAX,
    TEXT_CHARS_MAX,
};
use domain::status::ALL as STATES;
use domain::venue::VenueKind;
use serde_json::json;
use utoipa::openapi::schema::{ComponentsBuilder, Schema};

use crate::form::line::SEAT_LABEL_BYTES_MAX;
use crate::form::privacy::CURSOR_EXAMPLE;
use crate::routes::query::{LIMIT_DEFAULT, LIMIT_MAX};

use super::fields::{
    Field, any_of, boolean, by_kind, count, date, id, integer, list, object, one_of, opaque, reference,
    selector, shaped, string, text, time_of_day, version, word,
};

/// A kind of line, and how its schemas are called: in `lines`, alone in a booking, and so in an order.
struct Kind {
    words: &'static [&'static str],
    in_lines: &'static str,
    flat: &'static str,
    in_order: &'static str,
    says: &'static str,
    fields: fn() -> Vec<Field>,
}

const KINDS: [Kind; 6] = [
    Kind {
        words: &["stay"],
        in_lines: "StayLine",
        flat: "StayBooking",
        in_order: "StayInOrder",
        says: "Rooms of one type, night by night.",
        fields: stay,
    },
    Kind {
        words: &["table"],
        in_lines: "TableLine",
        flat: "TableBooking",
        in_order: "TableInOrder",
        says: "A table, at a time of day. Without `kind`, whatever the venue has for that time: tables first, then \
               experiences.",
        fields: table,
    },
    Kind {
        words: &["experience"],
        in_lines: "ExperienceLine",
        flat: "ExperienceBooking",
        in_order: "ExperienceInOrder",
        says: "A tasting, a class, a tour, at a time of day.",
        fields: experience,
    },
    Kind {
        words: &["ticket"],
        in_lines: "TicketLine",
        flat: "TicketBooking",
        in_order: "TicketInOrder",
        says: "Seats or places of an event.",
        fields: ticket,
    },
    Kind {
        words: &["product"],
        in_lines: "ProductLine",
        flat: "ProductBooking",
        in_order: "ProductInOrder",
        says: "Pieces of a product in stock.",
        fields: product,
    },
    Kind {
        words: &["service"],
        in_lines: "ServiceLine",
        flat: "ServiceBooking",
        in_order: "ServiceInOrder",
        says: "An add-on service.",
        fields: service,
    },
];

pub fn add(components: ComponentsBuilder) -> ComponentsBuilder {
    let components = KINDS.iter().fold(components, add_kind);
    let flat: Vec<&str> = KINDS.iter().map(|kind| kind.flat).chain(["LinesBooking"]).collect();
    let in_order: Vec<&str> = KINDS.iter().map(|kind| kind.in_order).chain(["LinesInOrder"]).collect();
    let several = "Several lines in one booking of one venue.";
    components
        .schema("Companion", object("A guest of a stay.", companion()))
        .schema("AddOnService", object("A service added to a stay.", service()))
        .schema("Line", by_kind("A line of a booking.", &KINDS.map(|kind| (kind.words, kind.in_lines))))
        .schema("LinesBooking", object(several, [key()].into_iter().chain(envelope()).chain([lines()])))
        .schema("LinesInOrder", object(several, envelope().into_iter().chain([lines()])))
        .schema(
            "NewBooking",
            any_of("A booking: `lines`, or the fields of its only line beside the others.", &flat),
        )
        .schema("BookingInOrder", any_of("A booking of an order.", &in_order))
        .schema("NewOrder", order())
        .schema("AvailabilityCheck", availability())
        .schema("LinesCheck", object("Several lines together.", [lines()]))
        .schema("BookingUpdate", any_of("Changes to a booking.", &["FieldsUpdate", "LinesUpdate"]))
        .schema("FieldsUpdate", fields_update())
        .schema("LinesUpdate", lines_update())
        .schema("BookingSearch", any_of("What is looked for.", &["EmailSearch", "PhoneSearch"]))
        .schema(
            "EmailSearch",
            search(text("email", (3, EMAIL_CHARS_MAX), "An e-mail address.", "jane.doe@example.com")),
        )
        .schema(
            "PhoneSearch",
            search(text("phone", (7, 24), "A number of 7 to 15 digits.", "+49 30 1234567")),
        )
        .schema("Cancellation", cancellation())
        .schema("StatusChange", status_change())
}

fn add_kind(components: ComponentsBuilder, kind: &Kind) -> ComponentsBuilder {
    let of_kind = || word("kind", kind.words, "The kind of line.");
    let flat = || envelope().into_iter().chain([of_kind()]).chain((kind.fields)());
    let check = format!("{}Check", kind.in_lines.trim_end_matches("Line"));
    components
        .schema(kind.in_lines, object(kind.says, [of_kind().required()].into_iter().chain((kind.fields)())))
        .schema(kind.flat, object(kind.says, [key()].into_iter().chain(flat())))
        .schema(kind.in_order, object(kind.says, flat()))
        .schema(
            check,
            object(kind.says, [of_kind()].into_iter().chain((kind.fields)().into_iter().map(unnamed))),
        )
}

fn search(sought: Field) -> Schema {
    let fields = [
        sought.required(),
        integer("limit", (1, LIMIT_MAX), "Bookings of one page.", LIMIT_DEFAULT),
        text("cursor", (1, LABEL_CHARS_MAX), "The `next_cursor` of the page before.", CURSOR_EXAMPLE),
    ];
    object("What is looked for, in a body because addresses of requests are logged on their way.", fields)
}

fn availability() -> Schema {
    let names = ["Stay", "Table", "Experience", "Ticket", "Product", "Service", "Lines"];
    let checks: Vec<String> = names.iter().map(|name| format!("{name}Check")).collect();
    let checks: Vec<&str> = checks.iter().map(String::as_str).collect();
    any_of("What is asked for: `lines`, or the fields of one line.", &checks)
}

/// Who the guests are need not be said to look for a room.
fn unnamed(field: Field) -> Field {
    if field.name == "guests" { field.optional() } else { field }
}

fn order() -> Schema {
    let says = "Bookings that are made together or not at all; each may be of another venue.";
    let bookings = list("bookings", (1, BOOKINGS_PER_ORDER_MAX), says, reference("BookingInOrder"));
    object(says, [key(), bookings.required()])
}

pub fn key() -> Field {
    let says = "As the header Idempotency-Key, for callers who cannot set headers; both must agree.";
    text("idempotency_key", (1, IDEMPOTENCY_KEY_CHARS_MAX), says, "0f8fad5b-d9cb-469f-a165-70867728950e")
}

fn envelope() -> Vec<Field> {
    let venue_type = "What sort of place it is, for callers who say so; the venue itself knows.";
    let mut fields = vec![guest_id()];
    fields.extend(person());
    fields.extend(notes());
    fields.extend([
        expected_total(),
        word("venue_type", VenueKind::WORDS, venue_type),
        text("venue_name", (0, TEXT_CHARS_MAX), "Likewise.", "Bistro Kranich"),
    ]);
    fields
}

fn guest_id() -> Field {
    let says = "Whom it is for, said by a venue or an admin; a guest books for the guest of the token.";
    id("guest_id", GuestId::PREFIX, says)
}

const EMAIL: &str = r"^[^@\s]+@[^@\s]+$";
const PHONE: &str = r"^\+?([ ().-]*[0-9]){7,15}[ ().-]*$";

fn person() -> [Field; 3] {
    let name_chars = (NAME_CHARS_MIN, NAME_CHARS_MAX);
    [
        text("guest_name", name_chars, "Who comes; of a stay, the first guest if not said.", "Jane Doe"),
        shaped("guest_email", (3, EMAIL_CHARS_MAX), EMAIL, "An e-mail address.", "jane.doe@example.com"),
        shaped("guest_phone", (7, 24), PHONE, "A phone number of 7 to 15 digits.", "+49 30 1234567"),
    ]
}

fn notes() -> [Field; 4] {
    let metadata = format!("Anything of the caller's own, at most {METADATA_BYTES_MAX} bytes as JSON.");
    [
        text("special_requests", (0, TEXT_CHARS_MAX), "Wishes of the guest.", "A quiet room, please."),
        text(
            "internal_notes",
            (0, TEXT_CHARS_MAX),
            "For the venue only; guests neither write nor see it.",
            "VIP",
        ),
        text("source", (1, LABEL_CHARS_MAX), "Where the booking came from.", "website"),
        opaque("metadata", &metadata, json!({"campaign": "advent"})),
    ]
}

fn expected_total() -> Field {
    let says = "What the caller believes it costs: the booking is refused if it costs something else.";
    let amount = integer("amount", (i64::MIN, i64::MAX), "In minor units.", 51_800);
    let currency = text("currency", (3, 3), "The venue's currency.", "EUR");
    let money = object("Money.", [amount.required(), currency]);
    let number = utoipa::openapi::schema::ObjectBuilder::new()
        .schema_type(utoipa::openapi::schema::Type::Integer)
        .description(Some("In minor units."))
        .examples([json!(51_800)]);
    Field::new("expected_total", one_of(says, [Schema::from(number).into(), money.into()]))
}

fn lines() -> Field {
    list("lines", (1, LINES_PER_BOOKING_MAX), "What is booked, all of one venue.", reference("Line"))
        .required()
}

fn stay() -> Vec<Field> {
    let rooms = format!("Rooms of this type, at most {ROOMS_MAX}.");
    let add_ons = list(
        "pre_services",
        (0, LINES_PER_BOOKING_MAX - 1),
        "Services to go with it.",
        reference("AddOnService"),
    );
    let guests_max = usize::try_from(GUESTS_MAX).unwrap_or(usize::MAX);
    vec![
        selector("hotel_id", "The hotel.", "123e4567-e89b-12d3-a456-426614174000"),
        selector("room_type_id", "The room type.", "223e4567-e89b-12d3-a456-426614174001").required(),
        date("checkin_date", "The first night; today or later where the hotel is.", "2025-12-01").required(),
        date("checkout_date", "The morning after the last night; 1 to 30 nights.", "2025-12-05").required(),
        count("num_rooms", ROOMS_MAX, &rooms),
        integer("num_guests", (1, GUESTS_MAX), "Guests in all the rooms together.", 1).required(),
        list("guests", (1, guests_max), "Each guest: as many as num_guests.", reference("Companion"))
            .required(),
        add_ons,
    ]
}

fn companion() -> Vec<Field> {
    let label = (1, LABEL_CHARS_MAX);
    vec![
        text("name", (NAME_CHARS_MIN, NAME_CHARS_MAX), "The guest's name.", "Jane Doe").required(),
        integer("age", (0, AGE_MAX), "In years.", 28).required(),
        word("gender", &["M", "F", "Other"], "As in the guest's document."),
        text("id_doc_type", label, "Passport, identity card, …", "passport"),
        text("id_doc_number", label, "Its number.", "X1234567"),
    ]
}

fn table() -> Vec<Field> {
    let item = "A certain kind of table; without it, the smallest that seats the party.";
    seating(vec![
        selector("venue_id", "The venue; needed unless inventory_item_id is given.", "bistro"),
        selector("inventory_item_id", item, "bistro-two"),
    ])
}

fn experience() -> Vec<Field> {
    let item = "The experience; without it, the first of the venue that takes the party.";
    seating(vec![
        selector("venue_id", "The venue; needed unless experience_id is given.", "cellar"),
        selector("experience_id", item, "cellar-tasting"),
        selector("inventory_item_id", "Another name of experience_id.", "cellar-tasting"),
    ])
}

fn seating(mut named: Vec<Field>) -> Vec<Field> {
    let time = "The venue's local time. With an offset where the clocks repeat it.";
    let minutes = (DURATION_MINUTES_MIN, DURATION_MINUTES_MAX);
    named.extend([
        date("booking_date", "The day, where the venue is.", "2025-12-06").required(),
        time_of_day("booking_time", time, "19:30").required(),
        integer("duration_minutes", minutes, "How long; as long as is usual there if not said.", 90),
        integer("party_size", (1, PARTY_MAX), "How many people.", 2).required(),
    ]);
    named
}

fn ticket() -> Vec<Field> {
    let together = "Whether seats that are not named must be side by side.";
    vec![
        selector("event_id", "The event, or a ticket type of it; or else ticket_type_id.", "1"),
        selector("ticket_type_id", "The ticket type; without it, the event's first.", "concert-seat"),
        integer("seat_count", (1, SEATS_MAX), "How many; the best that are free. Or else seats.", 1),
        boolean("together", true, together),
        seats(),
    ]
}

fn seats() -> Field {
    let seats_max = usize::try_from(SEATS_MAX).unwrap_or(usize::MAX);
    let label = string((1, SEAT_LABEL_BYTES_MAX), "A-1");
    let says = "These very seats, by section, row and seat; section only where there is one.";
    list("seats", (1, seats_max), says, Schema::from(label))
}

fn product() -> Vec<Field> {
    vec![
        selector("product_id", "The product.", "museum-mug").required(),
        count("quantity", PRODUCT_QUANTITY_MAX, "How many pieces."),
    ]
}

fn service() -> Vec<Field> {
    let says = "When it is wanted: a moment with its offset, or a local time of the venue.";
    let when = text("scheduled_for", (16, 64), says, "2025-12-01T14:00:00");
    vec![
        selector("service_id", "The service.", "323e4567-e89b-12d3-a456-426614174002").required(),
        count("quantity", SERVICE_QUANTITY_MAX, "How many."),
        when,
    ]
}

fn expected_version() -> Field {
    version("expected_version", "The version the caller has read; refused if the booking is at another.")
}

/// Fields that null removes.
fn replaced() -> Vec<Field> {
    person().into_iter().chain(notes()).collect()
}

fn fields_update() -> Schema {
    let minutes = (DURATION_MINUTES_MIN, DURATION_MINUTES_MAX);
    let mut fields = vec![key(), expected_version()];
    fields.extend(replaced());
    fields.extend([
        date("checkin_date", "Of a stay.", "2025-12-02"),
        date("checkout_date", "Of a stay.", "2025-12-05"),
        integer("num_rooms", (1, ROOMS_MAX), "Of a stay.", 1),
        integer("num_guests", (1, GUESTS_MAX), "Of a stay.", 2),
        date("booking_date", "Of a table or an experience.", "2025-12-07"),
        time_of_day("booking_time", "Of a table or an experience.", "20:00"),
        integer("duration_minutes", minutes, "Of a table or an experience.", 120),
        integer("party_size", (1, PARTY_MAX), "Of a table or an experience.", 4),
        integer("seat_count", (1, SEATS_MAX), "Of tickets.", 1),
        boolean("together", true, "Of tickets."),
        seats(),
        integer("quantity", (1, PRODUCT_QUANTITY_MAX), "Of a product or a service.", 2),
    ]);
    object(
        "What changes; the rest stays. Fields of a line change the first line. Null removes a text. The version may \
         stand in the header If-Match instead.",
        fields,
    )
}

fn lines_update() -> Schema {
    let fields = [key(), expected_version()].into_iter().chain(replaced()).chain([lines()]);
    object("As FieldsUpdate, with all lines anew.", fields)
}

fn cancellation() -> Schema {
    let reason = || text("reason", (0, TEXT_CHARS_MAX), "Why.", "The flight was cancelled.");
    let other = text("cancellation_reason", (0, TEXT_CHARS_MAX), "Another name of reason.", "Illness");
    object(
        "Everything in it may be left out, and so may the body.",
        [key(), expected_version(), reason(), other],
    )
}

fn status_change() -> Schema {
    let states = STATES.map(domain::status::Status::as_str);
    let reason = text("reason", (0, TEXT_CHARS_MAX), "Why.", "Arrived");
    object(
        "A state to put the booking into.",
        [key(), word("status", &states, "The state.").required(), expected_version(), reason],
    )
}
