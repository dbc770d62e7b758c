//! Personal data: search, export, erasure.

use std::sync::Arc;

use app::App;
use app::privacy;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::ids::{GuestId, PersonId};
use domain::permission::Permission;
use wire::problem::Problem;
use wire::problem::kinds;
use wire::requests::privacy::BookingSearch;
use wire::view::booking::{BookingView, PageView, ViewContext};
use wire::view::privacy::{ErasedView, ExportView};

use super::extract::{Segment, Sent, json, path_id};
use crate::caller::{Caller, Origin};
use crate::route::{READ, Route, WRITE};

type Shared = State<Arc<App>>;

pub fn all() -> Vec<Route> {
    vec![
        Route::post("/api/v1/bookings/search", search)
            .named("searchBookings", "Bookings", "Find bookings by email address or phone number")
            .says(
                "Finds exact matches, however the address or number is written, newest first. A venue finds its own \
                 bookings; its page may hold fewer than `limit`.",
            )
            .permission(Permission::SearchBookings)
            .takes::<BookingSearch>()
            .gives::<PageView>(200, "A page of bookings.")
            .refuses(READ),
        guest(Route::get("/api/v1/guests/{guest_id}/export", export))
            .named("exportPerson", "People", "Export a person's data")
            .says("Allowed for the person and for admins.")
            .permission(Permission::ExportPerson)
            .gives::<ExportView>(200, "All data about the person.")
            .refuses(READ),
        guest(Route::post("/api/v1/guests/{guest_id}/erasure", erase))
            .named("erasePerson", "People", "Erase a person's data")
            .says(
                "Names, addresses, phone numbers, requests and notes can no longer be read, in this database and in \
                 later \
                 copies \
                 of it. Amounts, dates, references and statuses are kept. Allowed for the person and for admins.",
            )
            .permission(Permission::ErasePerson)
            .gives::<ErasedView>(200, "The person is erased.")
            .refuses(&[kinds::STILL_TO_COME, kinds::LAST_OWNER])
            .refuses(WRITE),
    ]
}

fn guest(route: Route) -> Route {
    route.id::<GuestId>("guest_id", "The guest's id. A guest uses their own.").refuses(&[kinds::NOT_FOUND])
}

async fn search(
    State(app): Shared,
    Caller(actor): Caller,
    Origin(client): Origin,
    Sent(BookingSearch { sought, page }): Sent<BookingSearch>,
) -> Result<Response, Problem> {
    let count_max = usize::try_from(page.limit).unwrap_or(0);
    let found = privacy::search(&app, (actor, &client), sought, page.cursor, count_max).await?;
    let catalogue = app.catalogue.snapshot();
    let context =
        ViewContext { actor, catalogue: &catalogue, reference_key: app.reference_key, now: app.clock.now() };
    let bookings = found.bookings.iter().map(|booking| BookingView::new(booking, context)).collect();
    Ok(json(StatusCode::OK, &PageView { bookings, next_cursor: found.next.map(|id| id.to_string()) }))
}

async fn export(
    State(app): Shared,
    Caller(actor): Caller,
    Origin(client): Origin,
    Segment(id): Segment,
) -> Result<Response, Problem> {
    let export = privacy::export(&app, (actor, &client), guest_id(&id)?).await?;
    let catalogue = app.catalogue.snapshot();
    Ok(json(StatusCode::OK, &ExportView::new(&export, &catalogue, app.reference_key)))
}

async fn erase(
    State(app): Shared,
    Caller(actor): Caller,
    Origin(client): Origin,
    Segment(id): Segment,
) -> Result<Response, Problem> {
    let erased = privacy::erase(&app, (actor, &client), guest_id(&id)?).await?;
    Ok(json(StatusCode::OK, &ErasedView::from(erased)))
}

/// A guest and their person have the same id.
fn guest_id(text: &str) -> Result<GuestId, Problem> {
    match text.parse::<PersonId>() {
        Ok(person) => Ok(GuestId(person.0)),
        Err(_) => path_id(text),
    }
}
