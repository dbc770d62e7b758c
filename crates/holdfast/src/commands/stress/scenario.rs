//! What each scenario sells.

use std::net::SocketAddr;

use anyhow::{Context as _, ensure};
use app::identity::offline::{Offline, Somebody};
use app::tokens::TokenSettings;
use domain::ids::{BusinessId, PersonId};
use domain::permission::MemberRole;
use domain::time::DAY_MS;
use serde_json::{Value, json};
use store::seam::Role as ConnectionRole;
use store::{Connection, Database};
use uuid::Uuid;

use super::exchange::post;
use crate::cli::{Scenario, Stress};
use crate::settings::Settings;

/// Units of an offering that must not sell out.
const PLENTY: u64 = 1_000_000_000;
const SPREAD_POOLS: usize = 10_000;
const HOTELS: usize = 625;
const ROOM_TYPES_PER_HOTEL: usize = 4;
/// Rooms of each type: enough for any run, so that `stay` measures claims and not refusals.
const ROOMS: u64 = 100_000;
/// Lifetime of the buyers' tokens, in milliseconds.
const TOKEN_MS: i64 = DAY_MS;

/// The business of the stress venues. It creates bookings for guests that it names, as a front desk or a shop does.
const BUSINESS: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_00f0);
/// The first member of its staff; the others have the following numbers.
const STAFF: u128 = 0x0190_0000_0000_7000_8000_0001_0000_0000;

/// Signs in a member of the stress venues' staff for each connection, directly in the database, before a server opens
/// it. The first of them manages the catalogue.
pub fn sign_in(database: &Database, connections: usize, settings: &Settings) -> anyhow::Result<Vec<String>> {
    let mut connection = Connection::open(database, ConnectionRole::Writer)?;
    let now = store::clock::system_now();
    let tokens = TokenSettings { access_ms: TOKEN_MS, ..settings.tokens() };
    let offline = Offline::open(&mut connection, settings.secret(), tokens, now)?;
    let staff = (0..connections.max(1) as u128).map(|number| Somebody {
        person: PersonId(Uuid::from_u128(STAFF + number)),
        is_admin: false,
        member: Some((
            BusinessId(BUSINESS),
            if number == 0 { MemberRole::Manager } else { MemberRole::FrontDesk },
        )),
    });
    let staff: Vec<Somebody> = staff.collect();
    eprintln!("signing in {} people", staff.len());
    offline.sign_in(&mut connection, &staff, now).context("cannot sign the buyers in")
}

/// What is sold, and the tokens: a different one on each connection.
pub struct House {
    pub scenario: Scenario,
    pub tokens: Vec<String>,
    /// The codes that buyers choose from.
    pub codes: Vec<String>,
}

impl House {
    /// The same for buyers that only send previews.
    pub fn looking(&self) -> Self {
        Self { scenario: Scenario::Echo, tokens: self.tokens.clone(), codes: self.codes.clone() }
    }

    pub fn name(&self) -> &'static str {
        match self.scenario {
            Scenario::Hot => "hot",
            Scenario::Spread => "spread",
            Scenario::Stay => "stay",
            Scenario::Sellout => "sellout",
            Scenario::Echo => "echo",
        }
    }
}

/// Adds the scenario's catalogue, unless an earlier run did.
pub fn furnish(address: SocketAddr, asked: &Stress, tokens: Vec<String>) -> anyhow::Result<House> {
    let token = tokens.first().context("nobody is signed in")?;
    let (catalogue, codes) = catalogue(asked);
    eprintln!("adding {} offerings", codes.len());
    let (status, body) = post(address, "/api/v1/catalogue", token, &catalogue.to_string())?;
    let known = status == 409 && body.contains("code-taken") && asked.scenario != Scenario::Sellout;
    ensure!(status == 201 || known, "the catalogue was refused with {status}: {body}");
    Ok(House { scenario: asked.scenario, tokens, codes })
}

fn catalogue(asked: &Stress) -> (Value, Vec<String>) {
    match asked.scenario {
        Scenario::Hot | Scenario::Echo => tickets("stress-hot", 1, PLENTY),
        Scenario::Spread => tickets("stress-spread", SPREAD_POOLS, PLENTY),
        // Units are sold once, so every run has its own.
        Scenario::Sellout => tickets(&format!("sellout-{}", store::clock::system_now().0), 1, asked.units),
        Scenario::Stay => hotels(),
    }
}

fn tickets(code: &str, count: usize, capacity: u64) -> (Value, Vec<String>) {
    let codes: Vec<String> = (0..count).map(|number| format!("{code}-{number}")).collect();
    let pool = |code: &String| json!({"ref": code, "name": code, "kind": "quantity", "capacity": capacity});
    let offering = |code: &String| json!({"code": code, "kind": "ticket", "name": code, "unit_price": 2_500, "pool_id": code});
    let venue = json!({
        "code": code, "kind": "event", "name": code, "time_zone": "Europe/Berlin", "currency": "EUR",
        "pools": codes.iter().map(pool).collect::<Vec<_>>(),
        "offerings": codes.iter().map(offering).collect::<Vec<_>>(),
    });
    (json!({ "venues": [venue] }), codes)
}

fn hotels() -> (Value, Vec<String>) {
    let mut codes = Vec::with_capacity(HOTELS * ROOM_TYPES_PER_HOTEL);
    let mut venues = Vec::with_capacity(HOTELS);
    for hotel in 0..HOTELS {
        let of_hotel: Vec<String> =
            (0..ROOM_TYPES_PER_HOTEL).map(|room| format!("stress-room-{hotel}-{room}")).collect();
        let pool = |code: &String| json!({"ref": code, "name": code, "kind": "nightly", "capacity": ROOMS});
        let offering = |code: &String| {
            json!({
                "code": code, "kind": "stay", "name": code, "unit_price": 9_900, "party_max": 2, "pool_id": code,
            })
        };
        venues.push(json!({
            "code": format!("stress-hotel-{hotel}"), "kind": "hotel", "name": format!("Hotel {hotel}"),
            "time_zone": "Europe/Lisbon", "currency": "EUR",
            "pools": of_hotel.iter().map(pool).collect::<Vec<_>>(),
            "offerings": of_hotel.iter().map(offering).collect::<Vec<_>>(),
        }));
        codes.extend(of_hotel);
    }
    (json!({ "venues": venues }), codes)
}

/// The number of stored bookings.
pub fn stored_bookings(database: &Database) -> anyhow::Result<u64> {
    let mut connection = Connection::open(database, ConnectionRole::Reader)?;
    let stored = store::verify::stored_bookings(&mut connection).context("cannot count the bookings")?;
    Ok(stored.unsigned_abs())
}
