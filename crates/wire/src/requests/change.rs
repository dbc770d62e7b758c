//! Changes of a booking: update, cancellation, status change.

use app::bookings::{NotesPatch, Patch, PersonPatch, StatusChange as Change};
use domain::ids::BookingId;
use domain::limits::{
    DURATION_MINUTES_MAX, DURATION_MINUTES_MIN, GUESTS_MAX, LABEL_CHARS_MAX, METADATA_BYTES_MAX, PARTY_MAX,
    PRODUCT_QUANTITY_MAX, ROOMS_MAX, TEXT_CHARS_MAX,
};
use domain::line::LinePatch;
use domain::status::Status;
use jiff::civil::{Date, Time};
use jiff::tz::Offset;

use super::booking::{KeyField, companions_text};
use super::kinds::{lines, lines_property};
use super::line::{Guests, SeatFields};
use super::shared::{contact_email, contact_phone, name};
use crate::declare::request;
use crate::kind::{Integer, Text, date, integer, json_object, maybe, replaced, text, time_of_day, word};
use crate::reader::Reader;
use crate::request::{Examples, Fields, Request};
use crate::schema::{Described, Schemas, any_of, request_object};

const fn version() -> Integer {
    integer(i64::MIN, i64::MAX, 1)
}

const fn reason() -> Text {
    text(0, TEXT_CHARS_MAX, "The flight was cancelled.")
}

request! {
    /// The fields of every update.
    pub struct CommonChanges {
        ..key: KeyField,
        /// The version that you last retrieved. If the booking has a different version, the request is refused.
        expected_version: Option<i64> = maybe(version()),
        /// The guest's name. Null removes it.
        guest_name: Option<Option<String>> = replaced(name("Jane Doe")),
        /// An email address. Null removes it.
        guest_email: Option<Option<String>> = replaced(contact_email()),
        /// A phone number of 7 to 15 digits. Null removes it.
        guest_phone: Option<Option<String>> = replaced(contact_phone()),
        /// Requests of the guest. Null removes them.
        special_requests: Option<Option<String>> = replaced(text(0, TEXT_CHARS_MAX, "A quiet room, please.")),
        /// Notes for the venue. Guests can neither write nor read them. Null removes them.
        internal_notes: Option<Option<String>> = replaced(text(0, TEXT_CHARS_MAX, "VIP")),
        /// The source of the booking. Null removes it.
        source: Option<Option<String>> = replaced(text(1, LABEL_CHARS_MAX, "website")),
        /// A JSON object for your own use, at most 4096 bytes. Null removes it.
        metadata: Option<Option<String>> = replaced(json_object(METADATA_BYTES_MAX, r#"{"campaign": "advent"}"#)),
    }
}

request! {
    /// Changes of the first line.
    pub struct LineFields {
        ..seats: SeatFields,
        /// For a stay.
        checkin_date: Option<Date> = maybe(date("2025-12-02")),
        /// For a stay.
        checkout_date: Option<Date> = maybe(date("2025-12-05")),
        /// For a stay.
        num_rooms: Option<i64> = maybe(integer(1, ROOMS_MAX, 1).ruled()),
        /// For a stay.
        num_guests: Option<i64> = maybe(integer(1, GUESTS_MAX, 2).ruled()),
        /// For a table or an experience.
        booking_date: Option<Date> = maybe(date("2025-12-07")),
        /// For a table or an experience.
        booking_time: Option<(Time, Option<Offset>)> = maybe(time_of_day("20:00")),
        /// For a table or an experience.
        duration_minutes: Option<i64> = maybe(integer(DURATION_MINUTES_MIN, DURATION_MINUTES_MAX, 120).ruled()),
        /// For a table or an experience.
        party_size: Option<i64> = maybe(integer(1, PARTY_MAX, 4).ruled()),
        /// For a product or a service.
        quantity: Option<i64> = maybe(integer(1, PRODUCT_QUANTITY_MAX, 2).ruled()),
    }
}

/// `PUT /bookings/{id}`.
#[expect(clippy::option_option, reason = "absent, removed and replaced are three things")]
pub struct BookingUpdate {
    common: CommonChanges,
    lines: Option<Vec<domain::line::LineRequest>>,
    line: LinePatch,
    companions: Option<Option<String>>,
}

impl BookingUpdate {
    /// Reads the body; `if_match` is the version in the header If-Match, which can replace `expected_version`.
    pub fn read_matching(reader: &mut Reader<'_>, if_match: Option<i64>) -> Option<Self> {
        let common = CommonChanges::read_fields(reader);
        let common = common.map(|common| common.matching(reader, if_match));
        if reader.mentions("lines") {
            let read = lines(reader, Guests::Named)?;
            let companions = Some(companions_text(&read.companions));
            return Some(Self {
                common: common?,
                lines: Some(read.lines),
                line: LinePatch::default(),
                companions,
            });
        }
        let line = LineFields::read_fields(reader)?.patch(reader)?;
        Some(Self { common: common?, lines: None, line, companions: None })
    }

    /// The change of this booking, and the idempotency key.
    pub fn of(self, booking: BookingId) -> (Patch, Option<String>) {
        let Self { common, lines, line, companions } = self;
        let person = PersonPatch {
            name: common.guest_name,
            email: common.guest_email,
            phone: common.guest_phone,
            companions,
        };
        let notes = NotesPatch {
            special_requests: common.special_requests,
            internal_notes: common.internal_notes,
            source: common.source,
            metadata: common.metadata,
        };
        let expected_version = common.expected_version.unwrap_or_default();
        (Patch { booking, expected_version, lines, line, person, notes }, common.key.idempotency_key)
    }
}

impl CommonChanges {
    /// With the version of the body or of the header, which must be equal.
    fn matching(self, reader: &mut Reader<'_>, if_match: Option<i64>) -> Self {
        match (self.expected_version, if_match) {
            (Some(version), Some(other)) if version != other => {
                reader.wrong("expected_version", "differs from the header If-Match");
            }
            (None, None) if !reader.has("expected_version") => {
                reader.wrong("expected_version", "is required");
            }
            _ => {}
        }
        Self { expected_version: self.expected_version.or(if_match), ..self }
    }
}

impl LineFields {
    fn patch(self, reader: &mut Reader<'_>) -> Option<LinePatch> {
        Some(LinePatch {
            checkin_date: self.checkin_date,
            checkout_date: self.checkout_date,
            num_rooms: self.num_rooms,
            num_guests: self.num_guests,
            booking_date: self.booking_date,
            booking_time: self.booking_time,
            duration_minutes: self.duration_minutes,
            party_size: self.party_size,
            seats: self.seats.choice(reader)?,
            quantity: self.quantity,
        })
    }
}

impl Request for BookingUpdate {
    const NAME: &'static str = "BookingUpdate";

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        Self::read_matching(reader, None)
    }

    fn schema(schemas: &mut Schemas) -> Described {
        let fields = "Changes of single fields; the others stay. Fields of a line change the first line. Null \
                      removes a \
                      text. The version may be sent in the header If-Match instead.";
        schemas.named(Self::NAME, |schemas| {
            let fields_update = schemas.named("FieldsUpdate", |schemas| {
                let mut properties = CommonChanges::properties(schemas);
                properties.extend(LineFields::properties(schemas));
                request_object(fields, properties)
            });
            let lines_update = schemas.named("LinesUpdate", |schemas| {
                let mut properties = CommonChanges::properties(schemas);
                properties.push(lines_property(schemas));
                request_object("As FieldsUpdate, with all lines replaced.", properties)
            });
            any_of("Changes to a booking.", [fields_update, lines_update])
        })
    }

    fn examples() -> Examples {
        super::examples::updates()
    }
}

request! {
    /// All fields are optional, and so is the body.
    pub struct Cancellation {
        ..key: KeyField,
        /// The version that you last retrieved. If the booking has a different version, the request is refused.
        expected_version: Option<i64> = maybe(version()),
        /// Why the booking is cancelled.
        reason: Option<String> = maybe(reason()),
        /// The same as `reason`, which wins if both are sent.
        cancellation_reason: Option<String> = maybe(reason()),
    }
    example "With a reason" {"expected_version": 1, "reason": "The flight was cancelled."};
}

impl Cancellation {
    /// The change of this booking, and the idempotency key.
    pub fn of(self, booking: BookingId) -> (Change, Option<String>) {
        let (expected_version, reason) = (self.expected_version, self.reason.or(self.cancellation_reason));
        (Change { booking, to: Status::Cancelled, expected_version, reason }, self.key.idempotency_key)
    }
}

request! {
    /// A new status for a booking.
    pub struct StatusChange {
        ..key: KeyField,
        /// The new status.
        status: Status = word(),
        /// The version that you last retrieved. If the booking has a different version, the request is refused.
        expected_version: Option<i64> = maybe(version()),
        /// Why the status changes.
        reason: Option<String> = maybe(text(0, TEXT_CHARS_MAX, "Arrived")),
    }
    example "The guest has arrived" {"status": "CHECKED_IN", "expected_version": 1};
}

impl StatusChange {
    /// The change of this booking, and the idempotency key.
    pub fn of(self, booking: BookingId) -> (Change, Option<String>) {
        let (to, expected_version, reason) = (self.status, self.expected_version, self.reason);
        (Change { booking, to, expected_version, reason }, self.key.idempotency_key)
    }
}
