//! The use cases: each authorises, decides through `domain`, records through `store`. And the lanes, the threads that
//! do all the writing.
//!
//! What is deliberately absent: HTTP (that is `api`), SQL (that is `store`), rules that need no database (those are
//! `domain`). Start at [`bookings::create`] and follow a command into [`lanes`].

pub mod audit;
pub mod availability;
pub mod bookings;
pub mod businesses;
pub mod catalogue;
pub mod code_key;
pub mod credentials;
pub mod event_cache;
pub mod expiry;
pub mod health;
pub mod identity;
pub mod inbox;
pub mod jobs;
pub mod lanes;
pub mod metrics;
pub mod privacy;
pub mod revocations;
pub mod tokens;

pub use engine::{chance, clock, idempotency};

use std::sync::{Arc, Mutex};

use aws_lc_rs::hmac;
use backplane::Backplane;
use domain::actor::Actor;
use domain::decide::Chance as _;
use domain::ids::SessionId;
use domain::reference::ReferenceKey;
use domain::time::Instant;
use engine::Engine;
use gateways::Gateways;
use store::checkpoints::Checkpoints;
use store::readers::{Gathered, Readers};
use store::seam::{Role, WriterLock};
use store::segments::Segments;
use store::sessions::{self, Standing};
use store::vault::{Secrets, Vault, backlog};
use store::{Connection, Database, StoreError, installation, migrations};

use crate::audit::{AuditAction, AuditEntry, AuditWriter};
use crate::catalogue::CatalogueCache;
use crate::chance::SystemChance;
use crate::clock::Clock;
use crate::code_key::CodeKey;
use crate::credentials::{Credentials, KeyReload};
use crate::event_cache::Owed;
use crate::idempotency::{InFlight, RequestHasher};
use crate::identity::{IdentitySettings, Passwords};
use crate::jobs::Jobs;
use crate::lanes::{Bookings, Lanes, Render, Reply, SubmitError};
use crate::metrics::Metrics;
use crate::tokens::external::{ExternalIssuer, ExternalIssuerSettings};
use crate::tokens::{TokenSettings, Tokens};

/// Everything the use cases need. A plain struct: no globals.
pub struct App {
    pub clock: Clock,
    pub catalogue: Arc<CatalogueCache>,
    /// Until when the cached events are outdated by callers who have left.
    pub events_owed: Owed,
    pub readers: Readers,
    pub lanes: Lanes,
    /// Takes every write that is no booking command.
    pub engine: Engine,
    pub in_flight: InFlight<Result<Reply, SubmitError>>,
    pub hasher: RequestHasher,
    /// Seals and opens what is personal.
    pub vault: Vault,
    /// Who writes this process's entries of the audit log.
    pub audit: AuditWriter,
    /// Short-lived state, shared where there are several processes.
    pub backplane: Backplane,
    pub tokens: Arc<Tokens>,
    /// Whose tokens are good here besides our own.
    pub external_issuer: Option<Arc<ExternalIssuer>>,
    pub credentials: Credentials,
    /// Looks sessions up, together those that are asked for together.
    pub standings: Gathered<SessionId, Option<Standing>>,
    pub key_reload: KeyReload,
    pub identity: Identity,
    pub metrics: Arc<Metrics>,
    pub reference_key: ReferenceKey,
    pub chance: Mutex<SystemChance>,
    pub render: Arc<dyn Render>,
    pub gateways: Gateways,
    pub jobs: Jobs,
    pub code_key: CodeKey,
    _checkpoints: Option<Checkpoints>,
    _writer_lock: Option<WriterLock>,
}

/// How an [`App`] is put together.
pub struct Settings {
    pub database: Database,
    /// Writer lanes; SQLite always has one.
    pub lanes: usize,
    pub readers: usize,
    /// Keys one-time codes; the keys in the database are sealed under it.
    pub secret: Vec<u8>,
    /// Secrets before this one, under which keys may still be sealed.
    pub older_secrets: Vec<Vec<u8>>,
    pub clock: Clock,
    /// Through which people are told things.
    pub gateways: Gateways,
    pub backplane: Backplane,
    pub tokens: TokenSettings,
    /// An issuer of tokens besides ourselves.
    pub external_issuer: Option<ExternalIssuerSettings>,
    pub identity: IdentitySettings,
}

impl Settings {
    /// One process over `database`, with nothing outside it: everything else as it is where nobody sets it.
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

/// What the use cases of people need beside the rest.
pub struct Identity {
    pub settings: IdentitySettings,
    pub passwords: Passwords,
    limit_key: hmac::Key,
    device_key: hmac::Key,
    code_digest_key: hmac::Key,
}

impl Identity {
    fn new(settings: IdentitySettings, vault: &Vault) -> Self {
        Self {
            passwords: Passwords::new(settings.hashing_at_once),
            settings,
            limit_key: vault.hash_key("limits"),
            device_key: vault.hash_key("devices"),
            code_digest_key: vault.hash_key("codes"),
        }
    }
}

impl App {
    /// Opens the database, brings its schema up to date, and starts lanes and readers.
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
        let tokens = Tokens::open(&mut connection, &vault, settings.tokens, now)?;
        let credentials = Credentials::default();
        revocations::recall(&credentials, &mut connection, now - tokens.settings.access_ms, now)?;
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
        let external_issuer = settings.external_issuer.map(|issuer| {
            let told = (settings.clock.clone(), Arc::clone(&metrics));
            Arc::new(ExternalIssuer::new(issuer, vault.hash_key("outside guests"), told))
        });
        Ok(Arc::new(Self {
            tokens: Arc::new(tokens),
            external_issuer,
            credentials,
            key_reload: KeyReload::default(),
            identity: Identity::new(settings.identity, &vault),
            hasher: RequestHasher::new(vault.hash_key("request hashes")),
            vault,
            audit,
            backplane: settings.backplane,
            clock: settings.clock,
            catalogue,
            events_owed: Owed::default(),
            standings: Gathered::new(&readers, sessions::standings),
            readers,
            engine: Engine::of(&lanes),
            lanes,
            in_flight: InFlight::default(),
            metrics,
            reference_key,
            gateways: settings.gateways,
            jobs: Jobs::new(&mut chance, now),
            code_key: CodeKey::new(&settings.secret),
            chance: Mutex::new(chance),
            render,
            _checkpoints: Checkpoints::start(&settings.database)?,
            _writer_lock: writer_lock,
        }))
    }
}

/// The first entry of this process in the audit log.
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
