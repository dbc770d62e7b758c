//! The audit log as those see it who may.

use app::audit::Listed;
use domain::ids::BusinessId;
use domain::time::Instant;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
#[schema(as = AuditEntry)]
pub struct EntryView<'a> {
    #[schema(value_type = String, format = DateTime)]
    at: Instant,
    #[schema(example = "person.erased")]
    act: &'a str,
    /// Who did it: an id, `system`, or `nobody` we know.
    actor: &'a str,
    /// What it was done to, as an id.
    target: Option<&'a str>,
    #[schema(value_type = Option<String>)]
    business_id: Option<BusinessId>,
    /// From where, and what else there is to say. Null where whoever it is about was erased.
    #[schema(value_type = Option<Object>)]
    detail: Option<Value>,
}

/// Entries, newest first.
#[derive(Serialize, ToSchema)]
pub struct AuditPage<'a> {
    pub entries: Vec<EntryView<'a>>,
    /// Where the next page begins; null on the last.
    pub next_cursor: Option<String>,
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
