//! Changes of a booking, and their history.

use std::sync::Arc;

use app::App;
use app::bookings;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::ids::BookingId;
use domain::permission::Permission;
use wire::problem::Problem;
use wire::problem::kinds;
use wire::read::{read, read_optional, read_with};
use wire::requests::change::{BookingUpdate, Cancellation, StatusChange};
use wire::view::answers::History;
use wire::view::booking::{BookingView, HistoryView};

use super::bookings::answered;
use super::extract::{Body, Id, if_match, json};
use crate::caller::Caller;
use crate::idempotency::Keyed;
use crate::route::{READ, Route, WRITE};

type Shared = State<Arc<App>>;

pub fn all() -> Vec<Route> {
    vec![
        booking(Route::put("/api/v1/bookings/{id}", update))
            .named("updateBooking", "Bookings", "Update a booking")
            .says("Send the version you have read in `expected_version` or in the header If-Match.")
            .permission(Permission::UpdateBooking)
            .if_match()
            .keyed()
            .takes::<BookingUpdate>()
            .gives::<BookingView>(200, "The booking after the change.")
            .refuses(&[kinds::VERSION_CONFLICT, kinds::NOT_CHANGEABLE, kinds::UNAVAILABLE, kinds::NOT_ON_SALE])
            .refuses(WRITE),
        booking(Route::post("/api/v1/bookings/{id}/cancel", cancel))
            .named("cancelBooking", "Bookings", "Cancel a booking")
            .permission(Permission::CancelBooking)
            .keyed()
            .may_take::<Cancellation>()
            .gives::<BookingView>(200, "The cancelled booking.")
            .refuses(&[kinds::VERSION_CONFLICT, kinds::TRANSITION_REFUSED])
            .refuses(WRITE),
        booking(Route::post("/api/v1/bookings/{id}/status", set_status))
            .named("setBookingStatus", "Bookings", "Change a booking's status")
            .says(
                "PENDING → CONFIRMED, CANCELLED, EXPIRED; CONFIRMED → CHECKED_IN, CANCELLED, COMPLETED, NO_SHOW; \
                 CHECKED_IN → COMPLETED, CANCELLED. Guests may only cancel.",
            )
            .permission(Permission::SetBookingStatus)
            .keyed()
            .takes::<StatusChange>()
            .gives::<BookingView>(200, "The updated booking.")
            .refuses(&[kinds::VERSION_CONFLICT, kinds::TRANSITION_REFUSED, kinds::HOLD_ENDED])
            .refuses(WRITE),
        booking(Route::get("/api/v1/bookings/{id}/history", history))
            .named("getBookingHistory", "Bookings", "List a booking's changes")
            .permission(Permission::ReadBookings)
            .gives::<History>(200, "All changes, oldest first.")
            .refuses(READ),
    ]
}

fn booking(route: Route) -> Route {
    route.id::<BookingId>("id", "The booking's id.").refuses(&[kinds::NOT_FOUND])
}

async fn update(
    State(app): Shared,
    Caller(actor): Caller,
    Id(booking): Id<BookingId>,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Response, Problem> {
    let if_match = if_match(&headers)?;
    let asked = read_with(&body, |reader| BookingUpdate::read_matching(reader, if_match))?;
    let (patch, key) = asked.of(booking);
    let target = booking.to_string();
    let keyed = Keyed { actor, operation: "update", target: &target, headers: &headers, body: &body };
    let key = keyed.key(&app, key)?;
    answered(bookings::update(&app, actor, patch, key).await)
}

async fn cancel(
    State(app): Shared,
    Caller(actor): Caller,
    Id(booking): Id<BookingId>,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Response, Problem> {
    let (change, key) = read_optional::<Cancellation>(&body)?.of(booking);
    let target = booking.to_string();
    let keyed = Keyed { actor, operation: "cancel", target: &target, headers: &headers, body: &body };
    let key = keyed.key(&app, key)?;
    answered(bookings::set_status(&app, actor, change, key).await)
}

async fn set_status(
    State(app): Shared,
    Caller(actor): Caller,
    Id(booking): Id<BookingId>,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Response, Problem> {
    let (change, key) = read::<StatusChange>(&body)?.of(booking);
    let target = booking.to_string();
    let keyed = Keyed { actor, operation: "status", target: &target, headers: &headers, body: &body };
    let key = keyed.key(&app, key)?;
    answered(bookings::set_status(&app, actor, change, key).await)
}

async fn history(
    State(app): Shared,
    Caller(actor): Caller,
    Id(id): Id<BookingId>,
) -> Result<Response, Problem> {
    let entries = bookings::history(&app, actor, id).await?;
    let history = entries.into_iter().map(HistoryView::from).collect();
    Ok(json(StatusCode::OK, &History { history }))
}
