//! A line of a booking, in the terms of its kind.

use domain::catalogue::Selector;
use domain::ids::{OfferingId, VenueId};
use domain::limits::{
    AGE_MAX, DURATION_MINUTES_MAX, DURATION_MINUTES_MIN, GUESTS_MAX, LABEL_CHARS_MAX, LINES_PER_BOOKING_MAX,
    PARTY_MAX, PRODUCT_QUANTITY_MAX, ROOMS_MAX, SEATS_MAX, SERVICE_QUANTITY_MAX,
};
use domain::line::{Ask, LineRequest, Scheduled, SeatChoice, SeatingAsk, SeatingKind, StayDates};
use jiff::civil::{Date, Time};
use jiff::tz::Offset;
use serde_json::{Map, Value, json};

use super::shared::name;
use crate::declare::request;
use crate::kind::{
    Kind, boolean, choice, date, integer, list, maybe, nested, or, selector, text, time_of_day,
};
use crate::reader::{At, Reader};
use crate::request::Fields;
use crate::schema::{Described, Schemas, inline, request_object, string};

/// The contents of a line's object: the line, its added services, and its guests.
#[derive(Default)]
pub struct ReadLine {
    pub lines: Vec<LineRequest>,
    pub companions: Vec<Value>,
}

/// Bytes of a seat's full label: section, row and seat.
pub const SEAT_LABEL_BYTES_MAX: usize = LABEL_CHARS_MAX * 2;
#[expect(clippy::cast_possible_truncation, reason = "it is 20")]
const GUESTS_LISTED_MAX: usize = GUESTS_MAX as usize;
#[expect(clippy::cast_possible_truncation, reason = "it is 100")]
const SEATS_LISTED_MAX: usize = SEATS_MAX as usize;

/// Whether a stay must name its guests: required for a booking, optional for an availability check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guests {
    Named,
    MayBeUnnamed,
}

request! {
    /// A stay, without its guests.
    pub struct StayFields {
        /// The hotel. Its id, a UUID, or its code, as a string or a number.
        hotel_id: Option<Selector> = maybe(selector::<VenueId>("123e4567-e89b-12d3-a456-426614174000")),
        /// The room type. Its id, a UUID, or its code, as a string or a number.
        room_type_id: Selector = selector::<OfferingId>("223e4567-e89b-12d3-a456-426614174001"),
        /// The first night: today or later, in the hotel's time zone.
        checkin_date: Date = date("2025-12-01"),
        /// The day of departure. A stay has 1 to 30 nights.
        checkout_date: Date = date("2025-12-05"),
        /// The number of rooms of this type.
        num_rooms: i64 = or(integer(1, ROOMS_MAX, 1).ruled(), 1),
        /// The total number of guests.
        num_guests: i64 = integer(1, GUESTS_MAX, 1).ruled(),
        /// Services to add.
        pre_services: Option<Vec<LineRequest>> = maybe(list(0, LINES_PER_BOOKING_MAX - 1, AddOnService)),
    }
}

request! {
    /// The guests of a booked stay.
    pub struct NamedGuests {
        /// The guests, as many as `num_guests`.
        guests: Vec<Companion> = list(0, GUESTS_LISTED_MAX, nested()),
    }
}

request! {
    /// The guests of a stay in an availability check.
    pub struct PossibleGuests {
        /// The guests, as many as `num_guests`.
        guests: Option<Vec<Companion>> = maybe(list(0, GUESTS_LISTED_MAX, nested())),
    }
}

request! {
    /// A guest of a stay.
    pub struct Companion {
        /// The guest's name.
        name: String = name("Jane Doe"),
        /// The guest's age in years.
        age: i64 = integer(0, AGE_MAX, 28),
        /// The gender in the guest's document.
        gender: Option<&'static str> = maybe(choice(&["M", "F", "Other"])),
        /// The kind of document, for example a passport.
        id_doc_type: Option<String> = maybe(text(1, LABEL_CHARS_MAX, "passport")),
        /// The number of the document.
        id_doc_number: Option<String> = maybe(text(1, LABEL_CHARS_MAX, "X1234567")),
    }
}

request! {
    /// The common fields of tables and experiences.
    pub struct SeatingFields {
        /// The venue. Required unless an item is given. Its id, a UUID, or its code, as a string or a number.
        venue_id: Option<Selector> = maybe(selector::<VenueId>("bistro")),
        /// The kind of table, or an experience. Default: the smallest that fits the party. Its id, a UUID, or its
        /// code, as a string or a number.
        inventory_item_id: Option<Selector> = maybe(selector::<OfferingId>("bistro-two")),
        /// The day, in the venue's time zone.
        booking_date: Date = date("2025-12-06"),
        /// The venue's local time. Add the UTC offset if the clocks show this time twice on that day.
        booking_time: (Time, Option<Offset>) = time_of_day("19:30"),
        /// The duration in minutes. Default: that of the offering.
        duration_minutes: Option<i64> = maybe(integer(DURATION_MINUTES_MIN, DURATION_MINUTES_MAX, 90).ruled()),
        /// The number of people.
        party_size: i64 = integer(1, PARTY_MAX, 2).ruled(),
    }
}

request! {
    /// An experience.
    pub struct ExperienceFields {
        ..seating: SeatingFields,
        /// The experience. Default: the first at the venue that fits the party. Its id, a UUID, or its code, as a
        /// string or a number.
        experience_id: Option<Selector> = maybe(selector::<OfferingId>("cellar-tasting")),
    }
}

request! {
    /// Seats by number or by label.
    pub struct SeatFields {
        /// The number of seats; the best available are chosen. Required unless `seats` is given.
        seat_count: Option<i64> = maybe(integer(1, SEATS_MAX, 1).ruled()),
        /// Whether automatically chosen seats must be adjacent.
        together: bool = or(boolean(), true),
        /// Specific seats by label: section, row and seat. Omit the section if there is none.
        seats: Option<Vec<String>> = maybe(list(1, SEATS_LISTED_MAX, text(1, SEAT_LABEL_BYTES_MAX, "A-1"))),
    }
}

request! {
    /// Tickets of an event.
    pub struct TicketFields {
        ..seats: SeatFields,
        /// The event, or one of its ticket types. Required unless `ticket_type_id` is given. Its id, a UUID, or its
        /// code, as a string or a number.
        event_id: Option<Selector> = maybe(selector::<VenueId>("1")),
        /// The ticket type. Default: the event's first. Its id, a UUID, or its code, as a string or a number.
        ticket_type_id: Option<Selector> = maybe(selector::<OfferingId>("concert-seat")),
    }
}

request! {
    /// A product in stock.
    pub struct ProductFields {
        /// The product. Its id, a UUID, or its code, as a string or a number.
        product_id: Selector = selector::<OfferingId>("museum-mug"),
        /// The number of items.
        quantity: i64 = or(integer(1, PRODUCT_QUANTITY_MAX, 1).ruled(), 1),
    }
}

request! {
    /// An add-on service.
    pub struct ServiceFields {
        /// The service. Its id, a UUID, or its code, as a string or a number.
        service_id: Selector = selector::<OfferingId>("323e4567-e89b-12d3-a456-426614174002"),
        /// The quantity.
        quantity: i64 = or(integer(1, SERVICE_QUANTITY_MAX, 1).ruled(), 1),
        /// When the service is wanted: a time with UTC offset, or a local time of the venue.
        scheduled_for: Option<Scheduled> = maybe(ScheduledFor),
    }
}

fn one(reader: &Reader<'_>, ask: Ask) -> ReadLine {
    ReadLine { lines: vec![line(reader, ask)], companions: Vec::new() }
}

fn line(reader: &Reader<'_>, ask: Ask) -> LineRequest {
    LineRequest { base: reader.base.clone(), ask }
}

pub fn stay(reader: &mut Reader<'_>, named: Guests) -> Option<ReadLine> {
    let fields = StayFields::read_fields(reader);
    let companions = match named {
        Guests::Named => NamedGuests::read_fields(reader).map(|read| Some(read.guests)),
        Guests::MayBeUnnamed => PossibleGuests::read_fields(reader).map(|read| read.guests),
    };
    let (fields, companions) = (fields?, companions?);
    let guests = fields.num_guests;
    if let Some(named) = companions.as_ref().map(Vec::len)
        && i64::try_from(named) != Ok(guests)
    {
        reader.wrong("guests", format!("must have num_guests elements, not {named}"));
    }
    let dates = StayDates { checkin: fields.checkin_date, checkout: fields.checkout_date };
    let (hotel, room_type, rooms) = (fields.hotel_id, fields.room_type_id, fields.num_rooms);
    let mut read = one(reader, Ask::Stay { hotel, room_type, dates, rooms, guests });
    read.companions = companions.into_iter().flatten().map(Companion::into_value).collect();
    read.lines.extend(fields.pre_services.into_iter().flatten());
    Some(read)
}

impl Companion {
    fn into_value(self) -> Value {
        let mut value = Map::new();
        value.insert("name".into(), self.name.into());
        value.insert("age".into(), self.age.into());
        let gender = self.gender.map(str::to_owned);
        let others =
            [("gender", gender), ("id_doc_type", self.id_doc_type), ("id_doc_number", self.id_doc_number)];
        value.extend(others.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text?.into()))));
        Value::Object(value)
    }
}

pub fn table(reader: &mut Reader<'_>, _: Guests) -> Option<ReadLine> {
    let fields = SeatingFields::read_fields(reader)?;
    Some(one(reader, fields.ask(SeatingKind::Table, None)))
}

pub fn experience(reader: &mut Reader<'_>, _: Guests) -> Option<ReadLine> {
    seating(reader, SeatingKind::Experience)
}

/// A table or an experience, whichever the venue has.
pub fn either(reader: &mut Reader<'_>) -> Option<ReadLine> {
    seating(reader, SeatingKind::Either)
}

fn seating(reader: &mut Reader<'_>, kind: SeatingKind) -> Option<ReadLine> {
    let ExperienceFields { seating, experience_id } = ExperienceFields::read_fields(reader)?;
    Some(one(reader, seating.ask(kind, experience_id)))
}

impl SeatingFields {
    fn ask(self, kind: SeatingKind, experience: Option<Selector>) -> Ask {
        let (time, offset) = self.booking_time;
        Ask::Seating(SeatingAsk {
            kind,
            venue: self.venue_id,
            item: experience.or(self.inventory_item_id),
            date: self.booking_date,
            time,
            offset,
            duration_minutes: self.duration_minutes,
            party_size: self.party_size,
        })
    }
}

pub fn ticket(reader: &mut Reader<'_>, _: Guests) -> Option<ReadLine> {
    let fields = TicketFields::read_fields(reader)?;
    let seats = fields.seats.choice(reader)?;
    if seats.is_none() {
        reader.wrong("seat_count", "is required, unless seats is given");
    }
    let (event, ticket_type) = match (fields.event_id, fields.ticket_type_id) {
        (Some(event), ticket_type) => (event, ticket_type),
        (None, Some(event)) => (event, None),
        (None, None) => return reader.at("event_id").none("is required"),
    };
    Some(one(reader, Ask::Ticket { event, ticket_type, seats: seats? }))
}

impl SeatFields {
    /// The requested seats, if any; no value if both fields disagree.
    pub fn choice(self, reader: &mut Reader<'_>) -> Option<Option<SeatChoice>> {
        match (self.seat_count, self.seats) {
            (Some(count), Some(labels)) if usize::try_from(count) != Ok(labels.len()) => {
                reader.at("seat_count").none("does not match the number of seats")
            }
            (_, Some(labels)) => Some(Some(SeatChoice::Named(labels))),
            (Some(count), None) => Some(Some(SeatChoice::Best { count, together: self.together })),
            (None, None) => Some(None),
        }
    }
}

pub fn product(reader: &mut Reader<'_>, _: Guests) -> Option<ReadLine> {
    let fields = ProductFields::read_fields(reader)?;
    Some(one(reader, Ask::Product { product: fields.product_id, quantity: fields.quantity }))
}

pub fn service(reader: &mut Reader<'_>, _: Guests) -> Option<ReadLine> {
    add_on(reader).map(|line| ReadLine { lines: vec![line], companions: Vec::new() })
}

fn add_on(reader: &mut Reader<'_>) -> Option<LineRequest> {
    let ServiceFields { service_id, quantity, scheduled_for } = ServiceFields::read_fields(reader)?;
    Some(line(reader, Ask::Service { service: service_id, quantity, scheduled_for }))
}

/// A service that is added to a stay.
struct AddOnService;

impl Kind for AddOnService {
    type Value = LineRequest;

    fn parse(&self, value: &Value, at: &mut At<'_>) -> Option<LineRequest> {
        at.object(value, add_on)
    }

    fn schema(&self, schemas: &mut Schemas) -> Described {
        schemas.named("AddOnService", |schemas| {
            request_object("A service added to a stay.", ServiceFields::properties(schemas))
        })
    }
}

/// A time with UTC offset, or a local time of the venue.
struct ScheduledFor;

impl Kind for ScheduledFor {
    type Value = Scheduled;

    fn parse(&self, value: &Value, at: &mut At<'_>) -> Option<Scheduled> {
        let text = value.as_str().unwrap_or_default();
        let moment = text.parse::<jiff::Timestamp>().map(|at| Scheduled::At(at.into()));
        let found = moment.or_else(|_| text.parse().map(Scheduled::Local)).ok();
        found.or_else(|| {
            at.none("must be a date and time like 2026-03-31T14:00:00 or 2026-03-31T14:00:00+02:00")
        })
    }

    fn schema(&self, _: &mut Schemas) -> Described {
        let schema = string().min_length(Some(16)).max_length(Some(64));
        let schema = schema.pattern(Some(r"^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}"));
        inline(schema.examples([json!("2025-12-01T14:00:00")]))
    }
}
