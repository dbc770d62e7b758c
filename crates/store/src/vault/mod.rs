//! The vault: personal data is stored sealed and opened when it is read.
//!
//! Each person has a random data key, which seals their data (AES-256-GCM). The data keys are stored in
//! `person_keys`, wrapped under a key that is derived from the operator's secret and never stored (AES-256-GCM-SIV).
//! Deleting a person's row there makes all their sealed data unreadable, wherever it is stored. Opened keys are not
//! cached: each is read in the same snapshot as the data it opens, so that an erasure takes effect immediately in
//! every process. Opening a key takes less than a microsecond.
//!
//! [`Vault::open`] begins it, [`people`] holds the keys, [`BlindIndex`]es find a person again by e-mail or phone.

pub mod backlog;
mod blind_indexes;
mod data_key;
pub mod people;
mod random;
pub mod rotation;
mod secrets;

use std::sync::Arc;

use aws_lc_rs::hmac;
use domain::ids::PersonId;
use domain::time::Instant;
use zeroize::Zeroizing;

pub use crate::aad_context::AadContext;
pub use blind_indexes::{BlindIndex, plain_email, plain_phone};
pub use data_key::PersonKey;
pub use secrets::{KeyId, SECRET_BYTES_MIN, SecretTooShort, Secrets};

use crate::error::{Result, StoreError};
use crate::seam::{Connection, Param};
use data_key::{DATA_KEY_BYTES, DataKey};
use random::Random;

/// Cheap to clone: all clones share the same keys.
#[derive(Clone)]
pub struct Vault(Arc<Keys>);

struct Keys {
    secrets: Secrets,
    random: Random,
    installation: DataKey,
    /// Keys the searchable marks; made once, so that a change of secret leaves the marks alone.
    blind_indexes: hmac::Key,
    /// Keys everything else that must not change with the secret.
    derived: hmac::Key,
}

/// The installation's own keys, by their names in `installation_keys`.
const INSTALLATION: &str = "installation";
/// The name under which the key is stored; it is part of what the wrapped key is bound to.
const BLIND_INDEXES: &str = "marks";

impl Vault {
    /// Opens the installation's keys, or creates them in a new database. Fails without writing anything if they are
    /// sealed under a secret that is not among `secrets`.
    pub fn open(connection: &mut Connection, secrets: Secrets, now: Instant) -> Result<Self> {
        let random = Random::default();
        let installation = installation_key(connection, &secrets, &random, INSTALLATION, now)?;
        let blind_indexes = installation_key(connection, &secrets, &random, BLIND_INDEXES, now)?;
        Ok(Self(Arc::new(Keys {
            installation: DataKey::new(&installation),
            derived: hmac::Key::new(hmac::HMAC_SHA256, installation.as_slice()),
            blind_indexes: hmac::Key::new(hmac::HMAC_SHA256, blind_indexes.as_slice()),
            secrets,
            random,
        })))
    }

    /// Whether the database has its keys, because a server has started on it.
    pub fn is_begun(connection: &mut Connection) -> Result<bool> {
        let sql = "select name from installation_keys limit 1";
        Ok(connection.optional(sql, &[], |row| row.text(0))?.is_some())
    }

    /// Seals bytes under a person's key. This adds 33 bytes.
    pub fn seal(&self, key: &PersonKey, context: AadContext, plain: &[u8]) -> Vec<u8> {
        key.key.seal(&self.0.random, context, plain)
    }

    /// Opens the result of [`Self::seal`]. `None` if it was sealed under a key that the person no longer has, because
    /// they were erased.
    pub fn open_sealed(
        &self,
        key: &PersonKey,
        context: AadContext,
        sealed: &[u8],
    ) -> Result<Option<Vec<u8>>> {
        key.key.open(context, sealed)
    }

    /// Seals data that belongs to no person: signing keys, payloads of jobs.
    pub fn seal_installation(&self, context: AadContext, plain: &[u8]) -> Vec<u8> {
        self.0.installation.seal(&self.0.random, context, plain)
    }

    /// Opens the result of [`Self::seal_installation`].
    pub fn open_installation(&self, context: AadContext, sealed: &[u8]) -> Result<Vec<u8>> {
        let opened = self.0.installation.open(context, sealed)?;
        opened.ok_or_else(|| StoreError::corrupt_at(context))
    }

    /// A key for keyed hashes that does not change with the secret.
    pub fn hash_key(&self, purpose: &'static str) -> hmac::Key {
        let tag = hmac::sign(&self.0.derived, purpose.as_bytes());
        hmac::Key::new(hmac::HMAC_SHA256, tag.as_ref())
    }

    /// The id of the current secret.
    pub fn secret(&self) -> KeyId {
        self.0.secrets.current()
    }

    /// Generates a key for a person and wraps it for `person_keys`.
    pub fn generate_key(&self, person: PersonId) -> (PersonKey, Vec<u8>) {
        let bytes = data_key::generate(&self.0.random);
        let wrapped = self.0.secrets.wrap(&self.0.random, &context_of(person), bytes.as_slice());
        (PersonKey { person, key: DataKey::new(&bytes) }, wrapped)
    }

    /// Opens a person's key from `person_keys`.
    pub fn unwrap_key(&self, person: PersonId, wrapped: &[u8]) -> Result<PersonKey> {
        let bytes = self.0.secrets.unwrap::<DATA_KEY_BYTES>(&context_of(person), wrapped)?;
        Ok(PersonKey { person, key: DataKey::new(&bytes) })
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Vault").finish_non_exhaustive()
    }
}

/// What a person's wrapped key is bound to.
fn context_of(person: PersonId) -> Vec<u8> {
    [b"person_keys.".as_slice(), person.0.as_bytes()].concat()
}

fn installation_context(name: &str) -> String {
    format!("installation_keys.{name}")
}

fn installation_key(
    connection: &mut Connection,
    secrets: &Secrets,
    random: &Random,
    name: &'static str,
    now: Instant,
) -> Result<Zeroizing<[u8; DATA_KEY_BYTES]>> {
    let context = installation_context(name);
    let stored = |connection: &mut Connection| {
        let sql = "select wrapped from installation_keys where name = $1";
        connection.optional(sql, &[name.into()], |row| row.bytes(0))
    };
    if let Some(wrapped) = stored(connection)? {
        return secrets.unwrap(context.as_bytes(), &wrapped);
    }
    let wrapped = secrets.wrap(random, context.as_bytes(), data_key::generate(random).as_slice());
    // Another process may be creating it at the same time: the row that exists first is the key.
    connection.execute(
        "insert into installation_keys (name, wrapped, created_at) values ($1, $2, $3) on conflict (name) do nothing",
        &[name.into(), Param::Bytes(&wrapped), now.into()],
    )?;
    let wrapped =
        stored(connection)?.ok_or_else(|| StoreError::corrupt("installation_keys", "name", name))?;
    secrets.unwrap(context.as_bytes(), &wrapped)
}
