//! Requested lines, with defaults for irrelevant fields.

use domain::line::{Ask, Scheduled, SeatChoice, SeatingAsk, SeatingKind, StayDates};
use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::world::code;

pub fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// One room for two guests.
pub fn stay(room_type: &str, checkin: &str, nights: i64) -> Ask {
    rooms(room_type, checkin, nights, (1, 2))
}

pub fn rooms(room_type: &str, checkin: &str, nights: i64, (rooms, guests): (i64, i64)) -> Ask {
    let checkin = day(checkin);
    let dates = StayDates { checkin, checkout: checkin.saturating_add(nights.days()) };
    Ask::Stay { hotel: None, room_type: code(room_type), dates, rooms, guests }
}

/// A table of the bistro for walk-ins.
pub fn table(when: &str, party_size: i64) -> SeatingAsk {
    let when: jiff::civil::DateTime = when.parse().unwrap();
    SeatingAsk {
        kind: SeatingKind::Table,
        venue: Some(code("bistro")),
        item: None,
        date: when.date(),
        time: when.time(),
        offset: None,
        duration_minutes: None,
        party_size,
    }
}

pub fn dinner(when: &str, party_size: i64) -> Ask {
    Ask::Seating(table(when, party_size))
}

pub fn tasting(when: &str, party_size: i64) -> Ask {
    let item = Some(code("tasting"));
    Ask::Seating(SeatingAsk { kind: SeatingKind::Experience, venue: None, item, ..table(when, party_size) })
}

/// A booth of the bar, for any duration.
pub fn booth(when: &str) -> SeatingAsk {
    SeatingAsk { venue: Some(code("bar")), ..table(when, 2) }
}

pub fn tickets(ticket_type: &str, count: i64) -> Ask {
    seats(ticket_type, SeatChoice::Best { count, together: false })
}

pub fn together(ticket_type: &str, count: i64) -> Ask {
    seats(ticket_type, SeatChoice::Best { count, together: true })
}

pub fn named(ticket_type: &str, labels: &[&str]) -> Ask {
    seats(ticket_type, SeatChoice::Named(labels.iter().map(ToString::to_string).collect()))
}

pub fn seats(ticket_type: &str, seats: SeatChoice) -> Ask {
    Ask::Ticket { event: code(ticket_type), ticket_type: None, seats }
}

pub fn product(name: &str, quantity: i64) -> Ask {
    Ask::Product { product: code(name), quantity }
}

pub fn service(name: &str, quantity: i64, scheduled_for: Option<Scheduled>) -> Ask {
    Ask::Service { service: code(name), quantity, scheduled_for }
}
