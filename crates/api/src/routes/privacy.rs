//! The endpoints of what is known of people.

use std::sync::Arc;

use app::App;
use app::privacy;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::ids::{GuestId, PersonId};

use super::{Body, Segment, json, path_id};
use crate::caller::{Caller, Origin};
use crate::form;
use crate::form::privacy::Search;
use crate::problem::Problem;
use crate::view::booking::{BookingView, PageView, ViewContext};
use crate::view::privacy::{ErasedView, ExportView};

type Shared = State<Arc<App>>;

pub async fn search(
    State(app): Shared,
    Caller(actor): Caller,
    Origin(client): Origin,
    Body(body): Body,
) -> Result<Response, Problem> {
    let Search { sought, before, count_max } = form::read(&body, form::privacy::search)?;
    let count_max = usize::try_from(count_max).unwrap_or(0);
    let found = privacy::search(&app, (actor, &client), sought, before, count_max).await?;
    let catalogue = app.catalogue.snapshot();
    let context =
        ViewContext { actor, catalogue: &catalogue, reference_key: app.reference_key, now: app.clock.now() };
    let bookings = found.bookings.iter().map(|booking| BookingView::new(booking, context)).collect();
    Ok(json(StatusCode::OK, &PageView { bookings, next_cursor: found.next.map(|id| id.to_string()) }))
}

pub async fn export(
    State(app): Shared,
    Caller(actor): Caller,
    Origin(client): Origin,
    Segment(id): Segment,
) -> Result<Response, Problem> {
    let export = privacy::export(&app, (actor, &client), guest(&id)?).await?;
    let catalogue = app.catalogue.snapshot();
    Ok(json(StatusCode::OK, &ExportView::new(&export, &catalogue, app.reference_key)))
}

pub async fn erase(
    State(app): Shared,
    Caller(actor): Caller,
    Origin(client): Origin,
    Segment(id): Segment,
) -> Result<Response, Problem> {
    let erased = privacy::erase(&app, (actor, &client), guest(&id)?).await?;
    Ok(json(StatusCode::OK, &ErasedView::from(erased)))
}

/// A guest and the person who is one have the same number.
fn guest(text: &str) -> Result<GuestId, Problem> {
    match text.parse::<PersonId>() {
        Ok(person) => Ok(GuestId(person.0)),
        Err(_) => path_id(text),
    }
}
