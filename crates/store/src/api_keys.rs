//! API keys of businesses. Only their hashes are stored.

use domain::ids::{ApiKeyId, BusinessId, PersonId};
use domain::permission::Scopes;
use domain::time::Instant;

use crate::error::Result;
use crate::row::{TableRow as _, row};
use crate::seam::{Connection, Param};

row! {
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct ApiKey of "api_keys" as columns {
        id: ApiKeyId = "id",
        business: BusinessId = "business_id",
        name: String = "name",
        /// The beginning of the key, which identifies it to its owner.
        shown: String = "shown",
        scopes: Scopes = "scopes",
        created_by: PersonId = "created_by",
        created_at: Instant = "created_at",
        expires_at: Option<Instant> = "expires_at",
        revoked_at: Option<Instant> = "revoked_at",
    }
}

pub fn insert(connection: &mut Connection, key: &ApiKey, secret_hash: &[u8]) -> Result<()> {
    let params = [&key.params()[..], &[Param::Bytes(secret_hash)]].concat();
    connection.execute(columns!(insert "secret_hash"), &params)?;
    Ok(())
}

pub fn by_secret(connection: &mut Connection, secret_hash: &[u8]) -> Result<Option<ApiKey>> {
    let sql = concat!("select ", columns!(), " from api_keys where secret_hash = $1");
    connection.optional(sql, &[Param::Bytes(secret_hash)], ApiKey::read)
}

/// A business's active API keys, oldest first.
pub fn of_business(connection: &mut Connection, business: BusinessId) -> Result<Vec<ApiKey>> {
    let sql = concat!(
        "select ",
        columns!(),
        " from api_keys where business_id = $1 and revoked_at is null order by created_at, id"
    );
    connection.all(sql, &[Param::Id(business.0)], ApiKey::read)
}

/// `false` if the business has no such active key.
pub fn revoke(connection: &mut Connection, business: BusinessId, id: ApiKeyId, now: Instant) -> Result<bool> {
    let changed = connection.execute(
        "update api_keys set revoked_at = $3 where id = $1 and business_id = $2 and revoked_at is null",
        &[Param::Id(id.0), Param::Id(business.0), now.into()],
    )?;
    Ok(changed == 1)
}
