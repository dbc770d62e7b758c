//! Reading the log, newest first.

use domain::ids::{BusinessId, PersonId};
use domain::time::Instant;

use super::chain::stored;
use super::{AuditWriter, Stored, aad_context};
use crate::error::Result;
use crate::seam::{Connection, Param};
use crate::vault::{Vault, people};

/// The start of a page: entries before this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    pub at: Instant,
    pub writer: AuditWriter,
    pub number: i64,
}

/// An entry for display.
#[derive(Clone, PartialEq, Eq)]
pub struct Listed {
    pub at: Instant,
    pub writer: AuditWriter,
    pub number: i64,
    pub act: String,
    pub actor: String,
    pub target: Option<String>,
    pub business: Option<BusinessId>,
    /// `None` also after the person was erased.
    pub private: Option<Vec<u8>>,
}

impl Listed {
    pub fn cursor(&self) -> Cursor {
        Cursor { at: self.at, writer: self.writer, number: self.number }
    }
}

/// The newest entries before the cursor, of one business or of all businesses.
pub fn list(
    connection: &mut Connection,
    vault: &Vault,
    business: Option<BusinessId>,
    before: Option<Cursor>,
    count_max: i64,
) -> Result<Vec<Listed>> {
    let first = Cursor { at: Instant(i64::MAX), writer: AuditWriter(i64::MAX), number: i64::MAX };
    let before = before.unwrap_or(first);
    let [at, writer, number] = [before.at.into(), Param::Int(before.writer.0), Param::Int(before.number)];
    let found = match business {
        Some(business) => connection.all(
            "select writer, number, at, act, actor, target, business_id, person_id, sealed, hash from audit_log \
             where business_id = $1 and (at, writer, number) < ($2, $3, $4) \
             order by at desc, writer desc, number desc limit $5",
            &[Param::Id(business.0), at, writer, number, Param::Int(count_max)],
            stored,
        )?,
        None => connection.all(
            "select writer, number, at, act, actor, target, business_id, person_id, sealed, hash from audit_log \
             where (at, writer, number) < ($1, $2, $3) order by at desc, writer desc, number desc limit $4",
            &[at, writer, number, Param::Int(count_max)],
            stored,
        )?,
    };
    let people: Vec<PersonId> = found.iter().filter_map(|entry| entry.person).collect();
    let keys = people::keys(connection, vault, &people)?;
    found.into_iter().map(|entry| open(vault, &keys, entry)).collect()
}

fn open(vault: &Vault, keys: &people::PersonKeys, entry: Stored) -> Result<Listed> {
    let context = aad_context(entry.writer, entry.number);
    let private = match (&entry.sealed, entry.person) {
        (None, _) => None,
        (Some(sealed), None) => Some(vault.open_installation(context, sealed)?),
        (Some(sealed), Some(person)) => match keys.get(person) {
            Some(key) => vault.open_sealed(key, context, sealed)?,
            None => None,
        },
    };
    let Stored { at, writer, number, act, actor, target, business, .. } = entry;
    Ok(Listed { at, writer, number, act, actor, target, business, private })
}
