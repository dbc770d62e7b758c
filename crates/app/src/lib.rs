//! The use cases: each authorises, decides through `domain`, and records through `store`. And the lanes, the threads
//! that execute all writes.
//!
//! Deliberately absent: HTTP (in `api`), SQL (in `store`), and rules that need no database (in `domain`). Start with
//! [`bookings::create`] and follow a command into [`lanes`].

pub mod availability;
pub mod bookings;
pub mod catalogue;
pub mod event_cache;
pub mod expiry;
pub mod health;
pub mod inbox;
pub mod jobs;
pub mod lanes;
pub mod metrics;
pub mod privacy;

pub use identity::{audit, businesses, code_key, credentials, revocations, tokens};

pub use engine::{chance, clock, idempotency};

use std::ops::Deref;
use std::sync::Arc;

pub use ::identity;
use backplane::Backplane;
use domain::actor::Actor;
use domain::decide::Chance as _;
use domain::reference::ReferenceKey;
use domain::time::Instant;
use engine::Engine;
use gateways::Gateways;
use identity::messages::Messages;
use identity::tokens::TokenSettings;
use identity::tokens::external::ExternalIssuerSettings;
use identity::{Ground, IdentitySettings, People, Stored};
use store::checkpoints::Checkpoints;
use store::readers::Readers;
use store::seam::{Role, WriterLock};
use store::segments::Segments;
use store::vault::{Secrets, Vault, backlog};
use store::{Connection, Database, StoreError, installation, migrations};

use crate::audit::{AuditAction, AuditEntry, AuditWriter};
use crate::catalogue::CatalogueCache;
use crate::chance::SystemChance;
use crate::clock::Clock;
use crate::event_cache::Owed;
use crate::idempotency::{InFlight, RequestHasher};
use crate::jobs::Jobs;
use crate::lanes::{Bookings, Fault, Lanes, Render, Reply};
use crate::metrics::Metrics;

/// Everything that the use cases need, as a plain struct without globals.
pub struct App {
    /// Clock, readers, vault and the like, which both use, and what people need besides.
    pub people: Arc<People>,
    pub catalogue: Arc<CatalogueCache>,
    /// Until when the cached events are outdated by callers who have left.
    pub events_owed: Owed,
    pub lanes: Lanes,
    pub in_flight: InFlight<Result<Reply, Fault>>,
    pub hasher: RequestHasher,
    pub metrics: Arc<Metrics>,
    pub reference_key: ReferenceKey,
    pub render: Arc<dyn Render>,
    pub gateways: Gateways,
    pub jobs: Arc<Jobs>,
    _checkpoints: Option<Checkpoints>,
    _writer_lock: Option<WriterLock>,
}

impl Deref for App {
    type Target = People;

    fn deref(&self) -> &People {
        &self.people
    }
}

/// The settings of an [`App`].
pub struct Settings {
    pub database: Database,
    /// Number of writer lanes; SQLite always has one.
    pub lanes: usize,
    pub readers: usize,
    /// The key for one-time codes, under which the keys in the database are wrapped.
    pub secret: Vec<u8>,
    /// Older secrets, under which keys may still be wrapped.
    pub older_secrets: Vec<Vec<u8>>,
    pub clock: Clock,
    /// The gateways for sending messages.
    pub gateways: Gateways,
    pub backplane: Backplane,
    pub tokens: TokenSettings,
    /// The external issuer of tokens.
    pub external_issuer: Option<ExternalIssuerSettings>,
    pub identity: IdentitySettings,
}

impl Settings {
    /// One process on `database`, without external services, and with default settings otherwise.
    pub fn alone(database: Database, secret: Vec<u8>) -> Self {
        Self {
            database,
            lanes: 2,
            readers: 4,
            secret,
            older_secrets: Vec::new(),
            clock: Clock::System,
            gateways: Gateways::inbox(),
            backplane: Backplane::memory(),
            tokens: TokenSettings::default(),
            external_issuer: None,
            identity: IdentitySettings::default(),
        }
    }
}

impl App {
    /// Opens the database, migrates its schema, and starts lanes and readers.
    pub fn start(settings: Settings, render: Arc<dyn Render>) -> Result<Arc<Self>, StoreError> {
        let writer_lock = match &settings.database {
            Database::Sqlite(path) => Some(WriterLock::acquire(path)?),
            Database::Postgres(_) => None,
        };
        let mut connection = Connection::open(&settings.database, Role::Writer)?;
        migrations::up(&mut connection)?;
        let mut chance = SystemChance::from_system();
        let now = settings.clock.now();
        let reference_key = installation::reference_key(&mut connection, chance.key(), now)?;
        let older = settings.older_secrets.iter().map(Vec::as_slice);
        let secrets = Secrets::new(&settings.secret, older)
            .map_err(|short| StoreError::Unusable(format!("SECRET_KEY or SECRET_KEYS_OLD: {short}")))?;
        let vault = Vault::open(&mut connection, secrets, now)?;
        backlog::seal_all(&mut connection, &vault, now)?;
        let audit = AuditWriter((chance.bits() >> 1).cast_signed());
        begin_audit(&mut connection, &vault, audit, now)?;
        let stored = Stored::open(&mut connection, &vault, settings.tokens, now)?;
        let catalogue = Arc::new(CatalogueCache::new(store::catalogue::load(&mut connection)?));
        drop(connection);
        let metrics = Arc::new(Metrics::new());
        let readers = Readers::start(&settings.database, settings.readers)?;
        let decides = lanes::Shared {
            catalogue: Arc::clone(&catalogue),
            metrics: Arc::clone(&metrics),
            render: Arc::clone(&render),
            reference_key,
        };
        let lanes = Lanes::start(
            &engine::lanes::Shared {
                database: settings.database.clone(),
                clock: settings.clock.clone(),
                metrics: Arc::clone(&metrics.engine),
                vault: vault.clone(),
            },
            if writer_lock.is_some() { 1 } else { settings.lanes },
            |connection| Ok(Bookings { shared: decides.clone(), segments: Segments::open(connection)? }),
        )?;
        let jobs = Arc::new(Jobs::new(&mut chance, now));
        let outgoing = jobs::OutgoingJobs { jobs: Arc::clone(&jobs), vault: vault.clone() };
        let hasher = RequestHasher::new(vault.hash_key("request hashes"));
        let ground = Ground {
            clock: settings.clock,
            readers,
            vault,
            audit,
            backplane: settings.backplane,
            chance,
            secret: settings.secret,
            messages: Messages(Arc::new(outgoing)),
            metrics: Arc::clone(&metrics.people),
            engine: Engine::of(&lanes),
        };
        let people = People::new(ground, stored, settings.identity, settings.external_issuer);
        Ok(Arc::new(Self {
            people: Arc::new(people),
            hasher,
            catalogue,
            events_owed: Owed::default(),
            lanes,
            in_flight: InFlight::default(),
            metrics,
            reference_key,
            gateways: settings.gateways,
            jobs,
            render,
            _checkpoints: Checkpoints::start(&settings.database)?,
            _writer_lock: writer_lock,
        }))
    }
}

/// Writes the first audit entry of this process.
fn begin_audit(
    connection: &mut Connection,
    vault: &Vault,
    writer: AuditWriter,
    now: Instant,
) -> Result<(), StoreError> {
    let note =
        AuditEntry::by(Actor::System, AuditAction::ServerStarted).with("version", env!("CARGO_PKG_VERSION"));
    connection.begin()?;
    let begun = audit::append(connection, vault, writer, note, now).and_then(|()| connection.commit());
    if begun.is_err() {
        connection.rollback();
    }
    begun
}
