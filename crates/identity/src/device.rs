//! Clients and devices: where a request comes from, and how a device is recognised.

use std::net::IpAddr;

use aws_lc_rs::hmac;
use domain::ids::{PersonId, SessionId};
use domain::time::Instant;
use serde::{Deserialize, Serialize};
use store::vault::{AadContext, people};
use store::{Connection, StoreError};

use crate::People;

/// Characters of a user agent that are kept.
const AGENT_CHARS_MAX: usize = 300;

/// The caller, as far as it is known without authentication.
#[derive(Clone)]
pub struct Client {
    pub address: IpAddr,
    pub user_agent: Option<String>,
    /// The device token from an earlier sign-in, if the client sends it.
    pub device_token: Option<String>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Client(…)")
    }
}

/// Keyed hashes that identify a device: of its address and user agent, and of its device token.
#[derive(Clone, Copy)]
pub(super) struct Device {
    here: [u8; 32],
    token: Option<[u8; 32]>,
}

impl Device {
    pub fn of(app: &People, client: &Client) -> Self {
        let agent = client.user_agent.as_deref().unwrap_or_default();
        let here = hash(app, b"here", &[client.address.to_string().as_bytes(), agent.as_bytes()]);
        let token = client.device_token.as_deref().map(|token| hash(app, b"token", &[token.as_bytes()]));
        Self { here, token }
    }

    /// The identifier of the device: its token if it has one, because addresses change.
    pub fn here(&self) -> &[u8; 32] {
        self.token.as_ref().unwrap_or(&self.here)
    }

    /// The same device with a new token.
    pub fn with_token(self, app: &People, token: &str) -> Self {
        Self { token: Some(hash(app, b"token", &[token.as_bytes()])), ..self }
    }

    /// The hash by which the person's account knows the device, if it does. Everything else that a device sends may
    /// be invented.
    pub fn known_to(
        &self,
        connection: &mut Connection,
        person: PersonId,
    ) -> Result<Option<[u8; 32]>, StoreError> {
        for hash in self.token.iter().chain([&self.here]) {
            if store::devices::is_known(connection, person, hash)? {
                return Ok(Some(*hash));
            }
        }
        Ok(None)
    }

    pub fn note(
        &self,
        connection: &mut Connection,
        person: PersonId,
        now: Instant,
    ) -> Result<(), StoreError> {
        for hash in self.token.iter().chain([&self.here]) {
            store::devices::note(connection, person, hash, now)?;
        }
        store::devices::trim(connection, person, DEVICES_MAX)
    }
}

/// Hashes of devices kept per person.
const DEVICES_MAX: i64 = 40;

fn hash(app: &People, what: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut context = hmac::Context::with_key(&app.device_key);
    context.update(what);
    for part in parts {
        context.update(&[0]);
        context.update(part);
    }
    let mut hash = [0; 32];
    hash.copy_from_slice(context.sign().as_ref());
    hash
}

/// Where and with what a session was last used, as sealed in its row.
#[derive(Clone, Serialize, Deserialize)]
pub struct Seen {
    pub address: Option<IpAddr>,
    pub user_agent: Option<String>,
}

impl Seen {
    pub fn of(client: &Client) -> Self {
        let short = |agent: &String| agent.chars().take(AGENT_CHARS_MAX).collect();
        Self { address: Some(client.address), user_agent: client.user_agent.as_ref().map(short) }
    }

    pub fn seal(
        &self,
        connection: &mut Connection,
        vault: &store::Vault,
        (person, session): (PersonId, SessionId),
        now: Instant,
    ) -> Result<Vec<u8>, StoreError> {
        let plain = serde_json::to_vec(self).expect("an address and a text are always JSON");
        people::seal(connection, vault, (person, aad_context(session)), &plain, now)
    }

    /// Empty if it can no longer be opened.
    pub fn open(
        connection: &mut Connection,
        vault: &store::Vault,
        (person, session): (PersonId, SessionId),
        sealed: &[u8],
    ) -> Result<Self, StoreError> {
        let plain = people::open(connection, vault, (person, aad_context(session)), sealed)?;
        let seen = plain.and_then(|plain| serde_json::from_slice(&plain).ok());
        Ok(seen.unwrap_or(Self { address: None, user_agent: None }))
    }
}

fn aad_context(session: SessionId) -> AadContext {
    AadContext { column: "sessions.seen", row: session.0 }
}
