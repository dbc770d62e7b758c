//! Tokens sent by email, which prove that an address belongs to its recipient. Only their hashes are stored.

use domain::ids::PersonId;
use domain::time::Instant;

use crate::error::Result;
use crate::row::{Column, TableRow as _, known, row};
use crate::seam::{Connection, Param, Row};
use crate::vault::BlindIndex;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Creates an account from the payload.
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

    fn from_word(word: &str) -> Option<Self> {
        [Self::Register, Self::ChangeEmail, Self::ResetPassword]
            .into_iter()
            .find(|purpose| purpose.as_str() == word)
    }
}

impl Column for Purpose {
    fn param(&self) -> Param<'_> {
        self.as_str().into()
    }

    fn read(row: &Row<'_>, column: usize) -> Result<Option<Self>> {
        known(row.opt_text(column)?, |word| Self::from_word(&word))
    }
}

row! {
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct EmailToken of "email_tokens" as columns {
        purpose: Purpose = "purpose",
        person: Option<PersonId> = "person_id",
        email_index: BlindIndex = "email_index",
        /// The data for the act when the token is used. Sealed.
        payload: Vec<u8> = "payload",
        created_at: Instant = "created_at",
        expires_at: Instant = "expires_at",
    }
}

/// Stores a token and replaces all earlier ones of its purpose for the address, so that only the newest email works.
pub fn replace(connection: &mut Connection, token_hash: &[u8], token: &EmailToken) -> Result<()> {
    connection.execute(
        "delete from email_tokens where email_index = $1 and purpose = $2",
        &[Param::Int(token.email_index.0), token.purpose.as_str().into()],
    )?;
    let params = [&token.params()[..], &[Param::Bytes(token_hash)]].concat();
    connection.execute(columns!(insert "token_hash"), &params)?;
    Ok(())
}

/// Removes and returns a valid token, so that it works once.
pub fn take(connection: &mut Connection, token_hash: &[u8], now: Instant) -> Result<Option<EmailToken>> {
    let found = connection.optional(
        concat!(
            "select ",
            columns!(),
            " from email_tokens where token_hash = $1 and expires_at > $2 for update"
        ),
        &[Param::Bytes(token_hash), now.into()],
        EmailToken::read,
    )?;
    let sql = "delete from email_tokens where token_hash = $1";
    let is_ours = connection.execute(sql, &[Param::Bytes(token_hash)])? == 1;
    Ok(found.filter(|_| is_ours))
}

/// Deletes the tokens sent to a person or to their address.
pub fn forget(connection: &mut Connection, person: PersonId, email: Option<BlindIndex>) -> Result<()> {
    connection.execute("delete from email_tokens where person_id = $1", &[Param::Id(person.0)])?;
    let sql = "delete from email_tokens where email_index = $1";
    connection.execute(sql, &[email.map(|index| index.0).into()])?;
    Ok(())
}

/// The latest token of this purpose sent to an address, and its hash, if it is still valid.
pub fn pending(
    connection: &mut Connection,
    email_index: BlindIndex,
    purpose: Purpose,
    now: Instant,
) -> Result<Option<(Vec<u8>, EmailToken)>> {
    connection.optional(
        concat!(
            "select ",
            columns!(),
            ", token_hash from email_tokens where email_index = $1 and purpose = $2 and expires_at > $3 \
             order by created_at desc limit 1"
        ),
        &[Param::Int(email_index.0), purpose.as_str().into(), now.into()],
        |row| Ok((row.bytes(EmailToken::WIDTH)?, EmailToken::read(row)?)),
    )
}

pub fn purge(connection: &mut Connection, now: Instant, count_max: i64) -> Result<u64> {
    connection.execute(
        "delete from email_tokens where token_hash in \
         (select token_hash from email_tokens where expires_at <= $1 order by expires_at limit $2)",
        &[now.into(), Param::Int(count_max)],
    )
}
