//! The audit log.

use app::audit::Listed;
use domain::ids::BusinessId;
use domain::time::Instant;
use serde_json::Value;

use crate::shape::{AnyObject, view};

view! {
    pub struct EntryView<'a> as "AuditEntry" {
        at: Instant,
        act: &'a str,
        /// Who acted: an id, `system`, or `nobody` if unknown.
        actor: &'a str,
        /// The id of the object acted on.
        target: Option<&'a str>,
        business_id: Option<BusinessId>,
        /// The address and other details. Null if the person concerned was erased.
        detail: Option<Value> as Option<AnyObject>,
    }

    /// Entries, newest first.
    pub struct AuditPage<'a> as "AuditPage" {
        entries: Vec<EntryView<'a>>,
        /// Send it as `cursor` to read the next page. Null on the last page.
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
