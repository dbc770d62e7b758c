//! The keys that sign tokens. A retired key no longer signs, but still verifies what it has signed.

use domain::time::Instant;

use crate::error::Result;
use crate::row::{TableRow as _, row};
use crate::seam::Connection;

row! {
    #[derive(Clone, PartialEq, Eq)]
    pub struct SigningKey of "signing_keys" as columns {
        kid: String = "kid",
        /// The JWT name: `EdDSA` or `HS256`.
        algorithm: String = "algorithm",
        /// Sealed.
        private_part: Vec<u8> = "private_part",
        /// Empty if there is no public part.
        public_part: Vec<u8> = "public_part",
        created_at: Instant = "created_at",
        retired_at: Option<Instant> = "retired_at",
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey({})", self.kid)
    }
}

/// All keys, oldest first.
pub fn all(connection: &mut Connection) -> Result<Vec<SigningKey>> {
    let sql = concat!("select ", columns!(), " from signing_keys order by created_at, kid");
    connection.all(sql, &[], SigningKey::read)
}

pub fn insert(connection: &mut Connection, key: &SigningKey) -> Result<()> {
    connection.execute(columns!(insert), &key.params())?;
    Ok(())
}

/// Retires every key but `kid`.
pub fn retire_others(connection: &mut Connection, kid: &str, now: Instant) -> Result<u64> {
    connection.execute(
        "update signing_keys set retired_at = $2 where kid <> $1 and retired_at is null",
        &[kid.into(), now.into()],
    )
}

/// Deletes keys that were retired before `before`, when everything they signed has expired.
pub fn forget(connection: &mut Connection, before: Instant) -> Result<u64> {
    connection.execute("delete from signing_keys where retired_at <= $1", &[before.into()])
}
