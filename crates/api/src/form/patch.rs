//! Changes of a booking: update, cancel, status.

use app::bookings::{NotesPatch, Patch, PersonPatch, StatusChange};
use domain::ids::BookingId;
use domain::limits::{LABEL_CHARS_MAX, METADATA_BYTES_MAX, NAME_CHARS_MAX, NAME_CHARS_MIN, TEXT_CHARS_MAX};
use domain::line::LinePatch;
use domain::status::{ALL, Status};

use super::Form;
use super::booking::{WithKey, email, key, lines, phone};
use super::line::{Guests, companions_text, seats};

/// `PUT /bookings/{id}`. `if_match` is the version of the header If-Match, which may stand for `expected_version`.
pub fn update(form: &mut Form<'_>, booking: BookingId, if_match: Option<i64>) -> Option<WithKey<Patch>> {
    let key = key(form);
    let in_body = form.integer("expected_version");
    if in_body.is_some_and(|version| if_match.is_some_and(|other| other != version)) {
        form.wrong("expected_version", "differs from the header If-Match");
    }
    let version = in_body.or(if_match);
    let expected_version = form.required("expected_version", version);
    let mut person = person(form);
    let notes = notes(form);
    let (lines, line) = if form.mentions("lines") {
        let read = lines(form, Guests::Named)?;
        person.companions = Some(companions_text(&read.companions));
        (Some(read.lines), LinePatch::default())
    } else {
        (None, line(form))
    };
    let expected_version = expected_version?;
    Some(WithKey { asked: Patch { booking, expected_version, lines, line, person, notes }, key })
}

/// `POST /bookings/{id}/cancel`.
#[expect(clippy::unnecessary_wraps, reason = "a reader of a form is what all the others are")]
pub fn cancel(form: &mut Form<'_>, booking: BookingId) -> Option<WithKey<StatusChange>> {
    let key = key(form);
    let expected_version = form.integer("expected_version");
    let reason = form.text("reason", 0, TEXT_CHARS_MAX);
    let reason = reason.or_else(|| form.text("cancellation_reason", 0, TEXT_CHARS_MAX));
    form.value("cancellation_reason");
    Some(WithKey { asked: StatusChange { booking, to: Status::Cancelled, expected_version, reason }, key })
}

/// `POST /bookings/{id}/status`.
pub fn status(form: &mut Form<'_>, booking: BookingId) -> Option<WithKey<StatusChange>> {
    let key = key(form);
    let words: Vec<&str> = ALL.iter().map(|status| status.as_str()).collect();
    let to = form.word("status", &words, |word| word.parse().ok());
    let to = form.required("status", to);
    let expected_version = form.integer("expected_version");
    let reason = form.text("reason", 0, TEXT_CHARS_MAX);
    Some(WithKey { asked: StatusChange { booking, to: to?, expected_version, reason }, key })
}

fn line(form: &mut Form<'_>) -> LinePatch {
    LinePatch {
        checkin_date: form.date("checkin_date"),
        checkout_date: form.date("checkout_date"),
        num_rooms: form.integer("num_rooms"),
        num_guests: form.integer("num_guests"),
        booking_date: form.date("booking_date"),
        booking_time: form.time("booking_time"),
        duration_minutes: form.integer("duration_minutes"),
        party_size: form.integer("party_size"),
        seats: seats(form),
        quantity: form.integer("quantity"),
    }
}

/// A field that is there replaces the old value, and null removes it.
#[expect(clippy::option_option, reason = "absent, null and a value are three things")]
fn replaced<T>(
    form: &mut Form<'_>,
    name: &'static str,
    read: impl FnOnce(&mut Form<'_>) -> Option<T>,
) -> Option<Option<T>> {
    let mentioned = form.mentions(name);
    let value = read(form);
    mentioned.then_some(value)
}

fn person(form: &mut Form<'_>) -> PersonPatch {
    PersonPatch {
        name: replaced(form, "guest_name", |form| form.text("guest_name", NAME_CHARS_MIN, NAME_CHARS_MAX)),
        email: replaced(form, "guest_email", email),
        phone: replaced(form, "guest_phone", phone),
        companions: None,
    }
}

fn notes(form: &mut Form<'_>) -> NotesPatch {
    let text = |form: &mut Form<'_>, name| replaced(form, name, |form| form.text(name, 0, TEXT_CHARS_MAX));
    NotesPatch {
        special_requests: text(form, "special_requests"),
        internal_notes: text(form, "internal_notes"),
        source: replaced(form, "source", |form| form.text("source", 1, LABEL_CHARS_MAX)),
        metadata: replaced(form, "metadata", |form| form.json_object("metadata", METADATA_BYTES_MAX)),
    }
}
