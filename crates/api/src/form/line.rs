//! A line, in the words of its kind: the fields each founding document uses.

use domain::ids::{OfferingId, VenueId};
use domain::limits::{AGE_MAX, GUESTS_MAX, LABEL_CHARS_MAX, NAME_CHARS_MAX, NAME_CHARS_MIN, SEATS_MAX};
use domain::line::{Ask, LineRequest, Scheduled, SeatChoice, SeatingAsk, SeatingKind, StayDates};
use serde_json::{Map, Value, json};

use super::Form;

/// What a line's object said: the line, what was added to it, and who comes along.
#[derive(Default)]
pub struct ReadLine {
    pub lines: Vec<LineRequest>,
    pub companions: Vec<Value>,
}

/// Bytes of a seat's whole name: section, row and seat.
pub const SEAT_LABEL_BYTES_MAX: usize = LABEL_CHARS_MAX * 2;

/// Whether a stay names its guests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guests {
    /// As it is booked.
    Named,
    /// As it is only looked for.
    MayBeUnnamed,
}

const KINDS: [&str; 6] = ["stay", "table", "experience", "ticket", "product", "service"];

/// Reads one element of `lines`, which names its kind.
pub fn line(form: &mut Form<'_>, guests: Guests) -> Option<ReadLine> {
    let kind = form.word("kind", &KINDS, |word| KINDS.into_iter().find(|kind| *kind == word));
    match form.required("kind", kind)? {
        "stay" => stay(form, guests),
        "table" => seating(form, SeatingKind::Table),
        "experience" => seating(form, SeatingKind::Experience),
        "ticket" => ticket(form),
        "product" => product(form),
        _ => service(form),
    }
}

/// Reads a line whose fields stand in the booking itself; its kind shows in them.
pub fn flat_line(form: &mut Form<'_>, guests: Guests) -> Option<ReadLine> {
    if form.value("kind").is_some() {
        return line(form, guests);
    }
    if form.has("room_type_id") || form.has("hotel_id") || form.has("checkin_date") {
        stay(form, guests)
    } else if form.has("event_id") || form.has("ticket_type_id") || form.has("seat_count") {
        ticket(form)
    } else if form.has("product_id") {
        product(form)
    } else if form.has("service_id") {
        service(form)
    } else if form.has("experience_id") {
        seating(form, SeatingKind::Experience)
    } else if form.has("venue_id") || form.has("booking_date") || form.has("booking_time") {
        seating(form, SeatingKind::Either)
    } else {
        form.wrong("lines", "is required, or the fields of one line beside the others");
        None
    }
}

fn one(form: &Form<'_>, ask: Ask) -> ReadLine {
    ReadLine { lines: vec![LineRequest { base: form.base.clone(), ask }], ..ReadLine::default() }
}

fn stay(form: &mut Form<'_>, said: Guests) -> Option<ReadLine> {
    let hotel = form.selector("hotel_id", VenueId::PREFIX);
    let room_type = form.selector("room_type_id", OfferingId::PREFIX);
    let room_type = form.required("room_type_id", room_type);
    let checkin = form.date("checkin_date");
    let checkin = form.required("checkin_date", checkin);
    let checkout = form.date("checkout_date");
    let checkout = form.required("checkout_date", checkout);
    let rooms = integer_or_one(form, "num_rooms");
    let guests = form.integer("num_guests");
    let guests = form.required("num_guests", guests);
    let companions = companions(form, guests, said);
    let services = form.objects("pre_services", (0, domain::limits::LINES_PER_BOOKING_MAX - 1), service);
    let dates = StayDates { checkin: checkin?, checkout: checkout? };
    let ask = Ask::Stay { hotel, room_type: room_type?, dates, rooms: rooms?, guests: guests? };
    let mut read = one(form, ask);
    read.companions = companions?;
    read.lines.extend(services.into_iter().flatten().flat_map(|service| service.lines));
    Some(read)
}

/// The guests of a stay: as many as come.
fn companions(form: &mut Form<'_>, guests: Option<i64>, said: Guests) -> Option<Vec<Value>> {
    let read = form.objects("guests", (0, usize::try_from(GUESTS_MAX).unwrap_or(20)), companion);
    let read = match said {
        Guests::Named => form.required("guests", read)?,
        Guests::MayBeUnnamed if !form.has("guests") => return Some(Vec::new()),
        Guests::MayBeUnnamed => read?,
    };
    let count = i64::try_from(read.len()).unwrap_or(i64::MAX);
    if guests.is_some_and(|expected| expected != count) && form.array_len("guests") == Some(read.len()) {
        form.wrong("guests", format!("must be as many as num_guests, not {count}"));
    }
    Some(read)
}

fn companion(form: &mut Form<'_>) -> Option<Value> {
    let name = form.text("name", NAME_CHARS_MIN, NAME_CHARS_MAX);
    let name = form.required("name", name);
    let age = form.integer_in("age", 0, AGE_MAX);
    let age = form.required("age", age);
    let genders = ["M", "F", "Other"];
    let gender = form.word("gender", &genders, |word| genders.into_iter().find(|gender| *gender == word));
    let document_type = form.text("id_doc_type", 1, LABEL_CHARS_MAX);
    let document_number = form.text("id_doc_number", 1, LABEL_CHARS_MAX);
    let mut companion = Map::new();
    companion.insert("name".into(), name?.into());
    companion.insert("age".into(), age?.into());
    for (field, value) in [
        ("gender", gender.map(str::to_owned)),
        ("id_doc_type", document_type),
        ("id_doc_number", document_number),
    ] {
        if let Some(value) = value {
            companion.insert(field.into(), value.into());
        }
    }
    Some(Value::Object(companion))
}

fn seating(form: &mut Form<'_>, kind: SeatingKind) -> Option<ReadLine> {
    let venue = form.selector("venue_id", VenueId::PREFIX);
    let item = form.selector("inventory_item_id", OfferingId::PREFIX);
    let experience = match kind {
        SeatingKind::Table => None,
        SeatingKind::Experience | SeatingKind::Either => form.selector("experience_id", OfferingId::PREFIX),
    };
    let date = form.date("booking_date");
    let date = form.required("booking_date", date);
    let time = form.time("booking_time");
    let time = form.required("booking_time", time);
    let duration_minutes = form.integer("duration_minutes");
    let party_size = form.integer("party_size");
    let party_size = form.required("party_size", party_size);
    let (time, offset) = time?;
    let ask = SeatingAsk {
        kind,
        venue,
        item: experience.or(item),
        date: date?,
        time,
        offset,
        duration_minutes,
        party_size: party_size?,
    };
    Some(one(form, Ask::Seating(ask)))
}

fn ticket(form: &mut Form<'_>) -> Option<ReadLine> {
    let event = form.selector("event_id", VenueId::PREFIX);
    let ticket_type = form.selector("ticket_type_id", OfferingId::PREFIX);
    let seats = seats(form);
    if seats.is_none() && !form.has("seats") && !form.has("seat_count") {
        form.wrong("seat_count", "is required, or seats");
    }
    match (event, ticket_type) {
        (Some(event), ticket_type) => Some(one(form, Ask::Ticket { event, ticket_type, seats: seats? })),
        (None, Some(event)) => Some(one(form, Ask::Ticket { event, ticket_type: None, seats: seats? })),
        (None, None) => {
            form.required::<()>("event_id", None);
            None
        }
    }
}

/// Seats by number, or by name.
pub fn seats(form: &mut Form<'_>) -> Option<SeatChoice> {
    let count = form.integer("seat_count");
    let together = form.boolean("together").unwrap_or(true);
    let labels = form.strings("seats", (1, usize::try_from(SEATS_MAX).unwrap_or(100)), SEAT_LABEL_BYTES_MAX);
    match (count, labels) {
        (Some(count), Some(labels)) if usize::try_from(count) != Ok(labels.len()) => {
            form.wrong("seat_count", "is not the number of seats named");
            None
        }
        (_, Some(labels)) => Some(SeatChoice::Named(labels)),
        (Some(count), None) => Some(SeatChoice::Best { count, together }),
        (None, None) => None,
    }
}

fn product(form: &mut Form<'_>) -> Option<ReadLine> {
    let product = form.selector("product_id", OfferingId::PREFIX);
    let product = form.required("product_id", product);
    let quantity = integer_or_one(form, "quantity");
    Some(one(form, Ask::Product { product: product?, quantity: quantity? }))
}

fn service(form: &mut Form<'_>) -> Option<ReadLine> {
    let service = form.selector("service_id", OfferingId::PREFIX);
    let service = form.required("service_id", service);
    let quantity = integer_or_one(form, "quantity");
    let scheduled_for = scheduled(form);
    Some(one(form, Ask::Service { service: service?, quantity: quantity?, scheduled_for }))
}

/// A count that is one where it is not said.
fn integer_or_one(form: &mut Form<'_>, name: &'static str) -> Option<i64> {
    let said = form.has(name);
    let value = form.integer(name);
    if said { value } else { Some(1) }
}

/// A moment with its offset, or a local time of the venue.
fn scheduled(form: &mut Form<'_>) -> Option<Scheduled> {
    let text = form.value("scheduled_for")?.as_str().unwrap_or_default();
    let at = text.parse::<jiff::Timestamp>().map(|at| Scheduled::At(at.into()));
    let found = at.or_else(|_| text.parse().map(Scheduled::Local)).ok();
    if found.is_none() {
        form.wrong("scheduled_for", "must be a moment like 2026-03-31T14:00:00 or 2026-03-31T14:00:00+02:00");
    }
    found
}

/// The companions as the booking keeps them.
pub fn companions_text(companions: &[Value]) -> Option<String> {
    (!companions.is_empty()).then(|| json!(companions).to_string())
}
