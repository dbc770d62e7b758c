//! The audit log of sensitive acts. It does not repeat the changes of bookings, which are in their history.

use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use domain::actor::{Actor, Staff, StaffCredential};
use domain::authorise::{Resource, authorise};
use domain::ids::{BusinessId, PersonId};
use domain::permission::Permission;
use domain::time::Instant;
use engine::Subject;
use serde_json::{Map, Value};
use store::audit::{self, Entry};
pub use store::audit::{AuditWriter, Cursor, Listed};
use store::{Connection, StoreError, Vault};

use crate::Client;
use crate::IdentityRefusal;
use crate::People;
use engine::Fault;

/// Interval between anchors, in milliseconds. Entries removed within it are not detected if their head is also
/// restored from a copy.
const ANCHOR_EVERY_MS: u64 = 60_000;

/// What can be read in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditAction {
    ServerStarted,
    AdminMade,
    SignedIn,
    SignInRefused,
    SessionEnded,
    SessionsEnded,
    MemberChanged,
    MemberRemoved,
    ApiKeyMade,
    ApiKeyRevoked,
    VenueAdded,
    VenueChanged,
    VenueWithdrawn,
    PoolAdded,
    PoolChanged,
    PoolWithdrawn,
    CapacityChanged,
    OfferingAdded,
    OfferingChanged,
    OfferingWithdrawn,
    BookingsSearched,
    PersonExported,
    PersonErased,
    KeysRotated,
}

impl AuditAction {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ServerStarted => "server.started",
            Self::AdminMade => "admin.made",
            Self::SignedIn => "session.opened",
            Self::SignInRefused => "session.refused",
            Self::SessionEnded => "session.ended",
            Self::SessionsEnded => "sessions.ended",
            Self::MemberChanged => "member.changed",
            Self::MemberRemoved => "member.removed",
            Self::ApiKeyMade => "api_key.made",
            Self::ApiKeyRevoked => "api_key.revoked",
            Self::VenueAdded => "venue.added",
            Self::VenueChanged => "venue.changed",
            Self::VenueWithdrawn => "venue.withdrawn",
            Self::PoolAdded => "pool.added",
            Self::PoolChanged => "pool.changed",
            Self::PoolWithdrawn => "pool.withdrawn",
            Self::CapacityChanged => "pool.capacity_changed",
            Self::OfferingAdded => "offering.added",
            Self::OfferingChanged => "offering.changed",
            Self::OfferingWithdrawn => "offering.withdrawn",
            Self::BookingsSearched => "bookings.searched",
            Self::PersonExported => "person.exported",
            Self::PersonErased => "person.erased",
            Self::KeysRotated => "keys.rotated",
        }
    }
}

/// An entry being built.
#[derive(Debug, Clone)]
pub struct AuditEntry {
    action: AuditAction,
    actor: String,
    person: Option<PersonId>,
    business: Option<BusinessId>,
    target: Option<String>,
    private: Map<String, Value>,
}

impl AuditEntry {
    pub fn action(&self) -> AuditAction {
        self.action
    }

    pub fn by(actor: Actor, action: AuditAction) -> Self {
        let (name, business) = match actor {
            Actor::Guest(_) | Actor::Admin(_) | Actor::System => (actor.to_string(), None),
            Actor::Business(Staff { business, by: StaffCredential::Member(person, _) }) => {
                (person.to_string(), Some(business))
            }
            Actor::Business(Staff { business, by: StaffCredential::Key(key, _) }) => {
                (key.to_string(), Some(business))
            }
        };
        let person = actor.person();
        Self { action, actor: name, person, business, target: None, private: Map::new() }
    }

    /// By a person acting for themselves, or trying to; `None` if unknown.
    pub fn by_person(person: Option<PersonId>, action: AuditAction) -> Self {
        let actor = person.map_or_else(|| "nobody".to_owned(), |person| person.to_string());
        Self { action, actor, person, business: None, target: None, private: Map::new() }
    }

    #[must_use]
    pub fn to(self, target: impl Display) -> Self {
        Self { target: Some(target.to_string()), ..self }
    }

    #[must_use]
    pub fn at(self, business: BusinessId) -> Self {
        Self { business: Some(business), ..self }
    }

    /// Adds the network address, sealed under the key of the acting person.
    #[must_use]
    pub fn from(self, client: &Client) -> Self {
        let note = self.with("address", client.address.to_string());
        match &client.user_agent {
            Some(agent) => note.with("user_agent", agent.as_str()),
            None => note,
        }
    }

    /// Adds a detail, sealed in the same way.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.private.insert(name.to_owned(), value.into());
        self
    }

    /// Seals nothing under the acting person's key, because the act erases them.
    #[must_use]
    pub fn of_nobody(self) -> Self {
        Self { person: None, private: Map::new(), ..self }
    }
}

impl From<AuditEntry> for Entry {
    fn from(entry: AuditEntry) -> Self {
        let AuditEntry { action, actor, person, business, target, private } = entry;
        let private = (!private.is_empty()).then(|| Value::Object(private).to_string().into_bytes());
        Self { act: action.as_str(), actor, target, business, person, private }
    }
}

/// Writes the entry in the open transaction.
pub fn append(
    connection: &mut Connection,
    vault: &Vault,
    writer: AuditWriter,
    entry: AuditEntry,
    now: Instant,
) -> Result<(), StoreError> {
    audit::append(connection, vault, writer, vec![entry.into()], now)
}

/// Writes the entry in a separate transaction.
pub async fn record(app: &People, entry: AuditEntry) -> Result<(), Fault> {
    let subject = entry.person.map_or(Subject::NONE, |person| Subject(person.0));
    let written = app.engine.save(subject, move |unit| {
        unit.audit(entry.clone());
        Ok(())
    });
    written.await
}

/// Like [`record`], for something that has already happened: a failed write is logged and does not undo it.
pub async fn note(app: &People, entry: AuditEntry) {
    let action = entry.action.as_str();
    if let Err(error) = record(app, entry).await {
        tracing::error!(%error, action, "cannot write to the audit log");
    }
}

/// The newest entries before the cursor: all for an admin, those of their business for its owners.
pub async fn list(
    app: &People,
    actor: Actor,
    before: Option<Cursor>,
    count_max: i64,
) -> Result<Vec<Listed>, IdentityRefusal> {
    authorise(actor, Permission::ReadAudit, Resource::SHARED)?;
    let business = match actor {
        Actor::Business(staff) => Some(staff.business),
        Actor::Guest(_) | Actor::Admin(_) | Actor::System => None,
    };
    let vault = app.vault.clone();
    let listed =
        app.readers.ask(move |connection| audit::list(connection, &vault, business, before, count_max));
    Ok(listed.await.map_err(Fault::from)?)
}

/// Anchors until the task is aborted.
pub async fn run(app: Arc<People>) {
    let mut ticks = tokio::time::interval(Duration::from_millis(ANCHOR_EVERY_MS));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = anchor(&app).await {
            tracing::warn!(%error, "cannot anchor the audit log; retrying");
        }
    }
}

/// Also writes the heads of all chains to the server's log, which is usually kept elsewhere.
pub async fn anchor(app: &People) -> Result<(), Fault> {
    let (vault, writer) = (app.vault.clone(), app.audit);
    let anchored =
        app.engine.save(Subject::NONE, move |unit| audit::anchor(unit.connection, &vault, writer, unit.now));
    for head in anchored.await?.into_iter().flat_map(|anchor| anchor.heads) {
        let hash = head.hash.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
        tracing::info!(writer = head.writer, number = head.number, hash, "audit log anchored");
    }
    Ok(())
}
