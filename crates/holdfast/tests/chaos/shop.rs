//! The catalogue of these tests, and the requests that book from it: each with its own key and guest.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};

use app::identity::offline::{Offline, Somebody};
use app::tokens::TokenSettings;
use domain::ids::{BusinessId, PersonId};
use domain::permission::MemberRole;
use domain::time::DAY_MS;
use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::{Value, json};
use store::seam::Role;
use store::{Connection, Database};
use testkit::SeededChance;
use uuid::Uuid;

use super::crowd::Attempt;
use super::http::{Act, Call, Reply, exchange};

pub const SECRET: &str = "a secret of at least thirty-two bytes";
const OWNER: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0003);
const GUESTS: u128 = 0x0190_0000_0000_7000_8000_0001_0000_0000;
/// Guests with a session, used in turn.
const GUESTS_COUNT: u128 = 64;

/// Rounds with their own scarce offering, so that each sees it sell out.
pub const ROUNDS: usize = 40;
/// Tickets of a round's scarce event.
pub const SCARCE_UNITS: usize = 60;
const PLENTY_UNITS: usize = 1_000_000;
/// Rooms of a round's own type.
const ROOMS: usize = 12;
const NIGHTS: u64 = 30;

pub struct Shop {
    owner: String,
    guests: Vec<String>,
    /// The first night on sale.
    opens: Date,
    numbers: AtomicU64,
}

impl Shop {
    /// Signs the owner and guests in directly in the database, whether or not a server has it open.
    pub fn open(database: &Database) -> Self {
        let now = store::clock::system_now();
        let mut connection = Connection::open(database, Role::Writer).unwrap();
        let tokens = TokenSettings { access_ms: DAY_MS, ..TokenSettings::default() };
        let offline = Offline::open(&mut connection, SECRET.as_bytes(), tokens, now).unwrap();
        let somebody = |id, member| Somebody { person: PersonId(id), is_admin: false, member };
        let owner = somebody(OWNER, Some((BusinessId(OWNER), MemberRole::Owner)));
        let guests = (0..GUESTS_COUNT).map(|number| somebody(Uuid::from_u128(GUESTS + number), None));
        let all: Vec<Somebody> = std::iter::once(owner).chain(guests).collect();
        let mut guests = offline.sign_in(&mut connection, &all, now).unwrap();
        Self {
            owner: guests.remove(0),
            guests,
            opens: now.date_in(&jiff::tz::TimeZone::UTC).saturating_add(2.days()),
            numbers: AtomicU64::new(0),
        }
    }

    /// Puts everything into the catalogue of an empty server.
    pub fn furnish(&self, address: SocketAddr) {
        let call = Call {
            act: Act::Book,
            method: "POST",
            path: "/api/v1/catalogue".to_owned(),
            token: self.owner(),
            key: None,
            body: catalogue().to_string(),
        };
        let added = exchange(address, &call);
        assert_eq!(added.status, 201, "{added:?}");
    }

    pub fn owner(&self) -> String {
        self.owner.clone()
    }

    /// The token of one of the guests.
    pub fn guest(&self, number: usize) -> String {
        self.guests[number].clone()
    }

    /// A ticket with more units than buyers need.
    pub fn ticket(&self) -> Call {
        self.book(json!({"event_id": "plenty", "seat_count": 1}))
    }

    pub fn scarce_ticket(&self, round: usize) -> Call {
        self.book(json!({"event_id": format!("scarce-{round}"), "seat_count": 1}))
    }

    /// A stay of one to five nights.
    pub fn stay(&self, round: usize, chance: &mut SeededChance) -> Call {
        let arrival = i64::try_from(chance.below(NIGHTS)).unwrap();
        let nights = 1 + i64::try_from(chance.below(5)).unwrap();
        let checkin = self.opens.saturating_add(arrival.days());
        self.book(json!({
            "room_type_id": format!("room-{round}"), "checkin_date": checkin,
            "checkout_date": checkin.saturating_add(nights.days()), "num_rooms": 1, "num_guests": 1,
            "guests": [{"name": "Ada Lovelace", "age": 36}],
        }))
    }

    /// Half of the buyers want the scarce offerings; some stay, and some cancel their booking.
    pub fn scarce_or_else(&self, round: usize, chance: &mut SeededChance, done: &[Attempt]) -> Call {
        if let Some((call, reply)) = done.last().and_then(|last| Some((&last.call, last.booked()?)))
            && chance.below(6) == 0
        {
            return cancel(call, reply);
        }
        match chance.below(4) {
            0 | 1 => self.scarce_ticket(round),
            2 => self.stay(round, chance),
            _ => self.ticket(),
        }
    }

    /// Tickets and stays, with occasional reads. Buyers retry when the server is unavailable.
    pub fn patiently(&self, chance: &mut SeededChance, done: &[Attempt]) -> Call {
        let bought = done.iter().rev().find_map(|done| Some((&done.call, done.booked()?)));
        if let Some((call, reply)) = bought
            && chance.below(3) == 0
        {
            return look(call, reply);
        }
        match done.iter().rfind(|done| done.call.act != Act::Read) {
            Some(last) if last.reply.as_ref().is_some_and(|reply| reply.status == 503) => last.call.clone(),
            Some(_) | None if chance.below(4) == 0 => {
                self.stay(usize::try_from(chance.below(ROUNDS as u64)).unwrap(), chance)
            }
            Some(_) | None => self.ticket(),
        }
    }

    fn book(&self, mut body: Value) -> Call {
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        body["guest_name"] = format!("Guest {number}").into();
        body["guest_email"] = format!("guest-{number}@example.com").into();
        body["guest_phone"] = "+49 30 12345678".into();
        let guest = usize::try_from(number).unwrap() % self.guests.len();
        Call {
            act: Act::Book,
            method: "POST",
            path: "/api/v1/bookings".to_owned(),
            token: self.guests[guest].clone(),
            key: Some(format!("key-{number}")),
            body: body.to_string(),
        }
    }
}

/// Cancels the booking of a call.
pub fn cancel(bought: &Call, reply: &Reply) -> Call {
    Call {
        act: Act::Cancel,
        path: format!("/api/v1/bookings/{}/cancel", reply.text("id")),
        body: r#"{"reason":"chose another day"}"#.to_owned(),
        ..bought.clone()
    }
}

/// Reads the booking of a call, by its reference.
pub fn look(bought: &Call, reply: &Reply) -> Call {
    let reference = reply.text("booking_reference");
    Call::read(format!("/api/v1/bookings/reference/{reference}"), &bought.token)
}

fn catalogue() -> Value {
    let scarce = (0..ROUNDS).map(|round| (format!("scarce-{round}"), SCARCE_UNITS));
    let tickets: Vec<_> = scarce.chain([("plenty".to_owned(), PLENTY_UNITS)]).collect();
    let rooms: Vec<_> = (0..ROUNDS).map(|round| (format!("room-{round}"), ROOMS)).collect();
    json!({"venues": [venue("fair", "event", ("ticket", "quantity"), &tickets), venue("inn", "hotel", ("stay", "nightly"), &rooms)]})
}

fn venue(code: &str, kind: &str, (offering, pool): (&str, &str), units: &[(String, usize)]) -> Value {
    let pools =
        units.iter().map(|(code, units)| json!({"ref": code, "name": code, "kind": pool, "capacity": units}));
    let offerings = units.iter().map(|(code, _)| {
        json!({"code": code, "kind": offering, "name": code, "unit_price": 2_500, "party_max": 2, "pool_id": code})
    });
    json!({
        "code": code, "kind": kind, "name": code, "time_zone": "Europe/Berlin", "currency": "EUR",
        "pools": pools.collect::<Vec<_>>(), "offerings": offerings.collect::<Vec<_>>(),
    })
}
