//! The catalogue and the callers of these tests. The names are those of the requirements' bodies and of the examples.

use std::collections::HashMap;
use std::sync::Arc;

use api::JsonRender;
use app::App;
use app::catalogue::Additions;
use app::clock::Clock;
use app::identity::offline::{Offline, Somebody};
use app::tokens::TokenSettings;
use app::tokens::external::ExternalIssuerSettings;
use axum::Router;
use domain::ids::{BusinessId, GuestId, OfferingId, PersonId, PoolId, VenueId};
use domain::money::Currency;
use domain::offering::{Confirmation, LengthRule, Offering, OfferingKind, Part, Recipe, SaleWindow, Seating};
use domain::opening::{Interval, OpeningExceptions, OpeningHours};
use domain::permission::MemberRole;
use domain::pool::{Axis, Pool, Ticks};
use domain::seats::{SeatMap, SeatRow};
use domain::time::{DAY_MS, Instant};
use domain::venue::{Venue, VenueKind};
use gateways::issuer::KeySource;
use jiff::tz::TimeZone;
use testkit::{IssuerServer, TestDatabase};
use uuid::Uuid;

use crate::client::Caller;

pub const GUEST: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001);
pub const STRANGER: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0002);
pub const OWNER: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0003);
pub const RIVAL: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0004);
pub const ADMIN: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0005);
pub const MANAGER: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0006);
pub const FRONT_DESK: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0007);
pub const READER: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0008);
pub const NEWCOMER: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0009);

/// The ids in the request bodies of the requirements.
pub const HOTEL: Uuid = Uuid::from_u128(0x123e_4567_e89b_12d3_a456_4266_1417_4000);
pub const DOUBLE: Uuid = Uuid::from_u128(0x223e_4567_e89b_12d3_a456_4266_1417_4001);
pub const TRANSFER: Uuid = Uuid::from_u128(0x323e_4567_e89b_12d3_a456_4266_1417_4002);

/// 2025-11-20T10:00:00Z, before the dates in the requirements.
pub const NOW: Instant = Instant(1_763_632_800_000);
pub const HOUR_MS: i64 = 3_600_000;
pub const MINUTE_MS: i64 = 60_000;

#[derive(Clone)]
pub struct World {
    pub app: Arc<App>,
    pub router: Router,
    tokens: Arc<HashMap<Caller, String>>,
}

impl World {
    /// Must not be called inside a runtime, because opening a database blocks.
    pub fn new(database: &TestDatabase) -> Self {
        let settings = settings(database);
        let signed_in = sign_in(database, &settings.secret, settings.tokens.clone());
        Self::open(settings, signed_in)
    }

    fn open(settings: app::Settings, signed_in: HashMap<Caller, String>) -> Self {
        let app = App::start(settings, Arc::new(JsonRender)).unwrap();
        let router = api::router::router(Arc::clone(&app));
        Self { app, router, tokens: Arc::new(signed_in) }
    }

    /// The access token of the caller's session.
    pub fn token(&self, caller: Caller) -> Option<&str> {
        self.tokens.get(&caller).map(String::as_str)
    }

    /// Advances the clock.
    pub fn wait(&self, ms: i64) {
        self.app.clock.set(self.app.clock.now() + ms);
    }

    /// The pool with this name.
    pub fn pool(&self, name: &str) -> PoolId {
        self.app.catalogue.snapshot().pools().find(|pool| pool.name == name).unwrap().id
    }

    pub fn venue(&self, code: &str) -> VenueId {
        let snapshot = self.app.catalogue.snapshot();
        snapshot.find_venue(&domain::catalogue::Selector::Code(code.to_owned())).unwrap().id
    }
}

fn settings(database: &TestDatabase) -> app::Settings {
    let secret = b"a secret of at least thirty-two bytes".to_vec();
    let alone = app::Settings::alone(database.database().clone(), secret);
    // Tests advance the clock by months.
    let tokens =
        TokenSettings { access_ms: 1_000 * DAY_MS, refresh_ms: 2_000 * DAY_MS, ..TokenSettings::default() };
    app::Settings { readers: 2, clock: Clock::fixed(NOW), tokens, ..alone }
}

/// Opens a session for every caller of these tests.
fn sign_in(database: &TestDatabase, secret: &[u8], tokens: TokenSettings) -> HashMap<Caller, String> {
    let at = |business, role| Some((BusinessId(business), role));
    let all = [
        (Caller::Guest, GUEST, None),
        (Caller::Stranger, STRANGER, None),
        (Caller::Newcomer, NEWCOMER, None),
        (Caller::Owner, OWNER, at(OWNER, MemberRole::Owner)),
        (Caller::Manager, MANAGER, at(OWNER, MemberRole::Manager)),
        (Caller::FrontDesk, FRONT_DESK, at(OWNER, MemberRole::FrontDesk)),
        (Caller::Reader, READER, at(OWNER, MemberRole::ReadOnly)),
        (Caller::Rival, RIVAL, at(RIVAL, MemberRole::Owner)),
        (Caller::GuestAtRival, GUEST, at(RIVAL, MemberRole::FrontDesk)),
        (Caller::Admin, ADMIN, None),
    ];
    let somebody = |(caller, id, member): &(Caller, Uuid, _)| Somebody {
        person: PersonId(*id),
        is_admin: *caller == Caller::Admin,
        member: *member,
    };
    let people: Vec<Somebody> = all.iter().map(somebody).collect();
    let mut connection = database.writer();
    let offline = Offline::open(&mut connection, secret, tokens, NOW).unwrap();
    let tokens = offline.sign_in(&mut connection, &people, NOW).unwrap();
    all.iter().map(|(caller, ..)| *caller).zip(tokens).collect()
}

/// Runs a test in a fresh world, and verifies afterwards that nothing was oversold or lost.
pub fn run(database: &TestDatabase, test: impl AsyncFnOnce(&World)) {
    stage(database, World::new(database), async |world| {
        app::catalogue::add(&world.app, shelf()).await.unwrap();
        test(world).await;
    });
}

/// The same world as two processes see it that share a backplane.
pub fn run_two(
    database: &TestDatabase,
    [here, there]: [backplane::Backplane; 2],
    test: impl AsyncFnOnce(&World, &World),
) {
    let base = settings(database);
    let signed_in = sign_in(database, &base.secret, base.tokens.clone());
    let other = World::open(
        app::Settings { backplane: there, clock: base.clock.clone(), ..settings(database) },
        signed_in.clone(),
    );
    stage(database, World::open(app::Settings { backplane: here, ..base }, signed_in), async |world| {
        app::catalogue::add(&world.app, shelf()).await.unwrap();
        app::catalogue::refresh(&other.app).await.unwrap();
        test(world, &other).await;
        drop(other);
    });
}

/// The same, with tokens of this issuer accepted.
pub fn run_beside(database: &TestDatabase, issuer: &IssuerServer, test: impl AsyncFnOnce(&World)) {
    let settings = settings(database);
    let signed_in = sign_in(database, &settings.secret, settings.tokens.clone());
    let settings = app::Settings { external_issuer: Some(external_issuer(issuer)), ..settings };
    stage(database, World::open(settings, signed_in), async |world| {
        app::catalogue::add(&world.app, shelf()).await.unwrap();
        test(world).await;
    });
}

/// Once more, in the world that [`run_beside`] has left. None of its callers has a token.
pub fn run_again_beside(database: &TestDatabase, issuer: &IssuerServer, test: impl AsyncFnOnce(&World)) {
    let settings = app::Settings { external_issuer: Some(external_issuer(issuer)), ..settings(database) };
    stage(database, World::open(settings, HashMap::new()), test);
}

fn external_issuer(issuer: &IssuerServer) -> ExternalIssuerSettings {
    ExternalIssuerSettings {
        issuer: IssuerServer::ISSUER.to_owned(),
        audience: IssuerServer::AUDIENCE.to_owned(),
        keys: KeySource::new(issuer.url().parse().unwrap()).unwrap(),
    }
}

fn stage(database: &TestDatabase, world: World, test: impl AsyncFnOnce(&World)) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(test(&world));
    drop(runtime);
    drop(world);
    let report = store::verify::verify(&mut database.reader()).unwrap();
    assert!(report.is_ok(), "{:#?}", report.differences);
}

pub fn guest_id(subject: Uuid) -> String {
    GuestId(subject).to_string()
}

/// Hotel, restaurant, bar, tastings, concert and shop, all of one owner.
fn shelf() -> Additions {
    let mut shelf = Shelf { additions: Additions::default(), generated: 0 };
    shelf.hotel();
    shelf.restaurant();
    shelf.bar();
    shelf.cellar();
    shelf.concert();
    shelf.shop();
    shelf.additions
}

struct Shelf {
    additions: Additions,
    generated: u128,
}

impl Shelf {
    fn hotel(&mut self) {
        self.venue("hotel", VenueKind::Hotel);
        let hotel = VenueId(HOTEL);
        self.additions.venues.last_mut().unwrap().id = hotel;
        let doubles = self.pool(hotel, "doubles", Axis::Nightly, 2);
        let suites = self.pool(hotel, "suites", Axis::Nightly, 1);
        let breakfasts = self.pool(hotel, "breakfasts", Axis::Quantity, 3);
        let double = self.offering(hotel, "double", OfferingKind::Stay, 12_950, &[(doubles, 1)]);
        (double.id, double.party_max) = (OfferingId(DOUBLE), 2);
        let suite = self.offering(hotel, "suite", OfferingKind::Stay, 24_500, &[(suites, 1)]);
        (suite.confirmation, suite.party_max) = (Confirmation::Hold { minutes: 30 }, 4);
        self.offering(hotel, "transfer", OfferingKind::Service, 4_500, &[]).id = OfferingId(TRANSFER);
        self.offering(hotel, "breakfast", OfferingKind::Service, 1_800, &[(breakfasts, 1)]);
    }

    fn restaurant(&mut self) {
        let bistro = self.venue("bistro", VenueKind::Restaurant);
        let open = vec![Interval { opens_minute: 720, closes_minute: 1_500 }];
        self.additions.venues.last_mut().unwrap().opening_hours =
            Some(OpeningHours { days: std::array::from_fn(|_| open.clone()) });
        let two = self.pool(bistro, "tables for two", quarters(), 2);
        let four = self.pool(bistro, "tables for four", quarters(), 1);
        self.seating(bistro, "bistro-two", OfferingKind::Table, (0, two), (1, 2), 15);
        self.seating(bistro, "bistro-four", OfferingKind::Table, (0, four), (3, 4), 15);
    }

    /// Always open, also on the nights on which the clocks change.
    fn bar(&mut self) {
        let bar = self.venue("bar", VenueKind::Cafe);
        let stools = self.pool(bar, "stools", quarters(), 1);
        self.seating(bar, "bar-stool", OfferingKind::Table, (500, stools), (1, 2), 0);
    }

    fn cellar(&mut self) {
        let cellar = self.venue("cellar", VenueKind::Experience);
        let places = self.pool(cellar, "places", quarters(), 12);
        self.seating(cellar, "cellar-tasting", OfferingKind::Experience, (3_500, places), (1, 12), 0);
    }

    /// The requirements call this event 1.
    fn concert(&mut self) {
        let concert = self.venue("1", VenueKind::Event);
        let floor = self.pool(concert, "floor", Axis::Quantity, 5);
        let row = |row: &str| SeatRow {
            section: String::new(),
            row: row.to_owned(),
            seats: (1..=4).map(|seat| seat.to_string()).collect(),
        };
        let map = SeatMap::new(vec![row("A"), row("B")]).unwrap();
        let seats = self.pool(concert, "seats", Axis::Seated(Arc::new(map)), 1);
        let begins = Some(NOW + 70 * 24 * HOUR_MS);
        self.offering(concert, "concert-standing", OfferingKind::Ticket, 4_000, &[(floor, 1)]).starts_at =
            begins;
        self.offering(concert, "concert-seat", OfferingKind::Ticket, 9_000, &[(seats, 1)]).starts_at = begins;
    }

    fn shop(&mut self) {
        let shop = self.venue("museum", VenueKind::Retail);
        let mugs = self.pool(shop, "mugs", Axis::Quantity, 5);
        self.offering(shop, "museum-mug", OfferingKind::Product, 1_290, &[(mugs, 1)]);
    }

    fn id(&mut self) -> Uuid {
        self.generated += 1;
        Uuid::from_u128(0x0190_1000_0000_7000_8000_0000_0000_0000 + self.generated)
    }

    fn venue(&mut self, code: &str, kind: VenueKind) -> VenueId {
        let id = VenueId(self.id());
        self.additions.venues.push(Venue {
            id,
            version: 1,
            business: BusinessId(OWNER),
            code: Some(code.to_owned()),
            kind,
            name: code.to_owned(),
            time_zone: TimeZone::get("Europe/Berlin").unwrap(),
            currency: "EUR".parse::<Currency>().unwrap(),
            opening_hours: None,
            opening_exceptions: OpeningExceptions::new(),
            withdrawn_at: None,
        });
        id
    }

    fn pool(&mut self, venue: VenueId, name: &str, axis: Axis, capacity: i64) -> PoolId {
        let id = PoolId(self.id());
        let name = name.to_owned();
        self.additions.pools.push(Pool { id, version: 1, venue, name, axis, capacity, withdrawn_at: None });
        id
    }

    fn offering(
        &mut self,
        venue: VenueId,
        code: &str,
        kind: OfferingKind,
        price: i64,
        parts: &[(PoolId, i64)],
    ) -> &mut Offering {
        let part = |(pool, units): &(PoolId, i64)| Part { pool: *pool, units: *units };
        let recipes = if parts.is_empty() { vec![] } else { vec![Recipe(parts.iter().map(part).collect())] };
        let id = OfferingId(self.id());
        self.additions.offerings.push(Offering {
            id,
            version: 1,
            venue,
            code: Some(code.to_owned()),
            kind,
            name: code.to_owned(),
            unit_price_minor: price,
            confirmation: Confirmation::Instant,
            party_min: 1,
            party_max: 500,
            seating: Seating { duration_minutes: 120, turn_minutes: 0 },
            lengths: LengthRule::Any,
            starts_at: None,
            sale: SaleWindow::default(),
            recipes,
            active: true,
            withdrawn_at: None,
        });
        self.additions.offerings.last_mut().unwrap()
    }

    fn seating(
        &mut self,
        venue: VenueId,
        code: &str,
        kind: OfferingKind,
        (price, pool): (i64, PoolId),
        (party_min, party_max): (i64, i64),
        turn_minutes: i64,
    ) {
        let offering = self.offering(venue, code, kind, price, &[(pool, 1)]);
        (offering.party_min, offering.party_max) = (party_min, party_max);
        offering.seating = Seating { duration_minutes: 90, turn_minutes };
    }
}

fn quarters() -> Axis {
    Axis::Timed(Ticks { minutes: 15, origin: Instant(0) })
}
