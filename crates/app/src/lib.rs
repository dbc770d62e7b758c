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
pub mod code_key;
pub mod expiry;
pub mod health;
pub mod idempotency;
pub mod inbox;
pub mod jobs;
pub mod lanes;
pub mod metrics;
pub mod tokens;

use std::sync::{Arc, Mutex};

use domain::reference::ReferenceKey;
use gateways::Gateways;
use store::checkpoints::Checkpoints;
use store::readers::Readers;
use store::seam::{Role, WriterLock};
use store::{Connection, Database, StoreError, installation, migrations};

use crate::catalogue::CatalogueCache;
use crate::chance::SystemChance;
use crate::clock::Clock;
use crate::code_key::CodeKey;
use crate::idempotency::{InFlight, RequestHasher};
use crate::jobs::Jobs;
use crate::lanes::{Lanes, Render};
use crate::metrics::Metrics;
use crate::tokens::Tokens;

/// Everything the use cases need. A plain struct: no globals.
pub struct App {
    pub clock: Clock,
    pub catalogue: Arc<CatalogueCache>,
    pub readers: Readers,
    pub lanes: Lanes,
    pub in_flight: InFlight,
    pub hasher: RequestHasher,
    pub tokens: Tokens,
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
    /// Signs tokens, keys request hashes and one-time codes.
    pub secret: Vec<u8>,
    pub clock: Clock,
    /// Through which people are told things.
    pub gateways: Gateways,
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
            },
            if writer_lock.is_some() { 1 } else { settings.lanes },
        )?;
        Ok(Arc::new(Self {
            tokens: Tokens::new(&settings.secret),
            hasher: RequestHasher::new(&settings.secret),
            clock: settings.clock,
            catalogue,
            readers,
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
