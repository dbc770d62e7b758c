//! Lists of bookings.

use std::sync::Arc;

use app::App;
use app::bookings::{self, Page};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::actor::Actor;
use domain::ids::{GuestId, VenueId};
use domain::permission::Permission;
use wire::problem::Problem;
use wire::problem::kinds;
use wire::requests::lists::{BookingList, write_cursor};
use wire::view::booking::{BookingView, PageView};

use super::bookings::context;
use super::extract::{Asked, Id, json};
use crate::caller::Caller;
use crate::route::{READ, Route};

type Shared = State<Arc<App>>;

pub fn all() -> Vec<Route> {
    vec![
        list(Route::get("/api/v1/bookings/guest/{guest_id}", of_guest))
            .named("listGuestBookings", "Bookings", "List a guest's bookings")
            .says("Newest first. A business sees only bookings at its venues, so a page may have fewer than `limit`.")
            .permission(Permission::ReadBookings)
            .id::<GuestId>("guest_id", "The guest's id. A guest uses their own."),
        list(Route::get("/api/v1/bookings/venue/{venue_id}", of_venue))
            .named("listVenueBookings", "Bookings", "List a venue's bookings")
            .says("Ordered by date.")
            .permission(Permission::ListVenueBookings)
            .id::<VenueId>("venue_id", "The venue's id."),
    ]
}

fn list(route: Route) -> Route {
    let route = route.query::<BookingList>().gives::<PageView>(200, "A page of bookings.");
    route.refuses(&[kinds::NOT_FOUND]).refuses(READ)
}

async fn of_guest(
    State(app): Shared,
    Caller(actor): Caller,
    Id(guest): Id<GuestId>,
    Asked(asked): Asked<BookingList>,
) -> Result<Response, Problem> {
    let page = bookings::of_guest(&app, actor, guest, asked.into()).await?;
    Ok(shown(&app, actor, &page))
}

async fn of_venue(
    State(app): Shared,
    Caller(actor): Caller,
    Id(venue): Id<VenueId>,
    Asked(asked): Asked<BookingList>,
) -> Result<Response, Problem> {
    let page = bookings::of_venue(&app, actor, venue, asked.into()).await?;
    Ok(shown(&app, actor, &page))
}

fn shown(app: &App, actor: Actor, page: &Page) -> Response {
    let catalogue = app.catalogue.snapshot();
    let context = context(app, actor, &catalogue);
    let bookings = page.bookings.iter().map(|booking| BookingView::new(booking, context)).collect();
    json(StatusCode::OK, &PageView { bookings, next_cursor: page.next.map(write_cursor) })
}
