//! The use cases: each authorises, decides through `domain`, records through `store`. And the lanes, the threads that
//! do all the writing.
//!
//! What is deliberately absent: HTTP (that is `api`), SQL (that is `store`), rules that need no database (those are
//! `domain`). Start at [`bookings::create`] and follow a command into [`lanes`].

pub mod availability;
pub mod bookings;
pub mod catalogue;
pub mod chance;
pub mod clock;
pub mod expiry;
pub mod health;
pub mod idempotency;
pub mod lanes;
pub mod metrics;
pub mod privacy;
pub mod tokens;

use std::sync::{Arc, Mutex};

use domain::reference::ReferenceKey;
use store::checkpoints::Checkpoints;
use store::readers::Readers;
use store::seam::{Role, WriterLock};
use store::vault::{Secrets, backlog};
use store::{Connection, Database, StoreError, Vault, installation, migrations};

use crate::catalogue::CatalogueCache;
use crate::chance::SystemChance;
use crate::clock::Clock;
use crate::idempotency::{InFlight, RequestHasher};
use crate::lanes::{Lanes, Render};
use crate::metrics::Metrics;
use crate::tokens::Tokens;

/// Everything the use cases need. A plain struct: no globals.
pub struct App {
    pub clock: Clock,
    pub catalogue: Arc<CatalogueCache>,
    pub readers: Readers,
    pub lanes: Lanes,
    /// Seals and opens what is personal.
    pub vault: Vault,
    pub in_flight: InFlight,
    pub hasher: RequestHasher,
    pub tokens: Tokens,
    pub metrics: Arc<Metrics>,
    pub reference_key: ReferenceKey,
    pub chance: Mutex<SystemChance>,
    pub render: Arc<dyn Render>,
    _checkpoints: Option<Checkpoints>,
    _writer_lock: Option<WriterLock>,
}

/// How an [`App`] is put together.
pub struct Settings {
    pub database: Database,
    /// Writer lanes; SQLite always has one.
    pub lanes: usize,
    pub readers: usize,
    /// Signs tokens; the keys in the database are sealed under it.
    pub secret: Vec<u8>,
    /// Secrets before this one, under which keys may still be sealed.
    pub older_secrets: Vec<Vec<u8>>,
    pub clock: Clock,
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
        let catalogue = Arc::new(CatalogueCache::new(store::catalogue::load(&mut connection)?));
        drop(connection);
        let metrics = Arc::new(Metrics::new());
        let readers = Readers::start(&settings.database, settings.readers)?;
        let lanes = Lanes::start(
            &lanes::Shared {
                database: settings.database.clone(),
                clock: settings.clock.clone(),
                catalogue: Arc::clone(&catalogue),
                metrics: Arc::clone(&metrics),
                render: Arc::clone(&render),
                reference_key,
                vault: vault.clone(),
            },
            if writer_lock.is_some() { 1 } else { settings.lanes },
        )?;
        Ok(Arc::new(Self {
            tokens: Tokens::new(&settings.secret),
            hasher: RequestHasher::new(vault.hash_key("request hashes")),
            clock: settings.clock,
            catalogue,
            readers,
            lanes,
            vault,
            in_flight: InFlight::default(),
            metrics,
            reference_key,
            chance: Mutex::new(chance),
            render,
            _checkpoints: Checkpoints::start(&settings.database)?,
            _writer_lock: writer_lock,
        }))
    }
}
