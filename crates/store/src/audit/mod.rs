//! The audit log: who did what to what, from where. Entries are added and never changed.
//!
//! Each writer, one process start, has a chain of its own, so that nobody waits for another: an entry's hash covers the
//! entry as it is stored, sealed bytes included, and the hash before it. The last hash of each writer stands in
//! `audit_heads` under a seal, and the heads of all are told now and then in an entry themselves ([`anchor`]). Hashes and
//! seals are keyed by the installation: who can write to the database but does not know its secret can neither change,
//! remove nor reorder entries, nor cut off an end, without [`verify`] telling.

mod chain;
mod lists;
mod verify;

pub use chain::{Anchor, Head, anchor, append};
pub use lists::{Cursor, Listed, list};
pub use verify::verify;

use domain::ids::{BusinessId, PersonId};
use domain::time::Instant;

use crate::vault::AadContext;

/// Whoever writes entries: one process start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AuditWriter(pub i64);

/// What is written down.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    pub act: &'static str,
    /// Who acted, as an id or a word.
    pub actor: String,
    /// To what, as an id.
    pub target: Option<String>,
    /// Whose owners may read it.
    pub business: Option<BusinessId>,
    /// Under whose key the private part lies; under the installation's where it is about nobody.
    pub person: Option<PersonId>,
    /// Addresses, devices, names: sealed.
    pub private: Option<Vec<u8>>,
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Entry({} by {})", self.act, self.actor)
    }
}

/// An entry as it stands in the log.
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

/// The act of an entry that tells the heads of all chains.
const ANCHORED: &str = "audit.anchored";

/// Where an entry's private part lies.
fn aad_context(writer: AuditWriter, number: i64) -> AadContext {
    let row = uuid::Uuid::from_u64_pair(writer.0.cast_unsigned(), number.cast_unsigned());
    AadContext { column: "audit_log.sealed", row }
}
