//! The audit log: who did what, to which resource, from where. Entries are appended and never changed.
//!
//! Each writer, which is one process start, has its own chain, so that writers do not wait for each other. An entry's
//! hash covers the stored entry, including sealed bytes, and the previous hash. The last hash of each writer is
//! stored sealed in `audit_heads`, and the heads of all writers are regularly recorded in an entry ([`anchor`]).
//! Hashes and seals are keyed by the installation. An attacker who can write to the database but does not know its
//! secret therefore cannot change, remove, reorder or truncate entries without [`verify`] detecting it.

mod chain;
mod lists;
mod verify;

pub use chain::{Anchor, Head, anchor, append};
pub use lists::{Cursor, Listed, list};
pub use verify::verify;

use domain::ids::{BusinessId, PersonId};
use domain::time::Instant;

use crate::vault::AadContext;

/// The writer of entries: one process start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AuditWriter(pub i64);

/// A new entry.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    pub act: &'static str,
    /// Who acted, as an id or a word.
    pub actor: String,
    /// The id of the affected resource.
    pub target: Option<String>,
    /// The business whose owners may read the entry.
    pub business: Option<BusinessId>,
    /// The person whose key seals the private part. If `None`, the installation's key does.
    pub person: Option<PersonId>,
    /// Addresses, devices and names. Sealed.
    pub private: Option<Vec<u8>>,
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Entry({} by {})", self.act, self.actor)
    }
}

/// An entry as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stored {
    writer: AuditWriter,
    number: i64,
    at: Instant,
    act: String,
    actor: String,
    target: Option<String>,
    business: Option<BusinessId>,
    person: Option<PersonId>,
    sealed: Option<Vec<u8>>,
    hash: Vec<u8>,
}

/// The act of an entry that records the heads of all chains.
const ANCHORED: &str = "audit.anchored";

/// The location of an entry's private part.
fn aad_context(writer: AuditWriter, number: i64) -> AadContext {
    let row = uuid::Uuid::from_u64_pair(writer.0.cast_unsigned(), number.cast_unsigned());
    AadContext { column: "audit_log.sealed", row }
}
