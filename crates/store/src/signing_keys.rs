//! The keys that sign tokens. A retired one signs no more, but still proves what it has signed.

use domain::time::Instant;

use crate::error::Result;
use crate::seam::{Connection, Param};

#[derive(Clone, PartialEq, Eq)]
pub struct SigningKey {
    pub kid: String,
    /// As JWT calls it: `EdDSA` or `HS256`.
    pub algorithm: String,
    /// Sealed.
    pub private_part: Vec<u8>,
    /// Empty where there is none that may be shown.
    pub public_part: Vec<u8>,
    pub created_at: Instant,
    pub retired_at: Option<Instant>,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey({})", self.kid)
    }
}

/// All keys, oldest first.
pub fn all(connection: &mut Connection) -> Result<Vec<SigningKey>> {
    connection.all(
        "select kid, algorithm, private_part, public_part, created_at, retired_at from signing_keys \
         order by created_at, kid",
        &[],
        |row| {
            Ok(SigningKey {
                kid: row.text(0)?,
                algorithm: row.text(1)?,
                private_part: row.bytes(2)?,
                public_part: row.bytes(3)?,
                created_at: Instant(row.int(4)?),
                retired_at: row.opt_int(5)?.map(Instant),
            })
        },
    )
}

pub fn insert(connection: &mut Connection, key: &SigningKey) -> Result<()> {
    connection.execute(
        "insert into signing_keys (kid, algorithm, private_part, public_part, created_at, retired_at) \
         values ($1, $2, $3, $4, $5, $6)",
        &[
            (&key.kid).into(),
            (&key.algorithm).into(),
            Param::Bytes(&key.private_part),
            Param::Bytes(&key.public_part),
            key.created_at.into(),
            key.retired_at.into(),
        ],
    )?;
    Ok(())
}

/// Retires every key but `kid`.
pub fn retire_others(connection: &mut Connection, kid: &str, now: Instant) -> Result<u64> {
    connection.execute(
        "update signing_keys set retired_at = $2 where kid <> $1 and retired_at is null",
        &[kid.into(), now.into()],
    )
}

/// Forgets keys that were retired before `before`, when all they signed has expired.
pub fn forget(connection: &mut Connection, before: Instant) -> Result<u64> {
    connection.execute("delete from signing_keys where retired_at <= $1", &[before.into()])
}
