//! Appending entries to a writer's chain.

use aws_lc_rs::hmac;
use domain::ids::{BusinessId, PersonId};
use domain::time::Instant;
use serde::{Deserialize, Serialize};

use super::{ANCHORED, AuditWriter, Entry, Stored, aad_context};
use crate::error::{Result, StoreError};
use crate::seam::{Connection, Param, Row, Rows};
use crate::vault::{Vault, people};

/// Heads per anchor. Only tests start more writers than this between two anchors.
const HEADS_PER_ANCHOR_MAX: i64 = 10_000;

/// The keys for the hashes of an installation.
pub(super) struct Keys {
    entries: hmac::Key,
    heads: hmac::Key,
}

impl Keys {
    pub fn of(vault: &Vault) -> Self {
        Self { entries: vault.hash_key("audit entries"), heads: vault.hash_key("audit heads") }
    }

    /// The hash of an entry and of the writer's previous hash. Each part is preceded by its length.
    pub fn hash(&self, before: &[u8], entry: &Stored) -> Vec<u8> {
        let mut context = hmac::Context::with_key(&self.entries);
        let mut part = |bytes: Option<&[u8]>| {
            let length = bytes.map_or(u64::MAX, |bytes| bytes.len() as u64);
            context.update(&length.to_be_bytes());
            context.update(bytes.unwrap_or_default());
        };
        part(Some(before));
        for number in [entry.writer.0, entry.number, entry.at.0] {
            part(Some(&number.to_be_bytes()));
        }
        part(Some(entry.act.as_bytes()));
        part(Some(entry.actor.as_bytes()));
        part(entry.target.as_deref().map(str::as_bytes));
        part(entry.business.as_ref().map(|business| business.0.as_bytes().as_slice()));
        part(entry.person.as_ref().map(|person| person.0.as_bytes().as_slice()));
        part(entry.sealed.as_deref());
        context.sign().as_ref().to_vec()
    }

    pub fn seal(&self, head: &Head) -> Vec<u8> {
        let mut context = hmac::Context::with_key(&self.heads);
        for number in [head.writer, head.number, head.at] {
            context.update(&number.to_be_bytes());
        }
        context.update(&head.hash);
        context.sign().as_ref().to_vec()
    }
}

/// The last entry of a writer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    pub writer: i64,
    pub number: i64,
    /// In milliseconds since 1970-01-01.
    pub at: i64,
    pub hash: Vec<u8>,
}

/// The content of an anchor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anchor {
    pub heads: Vec<Head>,
}

/// Appends entries to the writer's chain, in the caller's transaction. A writer must append from one thread at a
/// time.
pub fn append(
    connection: &mut Connection,
    vault: &Vault,
    writer: AuditWriter,
    entries: Vec<Entry>,
    now: Instant,
) -> Result<()> {
    let keys = Keys::of(vault);
    let mut head = head_of(connection, writer)?;
    let is_first = head.number == 0;
    let mut stored = Vec::with_capacity(entries.len());
    for entry in entries {
        let number = head.number + 1;
        let sealed = seal(connection, vault, &entry, (writer, number), now)?;
        let Entry { act, actor, target, business, person, private: _ } = entry;
        let act = act.to_owned();
        let hash = Vec::new();
        let mut row = Stored { writer, number, at: now, act, actor, target, business, person, sealed, hash };
        row.hash = keys.hash(&head.hash, &row);
        head = Head { writer: writer.0, number, at: now.0, hash: row.hash.clone() };
        stored.push(row);
    }
    insert(connection, &stored)?;
    save_head(connection, &head, &keys.seal(&head), is_first)
}

/// Records the heads that have grown since the last anchor in an entry of this writer, and returns them. If they are
/// also kept elsewhere, they prove that nothing before them has changed. Does nothing if no head has grown.
pub fn anchor(
    connection: &mut Connection,
    vault: &Vault,
    writer: AuditWriter,
    now: Instant,
) -> Result<Option<Anchor>> {
    let sql = "select max(at) from audit_log where act = 'audit.anchored'";
    let last = connection.optional(sql, &[], |row| row.opt_int(0))?.flatten().unwrap_or(i64::MIN);
    let heads = connection.all(
        "select writer, number, at, hash from audit_heads where at >= $1 order by writer limit $2",
        &[Param::Int(last), Param::Int(HEADS_PER_ANCHOR_MAX)],
        head,
    )?;
    let sql = "select act from audit_log where writer = $1 and number = $2";
    let is_anchor = |connection: &mut Connection, head: &Head| {
        let key = [Param::Int(head.writer), Param::Int(head.number)];
        Ok::<_, StoreError>(connection.optional(sql, &key, |row| row.text(0))?.as_deref() == Some(ANCHORED))
    };
    let mut grown = Vec::new();
    for head in heads {
        if !is_anchor(connection, &head)? {
            grown.push(head);
        }
    }
    if grown.is_empty() {
        return Ok(None);
    }
    let anchor = Anchor { heads: grown };
    let told = serde_json::to_vec(&anchor).expect("numbers and bytes are always JSON");
    let entry = Entry {
        act: ANCHORED,
        actor: "system".to_owned(),
        target: None,
        business: None,
        person: None,
        private: Some(told),
    };
    append(connection, vault, writer, vec![entry], now)?;
    Ok(Some(anchor))
}

fn seal(
    connection: &mut Connection,
    vault: &Vault,
    entry: &Entry,
    (writer, number): (AuditWriter, i64),
    now: Instant,
) -> Result<Option<Vec<u8>>> {
    let context = aad_context(writer, number);
    match (&entry.private, entry.person) {
        (None, _) => Ok(None),
        (Some(private), None) => Ok(Some(vault.seal_installation(context, private))),
        (Some(private), Some(person)) => {
            people::seal(connection, vault, (person, context), private, now).map(Some)
        }
    }
}

fn insert(connection: &mut Connection, entries: &[Stored]) -> Result<()> {
    let mut rows = Rows::new(10, entries.len());
    for entry in entries {
        rows.push([
            Param::Int(entry.writer.0),
            Param::Int(entry.number),
            entry.at.into(),
            (&entry.act).into(),
            (&entry.actor).into(),
            entry.target.as_deref().into(),
            entry.business.map(|business| business.0).into(),
            entry.person.map(|person| person.0).into(),
            entry.sealed.as_deref().into(),
            Param::Bytes(&entry.hash),
        ]);
    }
    connection.write_many(
        "insert into audit_log (writer, number, at, act, actor, target, business_id, person_id, sealed, hash) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        &rows,
    )
}

fn head_of(connection: &mut Connection, writer: AuditWriter) -> Result<Head> {
    let sql = "select writer, number, at, hash from audit_heads where writer = $1";
    let found = connection.optional(sql, &[Param::Int(writer.0)], head)?;
    Ok(found.unwrap_or(Head { writer: writer.0, number: 0, at: 0, hash: Vec::new() }))
}

fn save_head(connection: &mut Connection, head: &Head, seal: &[u8], is_first: bool) -> Result<()> {
    let params = [
        Param::Int(head.writer),
        Param::Int(head.number),
        Param::Int(head.at),
        Param::Bytes(&head.hash),
        Param::Bytes(seal),
    ];
    let sql = if is_first {
        "insert into audit_heads (writer, number, at, hash, seal) values ($1, $2, $3, $4, $5)"
    } else {
        "update audit_heads set number = $2, at = $3, hash = $4, seal = $5 where writer = $1"
    };
    connection.execute(sql, &params).map(drop)
}

fn head(row: &Row<'_>) -> Result<Head> {
    Ok(Head { writer: row.int(0)?, number: row.int(1)?, at: row.int(2)?, hash: row.bytes(3)? })
}

/// An entry, read from the columns in [`COLUMNS`](super::lists).
pub(super) fn stored(row: &Row<'_>) -> Result<Stored> {
    Ok(Stored {
        writer: AuditWriter(row.int(0)?),
        number: row.int(1)?,
        at: Instant(row.int(2)?),
        act: row.text(3)?,
        actor: row.text(4)?,
        target: row.opt_text(5)?,
        business: row.opt_id(6)?.map(BusinessId),
        person: row.opt_id(7)?.map(PersonId),
        sealed: row.opt_bytes(8)?,
        hash: row.bytes(9)?,
    })
}
