//! The rows of people. Identifying data is passed in sealed; lookups use a keyed hash.

use domain::ids::PersonId;
use domain::time::Instant;

use crate::error::Result;
use crate::row::{TableRow as _, row};
use crate::seam::{Connection, Param};
use crate::vault::BlindIndex;

row! {
    /// A person with an account.
    #[derive(Clone, PartialEq, Eq)]
    pub struct Account of "people" as columns {
        id: PersonId = "id",
        /// Name, email address and phone number. Sealed.
        contact: Vec<u8> = "contact",
        email_index: Option<BlindIndex> = "email_index",
        mobile_index: Option<BlindIndex> = "mobile_index",
        email_verified_at: Option<Instant> = "email_verified_at",
        mobile_verified_at: Option<Instant> = "mobile_verified_at",
        /// In a format that names the algorithm. `None` if the person signs in by code only.
        password_hash: Option<String> = "password_hash",
        is_admin: bool = "is_admin",
        created_at: Instant = "created_at",
        updated_at: Instant = "updated_at",
        deactivated_at: Option<Instant> = "deactivated_at",
    }
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Account({})", self.id)
    }
}

pub fn insert(connection: &mut Connection, accounts: &[Account]) -> Result<()> {
    connection.write_many(columns!(insert), &Account::rows(accounts))
}

/// Writes the changeable columns of an account.
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

/// Replaces a password hash by a new one of the same password, unless it has been changed in between.
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
        Account::read,
    )
}

/// Like [`by_id`], for an account that will be changed.
pub fn by_id_for_update(connection: &mut Connection, id: PersonId) -> Result<Option<Account>> {
    connection.optional(
        concat!("select ", columns!(), " from people where id = $1 for update"),
        &[Param::Id(id.0)],
        Account::read,
    )
}

pub fn by_email(connection: &mut Connection, index: BlindIndex) -> Result<Option<Account>> {
    connection.optional(
        concat!("select ", columns!(), " from people where email_index = $1"),
        &[Param::Int(index.0)],
        Account::read,
    )
}

pub fn by_mobile(connection: &mut Connection, index: BlindIndex) -> Result<Option<Account>> {
    connection.optional(
        concat!("select ", columns!(), " from people where mobile_index = $1"),
        &[Param::Int(index.0)],
        Account::read,
    )
}
