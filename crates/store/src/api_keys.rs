//! API keys of businesses: only their hashes are here.

use domain::ids::{ApiKeyId, BusinessId, PersonId};
use domain::permission::Scopes;
use domain::time::Instant;

use crate::error::{Result, StoreError};
use crate::seam::{Connection, Param, Row};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    pub id: ApiKeyId,
    pub business: BusinessId,
    pub name: String,
    /// The beginning of the key, by which its owner tells it from others.
    pub shown: String,
    pub scopes: Scopes,
    pub created_by: PersonId,
    pub created_at: Instant,
    pub expires_at: Option<Instant>,
    pub revoked_at: Option<Instant>,
}

pub fn insert(connection: &mut Connection, key: &ApiKey, secret_hash: &[u8]) -> Result<()> {
    connection.execute(
        "insert into api_keys (id, business_id, name, shown, secret_hash, scopes, created_by, created_at, expires_at, \
         revoked_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, null)",
        &[
            Param::Id(key.id.0),
            Param::Id(key.business.0),
            (&key.name).into(),
            (&key.shown).into(),
            Param::Bytes(secret_hash),
            Param::Int(key.scopes.bits()),
            Param::Id(key.created_by.0),
            key.created_at.into(),
            key.expires_at.into(),
        ],
    )?;
    Ok(())
}

pub fn by_secret(connection: &mut Connection, secret_hash: &[u8]) -> Result<Option<ApiKey>> {
    connection.optional(
        "select id, business_id, name, shown, scopes, created_by, created_at, expires_at, revoked_at from api_keys \
         where secret_hash = $1",
        &[Param::Bytes(secret_hash)],
        api_key,
    )
}

/// A business's keys that are not revoked, oldest first.
pub fn of_business(connection: &mut Connection, business: BusinessId) -> Result<Vec<ApiKey>> {
    connection.all(
        "select id, business_id, name, shown, scopes, created_by, created_at, expires_at, revoked_at from api_keys \
         where business_id = $1 and revoked_at is null order by created_at, id",
        &[Param::Id(business.0)],
        api_key,
    )
}

/// `false` if the business has no such key.
pub fn revoke(connection: &mut Connection, business: BusinessId, id: ApiKeyId, now: Instant) -> Result<bool> {
    let changed = connection.execute(
        "update api_keys set revoked_at = $3 where id = $1 and business_id = $2 and revoked_at is null",
        &[Param::Id(id.0), Param::Id(business.0), now.into()],
    )?;
    Ok(changed == 1)
}

fn api_key(row: &Row<'_>) -> Result<ApiKey> {
    let id = ApiKeyId(row.id(0)?);
    let corrupt = || StoreError::corrupt("api_keys", "scopes", id);
    Ok(ApiKey {
        id,
        business: BusinessId(row.id(1)?),
        name: row.text(2)?,
        shown: row.text(3)?,
        scopes: Scopes::from_bits(row.int(4)?).ok_or_else(corrupt)?,
        created_by: PersonId(row.id(5)?),
        created_at: Instant(row.int(6)?),
        expires_at: row.opt_int(7)?.map(Instant),
        revoked_at: row.opt_int(8)?.map(Instant),
    })
}
