//! Revocations: what is no longer valid, although processes may have cached it. Each process reads the newest rows
//! twice a second.

use domain::time::Instant;
use uuid::Uuid;

use crate::error::{Result, StoreError};
use crate::seam::{Connection, Param, Row};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Revoked {
    Session,
    /// A person's sessions and roles must be looked up again.
    Person,
    ApiKey,
    /// One token, by its `jti`.
    Token,
}

impl Revoked {
    fn as_str(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Person => "person",
            Self::ApiKey => "api_key",
            Self::Token => "token",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        [Self::Session, Self::Person, Self::ApiKey, Self::Token]
            .into_iter()
            .find(|kind| kind.as_str() == word)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Revocation {
    pub id: Uuid,
    pub kind: Revoked,
    pub subject: Uuid,
    pub created_at: Instant,
    /// When everything it revokes has expired, so that the row can be deleted.
    pub expires_at: Instant,
}

pub fn insert(connection: &mut Connection, revocation: &Revocation) -> Result<()> {
    connection.execute(
        "insert into revocations (id, kind, subject, created_at, expires_at) values ($1, $2, $3, $4, $5)",
        &[
            Param::Id(revocation.id),
            revocation.kind.as_str().into(),
            Param::Id(revocation.subject),
            revocation.created_at.into(),
            revocation.expires_at.into(),
        ],
    )?;
    Ok(())
}

/// What was revoked at or after `since`. A row can become visible later than its timestamp, so callers that follow
/// the list must read an overlapping period.
pub fn since(connection: &mut Connection, since: Instant) -> Result<Vec<Revocation>> {
    connection.all(
        "select id, kind, subject, created_at, expires_at from revocations where created_at >= $1 order by created_at",
        &[since.into()],
        revocation,
    )
}

/// Whether this token was revoked.
pub fn is_token_revoked(connection: &mut Connection, jti: Uuid) -> Result<bool> {
    let sql = "select created_at from revocations where subject = $1 and kind = 'token' limit 1";
    Ok(connection.optional(sql, &[Param::Id(jti)], |row| row.int(0))?.is_some())
}

/// Deletes up to `count_max` rows that are no longer needed.
pub fn purge(connection: &mut Connection, now: Instant, count_max: i64) -> Result<u64> {
    connection.execute(
        "delete from revocations where id in \
         (select id from revocations where expires_at <= $1 order by expires_at limit $2)",
        &[now.into(), Param::Int(count_max)],
    )
}

fn revocation(row: &Row<'_>) -> Result<Revocation> {
    let id = row.id(0)?;
    Ok(Revocation {
        id,
        kind: Revoked::from_word(&row.text(1)?)
            .ok_or_else(|| StoreError::corrupt("revocations", "kind", id))?,
        subject: row.id(2)?,
        created_at: Instant(row.int(3)?),
        expires_at: Instant(row.int(4)?),
    })
}
