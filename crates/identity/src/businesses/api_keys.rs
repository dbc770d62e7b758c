//! API keys, with which a business's programs authenticate. They are shown once and stored as hashes.

use domain::authorise::Denied;
use domain::ids::{ApiKeyId, BusinessId};
use domain::limits::API_KEYS_MAX;
use domain::permission::{Permission, Scopes};
use domain::time::Instant;
use engine::Subject;
use store::api_keys;
pub use store::api_keys::ApiKey;

use super::{permitted, person_behind};
use crate::People;
use crate::audit::{AuditAction, AuditEntry};
use crate::credentials::{Authenticated, KEY_PREFIX, key_hash};
use crate::revocations::{self, Ending};
use crate::{IdentityRefusal, sessions};
use engine::Fault;

/// Number of characters of a key that are shown later, including its prefix.
const SHOWN_CHARS: usize = 12;

/// A key that is to be.
#[derive(Debug, Clone)]
pub struct NewKey {
    pub name: String,
    pub scopes: Scopes,
    pub expires_at: Option<Instant>,
}

/// Creates a key and returns it. It cannot be shown again.
pub async fn create(
    app: &People,
    caller: Authenticated,
    business: BusinessId,
    new: NewKey,
) -> Result<(ApiKey, String), IdentityRefusal> {
    permitted(app, caller, business, Permission::ChangeApiKeys).await?;
    let created_by = person_behind(caller, Permission::ChangeApiKeys)?;
    let secret = format!("{KEY_PREFIX}{}", sessions::secret());
    let key = ApiKey {
        id: ApiKeyId(app.new_id()),
        business,
        name: new.name,
        shown: secret.chars().take(SHOWN_CHARS).collect(),
        scopes: new.scopes,
        created_by,
        created_at: app.clock.now(),
        expires_at: new.expires_at,
        revoked_at: None,
    };
    let (row, hash) = (key.clone(), key_hash(&secret));
    let made = AuditEntry::by(caller.actor, AuditAction::ApiKeyMade).at(business).to(key.id);
    let is_made = app.engine.save(Subject(business.0), move |unit| {
        let connection = &mut *unit.connection;
        let count = api_keys::of_business(connection, business)?.len();
        if i64::try_from(count).unwrap_or(i64::MAX) >= API_KEYS_MAX {
            return Ok(false);
        }
        api_keys::insert(connection, &row, &hash)?;
        unit.audit(made.clone());
        Ok(true)
    });
    if !is_made.await? {
        return Err(IdentityRefusal::TooMany("API keys"));
    }
    Ok((key, secret))
}

/// A business's active keys.
pub async fn list(
    app: &People,
    caller: Authenticated,
    business: BusinessId,
) -> Result<Vec<ApiKey>, IdentityRefusal> {
    permitted(app, caller, business, Permission::ReadApiKeys).await?;
    let found = app.readers.ask(move |connection| api_keys::of_business(connection, business)).await;
    Ok(found.map_err(Fault::from)?)
}

pub async fn revoke(
    app: &People,
    caller: Authenticated,
    business: BusinessId,
    id: ApiKeyId,
) -> Result<(), IdentityRefusal> {
    permitted(app, caller, business, Permission::ChangeApiKeys).await?;
    let access_ms = app.tokens.settings.access_ms;
    let entry = AuditEntry::by(caller.actor, AuditAction::ApiKeyRevoked).at(business).to(id);
    let revoked = app.engine.save(Subject(business.0), move |unit| {
        let (connection, now) = unit.parts();
        if !api_keys::revoke(connection, business, id, now)? {
            return Ok(None);
        }
        let revocation = revocations::record(connection, Ending::ApiKey(id), access_ms, now)?;
        unit.audit(entry.clone());
        Ok(Some(revocation))
    });
    let revocation = revoked.await?.ok_or(Denied::NotFound("API key"))?;
    revocations::announce(app, &revocation, &[]).await;
    Ok(())
}
