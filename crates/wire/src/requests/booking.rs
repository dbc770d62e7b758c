//! A requested booking, individually or in an order: `lines`, or the fields of a single line at the top level.

use app::bookings::{Draft, OrderDraft};
use domain::booking::{Notes, Person};
use domain::ids::GuestId;
use domain::limits::{
    BOOKINGS_PER_ORDER_MAX, IDEMPOTENCY_KEY_CHARS_MAX, LABEL_CHARS_MAX, METADATA_BYTES_MAX, TEXT_CHARS_MAX,
};
use domain::line::LineRequest;
use domain::venue::VenueKind;
use serde_json::{Value, json};

use super::kinds::{lines, variants};
use super::line::{Guests, ReadLine};
use super::shared::{contact_email, contact_phone, name};
use crate::declare::request;
use crate::kind::{Kind, id, integer, json_object, list, maybe, text, word};
use crate::reader::{At, Reader};
use crate::request::{Examples, Fields, Request};
use crate::schema::{Described, Schemas, any_of, inline, one_of, request_object};

request! {
    /// The key of a request.
    pub struct KeyField {
        /// The same as the header Idempotency-Key, for clients that cannot set headers. If both are sent, they must
        /// be equal.
        idempotency_key: Option<String> =
            maybe(text(1, IDEMPOTENCY_KEY_CHARS_MAX, "0f8fad5b-d9cb-469f-a165-70867728950e")),
    }
}

request! {
    /// The fields of a booking other than its lines.
    pub struct Envelope {
        /// The guest. Only for businesses and admins; guests book for themselves.
        guest_id: Option<GuestId> = maybe(id()),
        /// The guest's name. Default for a stay: the first guest.
        guest_name: Option<String> = maybe(name("Jane Doe")),
        /// An email address.
        guest_email: Option<String> = maybe(contact_email()),
        /// A phone number of 7 to 15 digits.
        guest_phone: Option<String> = maybe(contact_phone()),
        /// Requests of the guest.
        special_requests: Option<String> = maybe(text(0, TEXT_CHARS_MAX, "A quiet room, please.")),
        /// Notes for the venue. Guests can neither write nor read them.
        internal_notes: Option<String> = maybe(text(0, TEXT_CHARS_MAX, "VIP")),
        /// The source of the booking.
        source: Option<String> = maybe(text(1, LABEL_CHARS_MAX, "website")),
        /// A JSON object for your own use, at most 4096 bytes.
        metadata: Option<String> = maybe(json_object(METADATA_BYTES_MAX, r#"{"campaign": "advent"}"#)),
        /// The expected price. If the price differs, the booking is refused.
        expected_total: Option<i64> = maybe(ExpectedTotal),
        /// The kind of venue. Accepted for compatibility and ignored.
        venue_type: Option<VenueKind> = maybe(word()),
        /// The name of the venue. It may be sent but is not used.
        venue_name: Option<String> = maybe(text(0, TEXT_CHARS_MAX, "Bistro Kranich")),
    }
}

/// `POST /bookings`.
pub struct NewBooking {
    pub asked: OrderDraft,
    pub key: Option<String>,
}

impl Request for NewBooking {
    const NAME: &'static str = "NewBooking";

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let key = KeyField::read_fields(reader);
        let draft = draft(reader)?;
        let asked = OrderDraft { bookings: vec![draft], grouped: false };
        Some(Self { asked, key: key?.idempotency_key })
    }

    fn schema(schemas: &mut Schemas) -> Described {
        let lead = |schemas: &mut Schemas| {
            let mut lead = KeyField::properties(schemas);
            lead.extend(Envelope::properties(schemas));
            lead
        };
        let says = "A booking, with `lines`, or with the fields of a single line at the top level.";
        schemas.named(Self::NAME, |schemas| any_of(says, variants(schemas, "Booking", Guests::Named, lead)))
    }

    fn examples() -> Examples {
        super::examples::bookings()
    }
}

/// `POST /orders`: several bookings, all or none.
pub struct NewOrder {
    pub asked: OrderDraft,
    pub key: Option<String>,
}

request! {
    /// Bookings that are created together or not at all. They can be at different venues.
    pub struct OrderFields {
        ..key: KeyField,
        /// The bookings.
        bookings: Vec<Draft> = list(1, BOOKINGS_PER_ORDER_MAX, BookingInOrder),
    }
}

impl Request for NewOrder {
    const NAME: &'static str = "NewOrder";

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let OrderFields { key, bookings } = OrderFields::read_fields(reader)?;
        Some(Self { asked: OrderDraft { bookings, grouped: true }, key: key.idempotency_key })
    }

    fn schema(schemas: &mut Schemas) -> Described {
        schemas.named(Self::NAME, |schemas| {
            request_object(OrderFields::SAYS.trim(), OrderFields::properties(schemas))
        })
    }

    fn examples() -> Examples {
        super::examples::orders()
    }
}

struct BookingInOrder;

impl Kind for BookingInOrder {
    type Value = Draft;

    fn parse(&self, value: &Value, at: &mut At<'_>) -> Option<Draft> {
        at.object(value, draft)
    }

    fn schema(&self, schemas: &mut Schemas) -> Described {
        schemas.named("BookingInOrder", |schemas| {
            any_of(
                "A booking of an order.",
                variants(schemas, "InOrder", Guests::Named, Envelope::properties),
            )
        })
    }
}

/// `POST /bookings/availability/check`.
pub struct AvailabilityCheck(pub Vec<LineRequest>);

impl Request for AvailabilityCheck {
    const NAME: &'static str = "AvailabilityCheck";

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        lines(reader, Guests::MayBeUnnamed).map(|read| Self(read.lines))
    }

    fn schema(schemas: &mut Schemas) -> Described {
        schemas.named(Self::NAME, |schemas| {
            let checks = variants(schemas, "Check", Guests::MayBeUnnamed, |_| Vec::new());
            any_of("What is looked for: `lines`, or the fields of one line.", checks)
        })
    }

    fn examples() -> Examples {
        super::examples::checks()
    }
}

fn draft(reader: &mut Reader<'_>) -> Option<Draft> {
    let envelope = Envelope::read_fields(reader);
    let ReadLine { lines, companions } = lines(reader, Guests::Named)?;
    let envelope = envelope?;
    let first = companions.first().and_then(|companion| companion.get("name")).and_then(Value::as_str);
    Some(Draft {
        base: reader.base.clone(),
        lines,
        guest: envelope.guest_id,
        person: Person {
            name: envelope.guest_name.or_else(|| first.map(str::to_owned)),
            email: envelope.guest_email,
            phone: envelope.guest_phone,
            companions: companions_text(&companions),
        },
        notes: Notes {
            special_requests: envelope.special_requests,
            internal_notes: envelope.internal_notes,
            source: envelope.source,
            metadata: envelope.metadata,
        },
        expected_total_minor: envelope.expected_total,
    })
}

/// The companions in the form stored with the booking.
pub fn companions_text(companions: &[Value]) -> Option<String> {
    (!companions.is_empty()).then(|| json!(companions).to_string())
}

/// An amount in minor units, as a number or as money.
struct ExpectedTotal;

request! {
    /// An amount of money.
    pub struct ExpectedMoney {
        /// In minor units.
        amount: i64 = integer(i64::MIN, i64::MAX, 51_800),
        /// The venue's currency.
        currency: Option<String> = maybe(text(3, 3, "EUR")),
    }
}

impl Kind for ExpectedTotal {
    type Value = i64;

    fn parse(&self, value: &Value, at: &mut At<'_>) -> Option<i64> {
        match value {
            Value::Object(_) => at.object(value, ExpectedMoney::read_fields).map(|money| money.amount),
            other => other.as_i64().or_else(|| at.none("must be an amount in minor units")),
        }
    }

    fn schema(&self, schemas: &mut Schemas) -> Described {
        let amount = Kind::schema(&integer(i64::MIN, i64::MAX, 51_800), schemas);
        let money = request_object(ExpectedMoney::SAYS.trim(), ExpectedMoney::properties(schemas));
        inline(one_of([amount, money.into()]))
    }
}
