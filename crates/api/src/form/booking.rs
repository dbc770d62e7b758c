//! A booking as it is asked for, alone or in an order.

use app::bookings::{Draft, OrderDraft};
use domain::booking::{Notes, Person};
use domain::ids::GuestId;
use domain::limits::{
    BOOKINGS_PER_ORDER_MAX, EMAIL_CHARS_MAX, IDEMPOTENCY_KEY_CHARS_MAX, LABEL_CHARS_MAX,
    LINES_PER_BOOKING_MAX, METADATA_BYTES_MAX, NAME_CHARS_MAX, NAME_CHARS_MIN, TEXT_CHARS_MAX,
};
use domain::venue::VenueKind;
use serde_json::Value;

use super::Form;
use super::line::{Guests, ReadLine, companions_text, flat_line, line};

/// A request with the key its body holds.
pub struct WithKey<T> {
    pub asked: T,
    pub key: Option<String>,
}

/// `POST /bookings`: one booking.
pub fn one(form: &mut Form<'_>) -> Option<WithKey<OrderDraft>> {
    let key = key(form);
    let draft = draft(form)?;
    Some(WithKey { asked: OrderDraft { bookings: vec![draft], grouped: false }, key })
}

/// `POST /orders`: several bookings, all or nothing.
pub fn order(form: &mut Form<'_>) -> Option<WithKey<OrderDraft>> {
    let key = key(form);
    let bookings = form.objects("bookings", (1, BOOKINGS_PER_ORDER_MAX), draft);
    let bookings = form.required("bookings", bookings)?;
    Some(WithKey { asked: OrderDraft { bookings, grouped: true }, key })
}

pub fn key(form: &mut Form<'_>) -> Option<String> {
    form.text("idempotency_key", 1, IDEMPOTENCY_KEY_CHARS_MAX)
}

pub fn draft(form: &mut Form<'_>) -> Option<Draft> {
    let guest: Option<GuestId> = form.id("guest_id");
    let mut person = person(form);
    let notes = notes(form);
    let expected_total_minor = expected_total(form);
    // Said by some clients beside the venue's id; the venue itself knows better.
    form.word("venue_type", VenueKind::WORDS, VenueKind::from_word);
    form.text("venue_name", 0, TEXT_CHARS_MAX);
    let ReadLine { lines, companions } = lines(form, Guests::Named)?;
    person.companions = companions_text(&companions);
    if person.name.is_none() {
        let first = companions.first().and_then(|companion| companion.get("name")).and_then(Value::as_str);
        person.name = first.map(str::to_owned);
    }
    Some(Draft { base: form.base.clone(), lines, guest, person, notes, expected_total_minor })
}

/// The lines: listed, or one written flat.
pub fn lines(form: &mut Form<'_>, guests: Guests) -> Option<ReadLine> {
    if !form.mentions("lines") {
        return flat_line(form, guests);
    }
    let read = form.objects("lines", (1, LINES_PER_BOOKING_MAX), |form| line(form, guests));
    let mut all = ReadLine::default();
    for line in form.required("lines", read)? {
        all.lines.extend(line.lines);
        all.companions.extend(line.companions);
    }
    Some(all)
}

fn person(form: &mut Form<'_>) -> Person {
    Person {
        name: form.text("guest_name", NAME_CHARS_MIN, NAME_CHARS_MAX),
        email: email(form),
        phone: phone(form),
        companions: None,
    }
}

pub fn email(form: &mut Form<'_>) -> Option<String> {
    email_in(form, "guest_email")
}

pub fn email_in(form: &mut Form<'_>, name: &'static str) -> Option<String> {
    let text = form.text(name, 3, EMAIL_CHARS_MAX)?;
    let shaped = text.split_once('@').is_some_and(|(mailbox, host)| {
        !mailbox.is_empty() && !host.is_empty() && !host.contains('@') && !text.contains(char::is_whitespace)
    });
    if !shaped {
        form.wrong(name, "must be an e-mail address");
    }
    shaped.then_some(text)
}

pub fn phone(form: &mut Form<'_>) -> Option<String> {
    phone_in(form, "guest_phone")
}

pub fn phone_in(form: &mut Form<'_>, name: &'static str) -> Option<String> {
    let text = form.text(name, 7, 24)?;
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let others = text.chars().skip(usize::from(text.starts_with('+')));
    let shaped =
        (7..=15).contains(&digits) && others.into_iter().all(|c| c.is_ascii_digit() || " -().".contains(c));
    if !shaped {
        form.wrong(name, "must be a phone number like +49 30 1234567");
    }
    shaped.then_some(text)
}

fn notes(form: &mut Form<'_>) -> Notes {
    Notes {
        special_requests: form.text("special_requests", 0, TEXT_CHARS_MAX),
        internal_notes: form.text("internal_notes", 0, TEXT_CHARS_MAX),
        source: form.text("source", 1, LABEL_CHARS_MAX),
        metadata: form.json_object("metadata", METADATA_BYTES_MAX),
    }
}

/// What the caller believes the booking costs: an amount in minor units, or money.
fn expected_total(form: &mut Form<'_>) -> Option<i64> {
    let value = form.value("expected_total")?;
    let amount = match value {
        Value::Object(money) => {
            let base = domain::field::pointer(&form.base, "expected_total");
            let mut money = Form::new(money, base, form.errors);
            let amount = money.integer("amount");
            let amount = money.required("amount", amount);
            money.text("currency", 3, 3);
            money.finish();
            return amount;
        }
        other => other.as_i64(),
    };
    if amount.is_none() {
        form.wrong("expected_total", "must be an amount in minor units");
    }
    amount
}
