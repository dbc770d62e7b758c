//! The audit log as those see it who may.

use app::audit::Listed;
use domain::ids::BusinessId;
use domain::time::Instant;
use serde_json::Value;

use crate::shape::{AnyObject, view};

view! {
    pub struct EntryView<'a> as "AuditEntry" {
        at: Instant,
        act: &'a str,
        /// Who did it: an id, `system`, or `nobody` we know.
        actor: &'a str,
        /// What it was done to, as an id.
        target: Option<&'a str>,
        business_id: Option<BusinessId>,
        /// From where, and what else there is to say. Null where whoever it is about was erased.
        detail: Option<Value> as Option<AnyObject>,
    }

    /// Entries, newest first.
    pub struct AuditPage<'a> as "AuditPage" {
        entries: Vec<EntryView<'a>>,
        /// Where the next page begins; null on the last.
        next_cursor: Option<String>,
    }
}

impl<'a> From<&'a Listed> for EntryView<'a> {
    fn from(entry: &'a Listed) -> Self {
        Self {
            at: entry.at,
            act: &entry.act,
            actor: &entry.actor,
            target: entry.target.as_deref(),
            business_id: entry.business,
            detail: entry.private.as_deref().and_then(|private| serde_json::from_slice(private).ok()),
        }
    }
}
