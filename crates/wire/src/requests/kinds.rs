//! The kinds of lines: how they are distinguished and documented.

use domain::limits::LINES_PER_BOOKING_MAX;
use serde_json::Value;

use super::line::{
    ExperienceFields, Guests, NamedGuests, PossibleGuests, ProductFields, ReadLine, SeatingFields,
    ServiceFields, StayFields, TicketFields, either, experience, product, service, stay, table, ticket,
};
use crate::kind::{Field as _, Kind, choice, list, property};
use crate::reader::{At, Reader};
use crate::request::Fields;
use crate::schema::{Described, Property, Schemas, inline, nullable, one_of_kind, request_object, words};

struct LineKind {
    word: &'static str,
    /// The prefix of its schemas' names.
    name: &'static str,
    says: &'static str,
    read: fn(&mut Reader<'_>, Guests) -> Option<ReadLine>,
    properties: fn(&mut Schemas) -> Vec<Property>,
}

const WORDS: [&str; 6] = ["stay", "table", "experience", "ticket", "product", "service"];

const KINDS: [LineKind; 6] = [
    LineKind {
        word: "stay",
        name: "Stay",
        says: "Rooms of one type for one or more nights.",
        read: stay,
        properties: StayFields::properties,
    },
    LineKind {
        word: "table",
        name: "Table",
        says: "A table at a time of day. Without `kind`, a table or else an experience of the venue.",
        read: table,
        properties: SeatingFields::properties,
    },
    LineKind {
        word: "experience",
        name: "Experience",
        says: "A tasting, a class or a tour at a time of day.",
        read: experience,
        properties: ExperienceFields::properties,
    },
    LineKind {
        word: "ticket",
        name: "Ticket",
        says: "Seats or places of an event.",
        read: ticket,
        properties: TicketFields::properties,
    },
    LineKind {
        word: "product",
        name: "Product",
        says: "Pieces of a product in stock.",
        read: product,
        properties: ProductFields::properties,
    },
    LineKind {
        word: "service",
        name: "Service",
        says: "An add-on service.",
        read: service,
        properties: ServiceFields::properties,
    },
];

impl LineKind {
    /// The schema for one use: the leading fields, `kind`, and the fields of the kind.
    fn schema(
        &self,
        schemas: &mut Schemas,
        suffix: &str,
        guests: Guests,
        lead: impl Fn(&mut Schemas) -> Vec<Property>,
    ) -> Described {
        let is_told = suffix == "Line";
        schemas.named(&format!("{}{suffix}", self.name), |schemas| {
            let mut properties = lead(schemas);
            let kind = inline(words(&[self.word]));
            let kind = if is_told { kind } else { nullable(kind) };
            properties.push(Property::new("kind", "The kind of line.", kind, is_told));
            properties.extend((self.properties)(schemas));
            if self.word == "stay" {
                properties.extend(match guests {
                    Guests::Named => NamedGuests::properties(schemas),
                    Guests::MayBeUnnamed => PossibleGuests::properties(schemas),
                });
            }
            request_object(self.says, properties)
        })
    }
}

/// The schemas of a request for one use: with the fields of one line, or with `lines`.
pub fn variants(
    schemas: &mut Schemas,
    suffix: &str,
    guests: Guests,
    lead: impl Fn(&mut Schemas) -> Vec<Property>,
) -> Vec<Described> {
    let mut all: Vec<Described> =
        KINDS.iter().map(|kind| kind.schema(schemas, suffix, guests, &lead)).collect();
    all.push(schemas.named(&format!("Lines{suffix}"), |schemas| {
        let mut properties = lead(schemas);
        properties.push(lines_property(schemas));
        request_object("Several lines of one venue.", properties)
    }));
    all
}

/// An element of `lines`, with its kind.
struct Line(Guests);

impl Kind for Line {
    type Value = ReadLine;

    fn parse(&self, value: &Value, at: &mut At<'_>) -> Option<ReadLine> {
        at.object(value, |reader| line(reader, self.0))
    }

    fn schema(&self, schemas: &mut Schemas) -> Described {
        schemas.named("Line", |schemas| {
            let choices = KINDS.map(|kind| {
                kind.schema(schemas, "Line", Guests::Named, |_| Vec::new());
                (kind.word, format!("{}Line", kind.name))
            });
            one_of_kind("A line of a booking.", choices)
        })
    }
}

/// The lines, from the list or from the fields of a single line.
pub fn lines(reader: &mut Reader<'_>, guests: Guests) -> Option<ReadLine> {
    if !reader.mentions("lines") {
        return flat_line(reader, guests);
    }
    let mut all = ReadLine::default();
    for line in list(1, LINES_PER_BOOKING_MAX, Line(guests)).read(reader, "lines")? {
        all.lines.extend(line.lines);
        all.companions.extend(line.companions);
    }
    Some(all)
}

pub fn lines_property(schemas: &mut Schemas) -> Property {
    property(
        "lines",
        "What is booked, all at one venue.",
        &list(1, LINES_PER_BOOKING_MAX, Line(Guests::Named)),
        schemas,
    )
}

fn line(reader: &mut Reader<'_>, guests: Guests) -> Option<ReadLine> {
    let word = choice(&WORDS).read(reader, "kind")?;
    let kind = KINDS.iter().find(|kind| kind.word == word)?;
    (kind.read)(reader, guests)
}

/// Reads a line whose fields are in the booking itself. Its kind follows from them.
fn flat_line(reader: &mut Reader<'_>, guests: Guests) -> Option<ReadLine> {
    if reader.value("kind").is_some() {
        return line(reader, guests);
    }
    let has = |names: &[&str]| names.iter().any(|name| reader.has(name));
    if has(&["room_type_id", "hotel_id", "checkin_date"]) {
        stay(reader, guests)
    } else if has(&["event_id", "ticket_type_id", "seat_count"]) {
        ticket(reader, guests)
    } else if has(&["product_id"]) {
        product(reader, guests)
    } else if has(&["service_id"]) {
        service(reader, guests)
    } else if has(&["experience_id"]) {
        experience(reader, guests)
    } else if has(&["venue_id", "booking_date", "booking_time"]) {
        either(reader)
    } else {
        reader.at("lines").none("is required, unless the fields of one line are given at the top level")
    }
}
