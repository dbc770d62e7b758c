//! The audit log.

use std::sync::Arc;

use app::App;
use app::audit;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::permission::Permission;
use wire::problem::Problem;
use wire::requests::lists::{AuditList, write_audit_cursor};
use wire::view::audit::{AuditPage, EntryView};

use super::extract::{Asked, json};
use crate::caller::Caller;
use crate::route::{READ, Route};

pub fn all() -> Vec<Route> {
    vec![
        Route::get("/api/v1/audit", list)
            .named("listAudit", "People", "Read the audit log")
            .says("Newest first. Admins see all entries, owners see those of their business.")
            .permission(Permission::ReadAudit)
            .query::<AuditList>()
            .gives::<AuditPage>(200, "A page of audit entries.")
            .refuses(READ),
    ]
}

async fn list(
    State(app): State<Arc<App>>,
    Caller(actor): Caller,
    Asked(AuditList { limit, cursor }): Asked<AuditList>,
) -> Result<Response, Problem> {
    // One more than is returned shows whether there is a next page.
    let mut listed = audit::list(&app, actor, cursor, limit + 1).await?;
    let shown = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = listed.len() > shown;
    listed.truncate(shown);
    let next_cursor = listed.last().filter(|_| more).map(|entry| write_audit_cursor(entry.cursor()));
    let entries = listed.iter().map(EntryView::from).collect();
    Ok(json(StatusCode::OK, &AuditPage { entries, next_cursor }))
}
