//! People's rows. What says who they are comes here sealed; what they are found by is a keyed hash.

use domain::ids::PersonId;
use domain::time::Instant;

use crate::error::Result;
use crate::seam::{Connection, Param, Row, Rows};
use crate::vault::BlindIndex;

/// The columns of an account, in the order in which [`account`] reads them.
macro_rules! columns {
    () => {
        "id, contact, email_index, mobile_index, email_verified_at, mobile_verified_at, password_hash, is_admin, \
         created_at, updated_at, deactivated_at"
    };
}

/// Somebody with an account.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    pub id: PersonId,
    /// Name, e-mail address and number, sealed.
    pub contact: Vec<u8>,
    pub email_index: Option<BlindIndex>,
    pub mobile_index: Option<BlindIndex>,
    pub email_verified_at: Option<Instant>,
    pub mobile_verified_at: Option<Instant>,
    /// In the form that says by which algorithm it was made; of somebody who signs in by code only, none.
    pub password_hash: Option<String>,
    pub is_admin: bool,
    pub created_at: Instant,
    pub updated_at: Instant,
    pub deactivated_at: Option<Instant>,
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Account({})", self.id)
    }
}

pub fn insert(connection: &mut Connection, accounts: &[Account]) -> Result<()> {
    let mut rows = Rows::new(11, accounts.len());
    for account in accounts {
        rows.push([
            Param::Id(account.id.0),
            Param::Bytes(&account.contact),
            account.email_index.map(|index| index.0).into(),
            account.mobile_index.map(|index| index.0).into(),
            account.email_verified_at.into(),
            account.mobile_verified_at.into(),
            account.password_hash.as_deref().into(),
            account.is_admin.into(),
            account.created_at.into(),
            account.updated_at.into(),
            account.deactivated_at.into(),
        ]);
    }
    connection.write_many(
        "insert into people (id, contact, email_index, mobile_index, email_verified_at, mobile_verified_at, \
         password_hash, is_admin, created_at, updated_at, deactivated_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        &rows,
    )
}

/// Writes everything that can change about an account.
pub fn save(connection: &mut Connection, account: &Account) -> Result<()> {
    connection.execute(
        "update people set contact = $2, email_index = $3, mobile_index = $4, email_verified_at = $5, \
         mobile_verified_at = $6, password_hash = $7, is_admin = $8, updated_at = $9, deactivated_at = $10 \
         where id = $1",
        &[
            Param::Id(account.id.0),
            Param::Bytes(&account.contact),
            account.email_index.map(|index| index.0).into(),
            account.mobile_index.map(|index| index.0).into(),
            account.email_verified_at.into(),
            account.mobile_verified_at.into(),
            account.password_hash.as_deref().into(),
            account.is_admin.into(),
            account.updated_at.into(),
            account.deactivated_at.into(),
        ],
    )?;
    Ok(())
}

/// Puts a password's new hash in the place of the one it was checked against, unless that has changed meanwhile.
pub fn rehash(connection: &mut Connection, person: PersonId, old: &str, new: &str) -> Result<()> {
    connection.execute(
        "update people set password_hash = $3 where id = $1 and password_hash = $2",
        &[Param::Id(person.0), old.into(), new.into()],
    )?;
    Ok(())
}

pub fn by_id(connection: &mut Connection, id: PersonId) -> Result<Option<Account>> {
    connection.optional(
        concat!("select ", columns!(), " from people where id = $1"),
        &[Param::Id(id.0)],
        account,
    )
}

/// As [`by_id`], for an account that is about to be changed.
pub fn by_id_for_update(connection: &mut Connection, id: PersonId) -> Result<Option<Account>> {
    connection.optional(
        concat!("select ", columns!(), " from people where id = $1 for update"),
        &[Param::Id(id.0)],
        account,
    )
}

pub fn by_email(connection: &mut Connection, index: BlindIndex) -> Result<Option<Account>> {
    connection.optional(
        concat!("select ", columns!(), " from people where email_index = $1"),
        &[Param::Int(index.0)],
        account,
    )
}

pub fn by_mobile(connection: &mut Connection, index: BlindIndex) -> Result<Option<Account>> {
    connection.optional(
        concat!("select ", columns!(), " from people where mobile_index = $1"),
        &[Param::Int(index.0)],
        account,
    )
}

fn account(row: &Row<'_>) -> Result<Account> {
    Ok(Account {
        id: PersonId(row.id(0)?),
        contact: row.bytes(1)?,
        email_index: row.opt_int(2)?.map(BlindIndex),
        mobile_index: row.opt_int(3)?.map(BlindIndex),
        email_verified_at: row.opt_int(4)?.map(Instant),
        mobile_verified_at: row.opt_int(5)?.map(Instant),
        password_hash: row.opt_text(6)?,
        is_admin: row.int(7)? != 0,
        created_at: Instant(row.int(8)?),
        updated_at: Instant(row.int(9)?),
        deactivated_at: row.opt_int(10)?.map(Instant),
    })
}
