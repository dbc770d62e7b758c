//! The endpoint of the audit log.

use std::sync::Arc;

use app::App;
use app::audit::{self, AuditWriter, Cursor, Listed};
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use domain::field::FieldErrors;
use domain::time::Instant;

use super::json;
use super::query::{LIMIT_DEFAULT, LIMIT_MAX, pairs};
use crate::caller::Caller;
use crate::problem::Problem;
use crate::view::audit::{AuditPage, EntryView};

pub async fn list(State(app): State<Arc<App>>, Caller(actor): Caller, uri: Uri) -> Result<Response, Problem> {
    let (before, limit) = asked(&uri)?;
    // One more than is shown tells whether there is a next page.
    let mut listed = audit::list(&app, actor, before, limit + 1).await?;
    let shown = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = listed.len() > shown;
    listed.truncate(shown);
    let next_cursor = listed.last().filter(|_| more).map(write_cursor);
    let entries = listed.iter().map(EntryView::from).collect();
    Ok(json(StatusCode::OK, &AuditPage { entries, next_cursor }))
}

fn asked(uri: &Uri) -> Result<(Option<Cursor>, i64), Problem> {
    let (mut before, mut limit) = (None, LIMIT_DEFAULT);
    let mut errors = FieldErrors::default();
    for (name, value) in pairs(uri)? {
        let wrong = match name.as_str() {
            "limit" => match value.parse() {
                Ok(asked @ 1..=LIMIT_MAX) => {
                    limit = asked;
                    None
                }
                Ok(_) | Err(_) => Some(format!("must be from 1 to {LIMIT_MAX}")),
            },
            "cursor" => {
                before = cursor(&value);
                before.is_none().then(|| "is not a cursor of this list".to_owned())
            }
            _ => Some("is not a parameter of this list".to_owned()),
        };
        if let Some(detail) = wrong {
            errors.add(format!("query:{name}"), detail);
        }
    }
    errors.or((before, limit)).map_err(|errors| Problem::invalid(&errors))
}

fn write_cursor(entry: &Listed) -> String {
    let Cursor { at, writer, number } = entry.cursor();
    format!("{}.{}.{number}", at.0, writer.0)
}

fn cursor(text: &str) -> Option<Cursor> {
    let mut parts = text.split('.').map(|part| part.parse::<i64>().ok());
    let (at, writer, number) = (parts.next()??, parts.next()??, parts.next()??);
    let cursor = Cursor { at: Instant(at), writer: AuditWriter(writer), number };
    parts.next().is_none().then_some(cursor)
}
