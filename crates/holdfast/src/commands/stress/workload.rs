//! The buyers: each request has its own idempotency key and guest, and each response is checked.

use std::io::Write as _;

use bench::{Verdict, Workload};
use jiff::ToSpan;
use jiff::civil::Date;
use uuid::Uuid;
use uuid::fmt::Hyphenated;

use super::scenario::House;
use crate::cli::Scenario;

/// Stays begin within this many nights.
const STAY_WINDOW_NIGHTS: u64 = 90;
const STAY_NIGHTS: i64 = 4;
/// Added to the numbers of warm-up requests, so that their keys and guests differ from the measured ones.
const WARM_UP_BASE: u64 = 1 << 40;

pub struct Buyers<'a> {
    house: &'a House,
    number_base: u64,
    /// The milliseconds at the start of all keys of this run, so that keys sort by time, like `UUIDv7`.
    run_ms: i64,
    days: Vec<(Date, Date)>,
    /// The beginning of every request, by connection.
    heads: Vec<String>,
}

impl<'a> Buyers<'a> {
    pub fn new(house: &'a House, number_base: u64) -> Self {
        let now = store::clock::system_now();
        let tomorrow = now.date_in(&jiff::tz::TimeZone::UTC).saturating_add(1.day());
        let stay = |night: u64| {
            let checkin = tomorrow.saturating_add(i64::try_from(night).unwrap_or(0).days());
            (checkin, checkin.saturating_add(STAY_NIGHTS.days()))
        };
        let path =
            if house.scenario == Scenario::Echo { "/api/v1/bookings/preview" } else { "/api/v1/bookings" };
        let head = |token: &String| {
            format!(
                "POST {path} HTTP/1.1\r\nhost: holdfast\r\nauthorization: Bearer {token}\r\n\
                 content-type: application/json\r\n"
            )
        };
        let heads = house.tokens.iter().map(head).collect();
        Self { house, number_base, run_ms: now.0, days: (0..STAY_WINDOW_NIGHTS).map(stay).collect(), heads }
    }

    /// The same buyers with other numbers.
    pub fn warming_up(&self) -> Self {
        let number_base = self.number_base + WARM_UP_BASE;
        Self {
            house: self.house,
            number_base,
            run_ms: self.run_ms,
            days: self.days.clone(),
            heads: self.heads.clone(),
        }
    }

    fn write_body(&self, number: u64, out: &mut Vec<u8>) -> std::io::Result<()> {
        // A well-distributed choice without a random generator.
        let chance = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
        let code = usize::try_from(chance)
            .ok()
            .and_then(|chance| self.house.codes.get(chance % self.house.codes.len()));
        let code = code.map_or("", String::as_str);
        match self.house.scenario {
            Scenario::Hot | Scenario::Spread | Scenario::Sellout | Scenario::Echo => {
                write!(out, "{{\"event_id\":\"{code}\",\"seat_count\":1")?;
            }
            Scenario::Stay => {
                let day = usize::try_from((chance >> 16) % STAY_WINDOW_NIGHTS).unwrap_or(0);
                let Some((checkin, checkout)) = self.days.get(day) else { return Ok(()) };
                write!(
                    out,
                    "{{\"room_type_id\":\"{code}\",\"checkin_date\":\"{checkin}\",\"checkout_date\":\"{checkout}\",\
                     \"num_rooms\":1,\"num_guests\":1,\"guests\":[{{\"name\":\"Guest {number}\",\"age\":40}}]"
                )?;
            }
        }
        write!(
            out,
            ",\"guest_name\":\"Guest {number}\",\"guest_email\":\"guest-{number}@example.com\",\
             \"guest_phone\":\"+49 30 12345678\"}}"
        )
    }
}

impl Workload for &Buyers<'_> {
    fn write_request(&self, number: u64, connection: usize, out: &mut Vec<u8>) {
        let number = self.number_base + number;
        let head = self.heads.get(connection % self.heads.len().max(1)).map_or("", String::as_str);
        out.extend_from_slice(head.as_bytes());
        let _ = write!(out, "idempotency-key: \"{}\"\r\n", key(self.run_ms, number));
        let length_at = out.len();
        out.extend_from_slice(b"content-length: 0000\r\n\r\n");
        let body_at = out.len();
        let _ = self.write_body(number, out);
        let length = out.len() - body_at;
        let digits = format!("{length:04}");
        if let Some(place) = out.get_mut(length_at + 16..length_at + 20) {
            place.copy_from_slice(digits.as_bytes());
        }
    }

    /// A response counts as sold if it is complete and confirms the booking of this guest.
    fn judge(&self, number: u64, status: u16, body: &[u8]) -> Verdict {
        let number = self.number_base + number;
        let expected = if self.house.scenario == Scenario::Echo { 200 } else { 201 };
        let Ok(text) = std::str::from_utf8(body) else { return Verdict::Error };
        let own = || {
            let mut email = [0_u8; 64];
            let mut rest = &mut email[..];
            let written = write!(rest, "\"guest_email\":\"guest-{number}@example.com\"").is_ok();
            let left = rest.len();
            let email = email.get(..64 - left).unwrap_or_default();
            written && std::str::from_utf8(email).is_ok_and(|email| text.contains(email))
        };
        match status {
            _ if status == expected && text.ends_with('}') && text.contains("\"CONFIRMED\"") && own() => {
                Verdict::Sold
            }
            409 if text.contains("/problems/unavailable") => Verdict::Refused,
            _ => Verdict::Error,
        }
    }
}

/// A `UUIDv7` with the run's time and the request's number, so that keys sort in the order of sending.
fn key(run_ms: i64, number: u64) -> Hyphenated {
    let time = u128::from(run_ms.unsigned_abs()) << 80;
    Uuid::from_u128(time | (0x7 << 76) | (0b10 << 62) | u128::from(number)).hyphenated()
}
