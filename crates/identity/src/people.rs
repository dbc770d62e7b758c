//! What the use cases of people need.

use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::hmac;
use backplane::Backplane;
use domain::decide::Chance as _;
use domain::ids::{JobId, SessionId};
use domain::time::Instant;
use engine::Engine;
use engine::chance::SystemChance;
use engine::clock::Clock;
use store::audit::AuditWriter;
use store::readers::{Gathered, Readers};
use store::sessions::{self, Standing};
use store::{Connection, StoreError, Vault};
use uuid::Uuid;

use crate::code_key::CodeKey;
use crate::credentials::{Credentials, KeyReload};
use crate::messages::Messages;
use crate::metrics::Metrics;
use crate::passwords::Passwords;
use crate::settings::IdentitySettings;
use crate::tokens::external::{ExternalIssuer, ExternalIssuerSettings};
use crate::tokens::{TokenSettings, Tokens};

/// Everything the use cases of people need. A plain struct: no globals.
pub struct People {
    pub clock: Clock,
    pub readers: Readers,
    /// Seals and opens personal data.
    pub vault: Vault,
    /// The writer of this process's audit entries.
    pub audit: AuditWriter,
    /// Short-lived state, shared between processes.
    pub backplane: Backplane,
    pub chance: Mutex<SystemChance>,
    pub settings: IdentitySettings,
    pub passwords: Passwords,
    pub tokens: Arc<Tokens>,
    /// The external issuer whose tokens are accepted.
    pub external_issuer: Option<Arc<ExternalIssuer>>,
    pub credentials: Credentials,
    /// Looks up sessions, with concurrent lookups combined.
    pub standings: Gathered<SessionId, Option<Standing>>,
    pub key_reload: KeyReload,
    pub code_key: CodeKey,
    pub messages: Messages,
    pub metrics: Arc<Metrics>,
    pub(crate) limit_key: hmac::Key,
    pub(crate) device_key: hmac::Key,
    pub(crate) code_digest_key: hmac::Key,
    /// Takes every write that is no booking command.
    pub engine: Engine,
}

/// What [`People`] are made of that is not theirs alone.
pub struct Ground {
    pub clock: Clock,
    pub readers: Readers,
    pub vault: Vault,
    pub audit: AuditWriter,
    pub backplane: Backplane,
    pub chance: SystemChance,
    /// Keys one-time codes.
    pub secret: Vec<u8>,
    pub messages: Messages,
    pub metrics: Arc<Metrics>,
    pub engine: Engine,
}

/// What is read of the database before anything else runs on it.
pub struct Stored {
    tokens: Tokens,
    credentials: Credentials,
}

impl Stored {
    /// Reads the keys of tokens, or makes them, and what was revoked and could still matter.
    pub fn open(
        connection: &mut Connection,
        vault: &Vault,
        tokens: TokenSettings,
        now: Instant,
    ) -> Result<Self, StoreError> {
        let tokens = Tokens::open(connection, vault, tokens, now)?;
        let credentials = Credentials::open(connection, now - tokens.settings.access_ms, now)?;
        Ok(Self { tokens, credentials })
    }
}

impl People {
    pub fn new(
        ground: Ground,
        stored: Stored,
        settings: IdentitySettings,
        external_issuer: Option<ExternalIssuerSettings>,
    ) -> Self {
        let Ground { clock, readers, vault, audit, backplane, chance, secret, messages, metrics, engine } =
            ground;
        let external_issuer = external_issuer.map(|issuer| {
            let told = (clock.clone(), Arc::clone(&metrics));
            Arc::new(ExternalIssuer::new(issuer, vault.hash_key("outside guests"), told))
        });
        Self {
            external_issuer,
            standings: Gathered::new(&readers, sessions::standings),
            passwords: Passwords::new(settings.hashing_at_once),
            settings,
            tokens: Arc::new(stored.tokens),
            credentials: stored.credentials,
            key_reload: KeyReload::default(),
            code_key: CodeKey::new(&secret),
            limit_key: vault.hash_key("limits"),
            device_key: vault.hash_key("devices"),
            code_digest_key: vault.hash_key("codes"),
            chance: Mutex::new(chance),
            clock,
            readers,
            vault,
            audit,
            backplane,
            messages,
            metrics,
            engine,
        }
    }

    pub(crate) fn new_id(&self) -> Uuid {
        let mut chance = self.chance.lock().unwrap_or_else(PoisonError::into_inner);
        chance.id(self.clock.now(), 0)
    }

    pub(crate) fn new_job(&self) -> JobId {
        JobId(self.new_id())
    }
}
