//! Verification of the audit log.

use std::collections::{HashMap, HashSet};

use super::chain::{Anchor, Head, Keys, stored};
use super::{ANCHORED, AuditWriter, Stored, aad_context};
use crate::error::Result;
use crate::seam::Connection;
use crate::vault::Vault;

/// Checks every entry and returns the differences: entries that were changed, removed, reordered or truncated, heads
/// that do not match, and entries that an anchor recorded and that are missing. If others are writing, the caller
/// must begin a snapshot first.
pub fn verify(connection: &mut Connection, vault: &Vault) -> Result<Vec<String>> {
    connection.unhurried(|connection| look(connection, vault))
}

fn look(connection: &mut Connection, vault: &Vault) -> Result<Vec<String>> {
    let keys = Keys::of(vault);
    let mut walk =
        Walk { vault, keys: &keys, differences: Vec::new(), ends: HashMap::new(), anchored: Vec::new() };
    let mut last: Option<(AuditWriter, i64, Vec<u8>)> = None;
    connection.each(
        "select writer, number, at, act, actor, target, business_id, person_id, sealed, hash from audit_log \
         order by writer, number",
        &[],
        |row| {
            let entry = stored(row)?;
            let before = last.take().filter(|(writer, ..)| *writer == entry.writer);
            walk.entry(&entry, before.as_ref());
            last = Some((entry.writer, entry.number, entry.hash));
            Ok(())
        },
    )?;
    let mut heads = HashSet::new();
    connection.each(
        "select writer, number, at, hash, seal from audit_heads order by writer",
        &[],
        |row| {
            let head =
                Head { writer: row.int(0)?, number: row.int(1)?, at: row.int(2)?, hash: row.bytes(3)? };
            walk.head(&head, &row.bytes(4)?);
            heads.insert(head.writer);
            Ok(())
        },
    )?;
    for writer in walk.ends.keys().filter(|writer| !heads.contains(writer)) {
        walk.differences.push(format!("writer {writer}: head is missing"));
    }
    let anchored = std::mem::take(&mut walk.anchored);
    for head in &anchored {
        let found = connection.optional(
            "select hash from audit_log where writer = $1 and number = $2",
            &[head.writer.into(), head.number.into()],
            |row| row.bytes(0),
        )?;
        if found.as_ref() != Some(&head.hash) {
            let Head { writer, number, .. } = head;
            walk.differences.push(format!("entry {number} of writer {writer}: differs from its anchor"));
        }
    }
    // A server writes an entry as soon as it has its keys.
    if walk.ends.is_empty() && Vault::is_begun(connection)? {
        walk.differences.push("the log is empty, but the server has run before".to_owned());
    }
    Ok(walk.differences)
}

struct Walk<'a> {
    vault: &'a Vault,
    keys: &'a Keys,
    differences: Vec<String>,
    /// The last entry of each writer.
    ends: HashMap<i64, (i64, Vec<u8>)>,
    /// The heads recorded by anchors.
    anchored: Vec<Head>,
}

impl Walk<'_> {
    fn entry(&mut self, entry: &Stored, before: Option<&(AuditWriter, i64, Vec<u8>)>) {
        let at = format!("entry {} of writer {}", entry.number, entry.writer.0);
        let expected = before.map_or(1, |(_, number, _)| number + 1);
        if entry.number != expected {
            self.differences.push(format!("{at}: entry {expected} before it is missing"));
        }
        let hash_before = before.map_or(&[][..], |(_, _, hash)| hash);
        // After a gap, the position of the first entry cannot be checked, only those after it.
        if entry.number == expected && self.keys.hash(hash_before, entry) != entry.hash {
            self.differences.push(format!("{at}: was modified"));
        }
        if entry.act == ANCHORED {
            self.anchor(entry, &at);
        }
        self.ends.insert(entry.writer.0, (entry.number, entry.hash.clone()));
    }

    fn anchor(&mut self, entry: &Stored, at: &str) {
        let sealed = entry.sealed.as_deref().unwrap_or_default();
        let opened = self.vault.open_installation(aad_context(entry.writer, entry.number), sealed).ok();
        match opened.and_then(|told| serde_json::from_slice::<Anchor>(&told).ok()) {
            Some(anchor) => self.anchored.extend(anchor.heads),
            None => self.differences.push(format!("{at}: unreadable anchor")),
        }
    }

    fn head(&mut self, head: &Head, seal: &[u8]) {
        let Head { writer, number, .. } = head;
        if self.keys.seal(head) != seal {
            self.differences.push(format!("writer {writer}: head was modified"));
        }
        match self.ends.get(writer) {
            Some((last, hash)) if last == number && *hash == head.hash => {}
            Some((last, _)) => self
                .differences
                .push(format!("writer {writer}: last entry is {last}, but the head says {number}")),
            None => self.differences.push(format!("writer {writer}: all {number} entries are missing")),
        }
    }
}
