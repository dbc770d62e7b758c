//! What was mailed to somebody and proves, brought back, that the address is theirs. Only its hash is here.

use domain::ids::PersonId;
use domain::time::Instant;

use crate::error::{Result, StoreError};
use crate::seam::{Connection, Param, Row};
use crate::vault::BlindIndex;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Makes an account of what the payload holds.
    Register,
    ChangeEmail,
    ResetPassword,
}

impl Purpose {
    fn as_str(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::ChangeEmail => "change_email",
            Self::ResetPassword => "reset_password",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailToken {
    pub purpose: Purpose,
    pub person: Option<PersonId>,
    pub email_index: BlindIndex,
    /// What is done when the token comes back, sealed.
    pub payload: Vec<u8>,
    pub created_at: Instant,
    pub expires_at: Instant,
}

/// Stores a token in the place of all earlier ones of its purpose for the address: the newest mail is the one that works.
pub fn replace(connection: &mut Connection, token_hash: &[u8], token: &EmailToken) -> Result<()> {
    connection.execute(
        "delete from email_tokens where email_index = $1 and purpose = $2",
        &[Param::Int(token.email_index.0), token.purpose.as_str().into()],
    )?;
    connection.execute(
        "insert into email_tokens (token_hash, purpose, person_id, email_index, payload, created_at, expires_at) \
         values ($1, $2, $3, $4, $5, $6, $7)",
        &[
            Param::Bytes(token_hash),
            token.purpose.as_str().into(),
            token.person.map(|person| person.0).into(),
            Param::Int(token.email_index.0),
            Param::Bytes(&token.payload),
            token.created_at.into(),
            token.expires_at.into(),
        ],
    )?;
    Ok(())
}

/// Takes the token that still works out of the table: it works once.
pub fn take(connection: &mut Connection, token_hash: &[u8], now: Instant) -> Result<Option<EmailToken>> {
    let found = connection.optional(
        "select token_hash, purpose, person_id, email_index, payload, created_at, expires_at from email_tokens \
         where token_hash = $1 and expires_at > $2 for update",
        &[Param::Bytes(token_hash), now.into()],
        email_token,
    )?;
    let sql = "delete from email_tokens where token_hash = $1";
    let is_ours = connection.execute(sql, &[Param::Bytes(token_hash)])? == 1;
    Ok(found.filter(|_| is_ours))
}

/// Forgets what was mailed to a person or to their address.
pub fn forget(connection: &mut Connection, person: PersonId, email: Option<BlindIndex>) -> Result<()> {
    connection.execute("delete from email_tokens where person_id = $1", &[Param::Id(person.0)])?;
    let sql = "delete from email_tokens where email_index = $1";
    connection.execute(sql, &[email.map(|index| index.0).into()])?;
    Ok(())
}

/// The token of this purpose that an address was sent last, and its hash, if it still works.
pub fn pending(
    connection: &mut Connection,
    email_index: BlindIndex,
    purpose: Purpose,
    now: Instant,
) -> Result<Option<(Vec<u8>, EmailToken)>> {
    connection.optional(
        "select token_hash, purpose, person_id, email_index, payload, created_at, expires_at from email_tokens \
         where email_index = $1 and purpose = $2 and expires_at > $3 order by created_at desc limit 1",
        &[Param::Int(email_index.0), purpose.as_str().into(), now.into()],
        |row| Ok((row.bytes(0)?, email_token(row)?)),
    )
}

pub fn purge(connection: &mut Connection, now: Instant, count_max: i64) -> Result<u64> {
    connection.execute(
        "delete from email_tokens where token_hash in \
         (select token_hash from email_tokens where expires_at <= $1 order by expires_at limit $2)",
        &[now.into(), Param::Int(count_max)],
    )
}

fn email_token(row: &Row<'_>) -> Result<EmailToken> {
    let purpose = match row.text(1)?.as_str() {
        "register" => Purpose::Register,
        "change_email" => Purpose::ChangeEmail,
        "reset_password" => Purpose::ResetPassword,
        _ => return Err(StoreError::corrupt("email_tokens", "purpose", "a token")),
    };
    Ok(EmailToken {
        purpose,
        person: row.opt_id(2)?.map(PersonId),
        email_index: BlindIndex(row.int(3)?),
        payload: row.bytes(4)?,
        created_at: Instant(row.int(5)?),
        expires_at: Instant(row.int(6)?),
    })
}
