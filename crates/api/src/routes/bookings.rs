//! Bookings and orders: creating, checking and reading them.

use std::sync::Arc;

use app::App;
use app::bookings::{self, BookingRefusal};
use app::lanes::Answer;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use domain::actor::Actor;
use domain::booking::Booking;
use domain::catalogue::Catalogue;
use domain::ids::{BookingId, OrderId};
use domain::permission::Permission;
use wire::problem::Problem;
use wire::problem::kinds;
use wire::read::read;
use wire::requests::booking::{AvailabilityCheck, NewBooking, NewOrder};
use wire::view::availability::AvailabilityView;
use wire::view::booking::{BookingView, OrderView, ViewContext};

use super::extract::{Body, Id, Segment, Sent, json, json_bytes, tagged};
use crate::caller::Caller;
use crate::idempotency::Keyed;
use crate::route::{READ, Route, WRITE};

type Shared = State<Arc<App>>;

pub fn all() -> Vec<Route> {
    vec![
        Route::post("/api/v1/bookings", create)
            .named("createBooking", "Bookings", "Create a booking")
            .says(
                "The booking is confirmed at once, or PENDING until `expires_at`, as the offering says. With an \
                 idempotency key, a repeated request gets the first answer, byte for byte, for 24 hours.",
            )
            .permission(Permission::CreateBooking)
            .keyed()
            .takes::<NewBooking>()
            .gives::<BookingView>(201, "The booking.")
            .refuses(&[kinds::NOT_FOUND, kinds::UNAVAILABLE, kinds::NOT_ON_SALE, kinds::PRICE_CHANGED])
            .refuses(WRITE),
        Route::post("/api/v1/bookings/preview", preview)
            .named("previewBooking", "Bookings", "Check a booking without creating it")
            .says("Everything is checked as for a booking, except whether units are free.")
            .permission(Permission::PreviewBooking)
            .takes::<NewBooking>()
            .gives::<BookingView>(200, "The booking as it would be if everything were free.")
            .refuses(&[kinds::NOT_FOUND, kinds::UNAVAILABLE, kinds::NOT_ON_SALE, kinds::PRICE_CHANGED]),
        Route::post("/api/v1/bookings/availability/check", availability)
            .named("checkAvailability", "Bookings", "Check availability and find alternatives")
            .permission(Permission::CheckAvailability)
            .takes::<AvailabilityCheck>()
            .gives::<AvailabilityView>(200, "Availability and price, with alternatives if it is not available.")
            .refuses(READ),
        Route::get("/api/v1/bookings/{id}", by_id)
            .named("getBooking", "Bookings", "Retrieve a booking")
            .says("The header ETag contains the version.")
            .permission(Permission::ReadBookings)
            .id::<BookingId>("id", "The booking's id.")
            .gives::<BookingView>(200, "The booking.")
            .refuses(&[kinds::NOT_FOUND])
            .refuses(READ),
        Route::get("/api/v1/bookings/reference/{reference}", by_reference)
            .named("getBookingByReference", "Bookings", "Retrieve a booking by reference")
            .says("The header ETag contains the version.")
            .permission(Permission::ReadBookings)
            .segment("reference", "The reference, in upper or lower case.", "BR-20241225-K7QXM2RD9A")
            .gives::<BookingView>(200, "The booking.")
            .refuses(&[kinds::NOT_FOUND])
            .refuses(READ),
        Route::post("/api/v1/orders", create_order)
            .named("createOrder", "Orders", "Create several bookings, all or none")
            .permission(Permission::CreateBooking)
            .keyed()
            .takes::<NewOrder>()
            .gives::<OrderView>(201, "The order with its bookings.")
            .refuses(&[kinds::NOT_FOUND, kinds::UNAVAILABLE, kinds::NOT_ON_SALE, kinds::PRICE_CHANGED])
            .refuses(WRITE),
        Route::get("/api/v1/orders/{id}", order)
            .named("getOrder", "Orders", "Retrieve an order")
            .permission(Permission::ReadBookings)
            .id::<OrderId>("id", "The order's id.")
            .gives::<OrderView>(200, "The order with the bookings that the caller may see.")
            .refuses(&[kinds::NOT_FOUND])
            .refuses(READ),
    ]
}

async fn create(
    State(app): Shared,
    Caller(actor): Caller,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Response, Problem> {
    let NewBooking { asked, key } = read(&body)?;
    let keyed = Keyed { actor, operation: "create", target: "booking", headers: &headers, body: &body };
    let key = keyed.key(&app, key)?;
    answered(bookings::create(&app, actor, asked, key).await)
}

async fn create_order(
    State(app): Shared,
    Caller(actor): Caller,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Response, Problem> {
    let NewOrder { asked, key } = read(&body)?;
    let keyed = Keyed { actor, operation: "create", target: "order", headers: &headers, body: &body };
    let key = keyed.key(&app, key)?;
    answered(bookings::create(&app, actor, asked, key).await)
}

/// Validates like [`create`] and returns the booking as if everything were available.
async fn preview(
    State(app): Shared,
    Caller(actor): Caller,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Response, Problem> {
    let NewBooking { asked, key } = read(&body)?;
    let keyed = Keyed { actor, operation: "create", target: "booking", headers: &headers, body: &body };
    keyed.key(&app, key)?;
    let preview = bookings::preview(&app, actor, asked)?;
    let (catalogue, reference_key, now) = (&preview.catalogue, app.reference_key, preview.now);
    let context = ViewContext { actor, catalogue, reference_key, now };
    let booking = preview.bookings.first().ok_or_else(|| Problem::not_found("booking"))?;
    Ok(json(StatusCode::OK, &BookingView::new(booking, context)))
}

async fn by_id(
    State(app): Shared,
    Caller(actor): Caller,
    Id(id): Id<BookingId>,
) -> Result<Response, Problem> {
    let booking = bookings::by_id(&app, actor, id).await?;
    Ok(shown(&app, actor, &booking))
}

async fn by_reference(
    State(app): Shared,
    Caller(actor): Caller,
    Segment(reference): Segment,
) -> Result<Response, Problem> {
    let booking = bookings::by_reference(&app, actor, &reference).await?;
    Ok(shown(&app, actor, &booking))
}

async fn order(State(app): Shared, Caller(actor): Caller, Id(id): Id<OrderId>) -> Result<Response, Problem> {
    let found = bookings::of_order(&app, actor, id).await?;
    let catalogue = app.catalogue.snapshot();
    Ok(json(StatusCode::OK, &OrderView::new(id, &found, context(&app, actor, &catalogue))))
}

async fn availability(
    State(app): Shared,
    Caller(actor): Caller,
    Sent(AvailabilityCheck(lines)): Sent<AvailabilityCheck>,
) -> Result<Response, Problem> {
    let found = app::availability::check(&app, actor, lines).await?;
    let catalogue = app.catalogue.snapshot();
    Ok(json(StatusCode::OK, &AvailabilityView::new(&found, &catalogue)))
}

/// The response of a lane, which rendered its bytes.
pub fn answered(answer: Result<Answer, BookingRefusal>) -> Result<Response, Problem> {
    let Answer { status, body, replayed } = answer?;
    let mut response = json_bytes(StatusCode::from_u16(status).unwrap_or(StatusCode::OK), body);
    if replayed {
        response.headers_mut().insert("idempotent-replayed", HeaderValue::from_static("true"));
    }
    Ok(response)
}

pub fn context<'a>(app: &App, actor: Actor, catalogue: &'a Catalogue) -> ViewContext<'a> {
    ViewContext { actor, catalogue, reference_key: app.reference_key, now: app.clock.now() }
}

fn shown(app: &App, actor: Actor, booking: &Booking) -> Response {
    let catalogue = app.catalogue.snapshot();
    tagged(booking.version, &BookingView::new(booking, context(app, actor, &catalogue)))
}
