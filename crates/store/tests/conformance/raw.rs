//! Rows written without the rules, for tests that need many, or invalid ones.

use domain::ids::{GuestId, VenueId};
use domain::time::Instant;
use store::seam::{Param, Rows};
use store::{Connection, jobs};

use super::sample::{self, NIGHT, NOW, VENUE, booking, guest};

/// Raw bookings are spread over as many segments, so that a query for them has to look through all.
const RUNS: u64 = 3;

#[derive(Debug, Clone, Copy)]
pub struct RawBooking {
    pub number: u64,
    pub guest: GuestId,
    pub venue: VenueId,
    pub day: i64,
    pub status: &'static str,
    pub expires: Option<Instant>,
}

impl RawBooking {
    pub fn new(number: u64) -> Self {
        Self { number, guest: guest(number), venue: VENUE, day: NIGHT, status: "CONFIRMED", expires: None }
    }

    pub fn hold(number: u64, expires: Instant) -> Self {
        Self { status: "PENDING", expires: Some(expires), ..Self::new(number) }
    }
}

pub fn insert(connection: &mut Connection, bookings: &[RawBooking]) {
    let mut rows = Rows::new(9, bookings.len());
    for raw in bookings {
        rows.push([
            Param::Id(booking(raw.number).0),
            Param::Int(raw.number.cast_signed()),
            Param::Id(raw.venue.0),
            Param::Id(raw.guest.0),
            raw.status.into(),
            Param::Int(raw.day),
            raw.expires.into(),
            NOW.into(),
            Param::Int((raw.number % RUNS).cast_signed()),
        ]);
    }
    connection
        .write_many(
            "insert into bookings (id, reference_number, venue_id, guest_id, status, version, starts_on, party_size, \
             currency, base_minor, tax_minor, discount_minor, total_minor, created_at, updated_at, expires_at, segment) \
             values ($1, $2, $3, $4, $5, 1, $6, 2, 'EUR', 0, 0, 0, 0, $8, $8, $7, $9)",
            &rows,
        )
        .unwrap();
}

/// Each booking claims one unit of the slot.
pub fn claim(
    connection: &mut Connection,
    numbers: impl Iterator<Item = u64>,
    (pool, slot): (domain::ids::PoolId, i64),
) {
    let mut rows = Rows::new(3, 0);
    for number in numbers {
        rows.push([Param::Id(booking(number).0), Param::Id(pool.0), Param::Int(slot)]);
    }
    connection
        .write_many(
            "insert into claims (booking_id, claim, line, pool_id, slot_first, slot_last, units) \
             values ($1, 0, 0, $2, $3, $3, 1)",
            &rows,
        )
        .unwrap();
}

/// Keys that expire one after another.
pub fn keys(connection: &mut Connection, count: u64) {
    let texts: Vec<String> = (0..count).map(|number| format!("key-{number}")).collect();
    let mut rows = Rows::new(4, texts.len());
    for (number, text) in (0..).zip(&texts) {
        let caller = sample::id(0xaa, number % 50);
        rows.push([Param::Id(caller), text.into(), (NOW + number.cast_signed()).into(), Param::Bytes(b"x")]);
    }
    connection
        .write_many(
            "insert into idempotency_keys (caller, operation, key, request_hash, answer_status, answer_body, created_at, \
             expires_at) values ($1, 'create', $2, $4, 201, $4, 0, $3)",
            &rows,
        )
        .unwrap();
}

/// Jobs of every state, one after another.
pub fn jobs(connection: &mut Connection, count: u64) {
    let mut rows = Rows::new(8, 0);
    for number in 0..count {
        let state = jobs::State::ALL[usize::try_from(number % 5).unwrap()];
        let running = state == jobs::State::Running;
        rows.push([
            Param::Id(sample::id(0x0e, number)),
            Param::Bytes(b"x"),
            state.as_str().into(),
            NOW.into(),
            Param::Int(i64::from(state != jobs::State::Waiting)),
            running.then_some(sample::id(0x0f, 1)).into(),
            running.then_some(NOW).into(),
            state.is_over().then_some(NOW + number.cast_signed()).into(),
        ]);
    }
    connection
        .write_many(
            "insert into jobs (id, kind, payload, state, run_at, attempts, attempts_max, in_doubt, locked_by, locked_until, \
             created_at, finished_at) values ($1, 'k', $2, $3, $4, $5, 3, 0, $6, $7, $4, $8)",
            &rows,
        )
        .unwrap();
}
