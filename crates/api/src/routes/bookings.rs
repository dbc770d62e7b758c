//! The endpoints of bookings and orders.

use std::sync::Arc;

use app::App;
use app::bookings::{self, BookingRefusal, Page};
use app::lanes::Answer;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::Response;
use domain::actor::Actor;
use domain::booking::Booking;
use domain::ids::{BookingId, GuestId, OrderId, VenueId};

use super::query::{list, write_cursor};
use super::{Body, Segment, json, json_bytes, path_id};
use crate::caller::Caller;
use crate::form::booking::{WithKey, lines, one, order as order_form};
use crate::form::line::Guests;
use crate::form::{self, patch};
use crate::idempotency::Keyed;
use crate::problem::Problem;
use crate::view::answers::History;
use crate::view::availability::AvailabilityView;
use crate::view::booking::{BookingView, HistoryView, OrderView, PageView, ViewContext};

type Shared = State<Arc<App>>;

pub async fn create(
    State(app): Shared,
    Caller(actor): Caller,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Response, Problem> {
    let WithKey { asked, key } = form::read(&body, one)?;
    let keyed = Keyed { actor, operation: "create", target: "booking", headers: &headers, body: &body };
    let key = keyed.key(&app, key)?;
    answered(bookings::create(&app, actor, asked, key).await)
}

pub async fn create_order(
    State(app): Shared,
    Caller(actor): Caller,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Response, Problem> {
    let WithKey { asked, key } = form::read(&body, order_form)?;
    let keyed = Keyed { actor, operation: "create", target: "order", headers: &headers, body: &body };
    let key = keyed.key(&app, key)?;
    answered(bookings::create(&app, actor, asked, key).await)
}

/// Checks exactly what [`create`] checks and answers with the booking as it would be in an empty house.
pub async fn preview(
    State(app): Shared,
    Caller(actor): Caller,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Response, Problem> {
    let WithKey { asked, key } = form::read(&body, one)?;
    let keyed = Keyed { actor, operation: "create", target: "booking", headers: &headers, body: &body };
    keyed.key(&app, key)?;
    let preview = bookings::preview(&app, actor, asked)?;
    let context = ViewContext {
        actor,
        catalogue: &preview.catalogue,
        reference_key: app.reference_key,
        now: preview.now,
    };
    let booking = preview.bookings.first().ok_or_else(|| Problem::not_found("booking"))?;
    Ok(json(StatusCode::OK, &BookingView::new(booking, context)))
}

pub async fn by_id(
    State(app): Shared,
    Caller(actor): Caller,
    Segment(id): Segment,
) -> Result<Response, Problem> {
    let booking = bookings::by_id(&app, actor, path_id(&id)?).await?;
    Ok(shown(&app, actor, &booking))
}

pub async fn by_reference(
    State(app): Shared,
    Caller(actor): Caller,
    Segment(reference): Segment,
) -> Result<Response, Problem> {
    let booking = bookings::by_reference(&app, actor, &reference).await?;
    Ok(shown(&app, actor, &booking))
}

pub async fn update(
    State(app): Shared,
    Caller(actor): Caller,
    Segment(id): Segment,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Response, Problem> {
    let booking: BookingId = path_id(&id)?;
    let if_match = if_match(&headers)?;
    let WithKey { asked, key } = form::read(&body, |form| patch::update(form, booking, if_match))?;
    let target = booking.to_string();
    let keyed = Keyed { actor, operation: "update", target: &target, headers: &headers, body: &body };
    let key = keyed.key(&app, key)?;
    answered(bookings::update(&app, actor, asked, key).await)
}

pub async fn cancel(
    State(app): Shared,
    Caller(actor): Caller,
    Segment(id): Segment,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Response, Problem> {
    let booking: BookingId = path_id(&id)?;
    let WithKey { asked, key } = form::read_optional(&body, |form| patch::cancel(form, booking))?;
    let target = booking.to_string();
    let keyed = Keyed { actor, operation: "cancel", target: &target, headers: &headers, body: &body };
    let key = keyed.key(&app, key)?;
    answered(bookings::set_status(&app, actor, asked, key).await)
}

pub async fn set_status(
    State(app): Shared,
    Caller(actor): Caller,
    Segment(id): Segment,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Response, Problem> {
    let booking: BookingId = path_id(&id)?;
    let WithKey { asked, key } = form::read(&body, |form| patch::status(form, booking))?;
    let target = booking.to_string();
    let keyed = Keyed { actor, operation: "status", target: &target, headers: &headers, body: &body };
    let key = keyed.key(&app, key)?;
    answered(bookings::set_status(&app, actor, asked, key).await)
}

pub async fn history(
    State(app): Shared,
    Caller(actor): Caller,
    Segment(id): Segment,
) -> Result<Response, Problem> {
    let entries = bookings::history(&app, actor, path_id(&id)?).await?;
    let history = entries.into_iter().map(HistoryView::from).collect();
    Ok(json(StatusCode::OK, &History { history }))
}

pub async fn order(
    State(app): Shared,
    Caller(actor): Caller,
    Segment(id): Segment,
) -> Result<Response, Problem> {
    let id: OrderId = path_id(&id)?;
    let found = bookings::of_order(&app, actor, id).await?;
    let catalogue = app.catalogue.snapshot();
    Ok(json(StatusCode::OK, &OrderView::new(id, &found, context(&app, actor, &catalogue))))
}

pub async fn of_guest(
    State(app): Shared,
    Caller(actor): Caller,
    Segment(id): Segment,
    uri: Uri,
) -> Result<Response, Problem> {
    let guest: GuestId = path_id(&id)?;
    let page = bookings::of_guest(&app, actor, guest, list(&uri)?).await?;
    Ok(listed(&app, actor, &page))
}

pub async fn of_venue(
    State(app): Shared,
    Caller(actor): Caller,
    Segment(id): Segment,
    uri: Uri,
) -> Result<Response, Problem> {
    let venue: VenueId = path_id(&id)?;
    let page = bookings::of_venue(&app, actor, venue, list(&uri)?).await?;
    Ok(listed(&app, actor, &page))
}

pub async fn availability(
    State(app): Shared,
    Caller(actor): Caller,
    Body(body): Body,
) -> Result<Response, Problem> {
    let lines = form::read(&body, |form| lines(form, Guests::MayBeUnnamed))?.lines;
    let found = app::availability::check(&app, actor, lines).await?;
    let catalogue = app.catalogue.snapshot();
    Ok(json(StatusCode::OK, &AvailabilityView::new(&found, &catalogue)))
}

fn answered(answer: Result<Answer, BookingRefusal>) -> Result<Response, Problem> {
    let Answer { status, body, replayed } = answer?;
    let mut response = json_bytes(StatusCode::from_u16(status).unwrap_or(StatusCode::OK), body);
    if replayed {
        response.headers_mut().insert("idempotent-replayed", HeaderValue::from_static("true"));
    }
    Ok(response)
}

fn context<'a>(app: &App, actor: Actor, catalogue: &'a domain::catalogue::Catalogue) -> ViewContext<'a> {
    ViewContext { actor, catalogue, reference_key: app.reference_key, now: app.clock.now() }
}

fn shown(app: &App, actor: Actor, booking: &Booking) -> Response {
    let catalogue = app.catalogue.snapshot();
    let mut response = json(StatusCode::OK, &BookingView::new(booking, context(app, actor, &catalogue)));
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{}\"", booking.version)) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

fn listed(app: &App, actor: Actor, page: &Page) -> Response {
    let catalogue = app.catalogue.snapshot();
    let context = context(app, actor, &catalogue);
    let bookings = page.bookings.iter().map(|booking| BookingView::new(booking, context)).collect();
    json(StatusCode::OK, &PageView { bookings, next_cursor: page.next.map(write_cursor) })
}

/// The version in `If-Match: "3"`.
fn if_match(headers: &HeaderMap) -> Result<Option<i64>, Problem> {
    let Some(value) = headers.get(header::IF_MATCH) else { return Ok(None) };
    let version = value.to_str().ok().and_then(|text| text.trim_matches('"').parse().ok());
    let wrong = || Problem::invalid_field("header:If-Match", "must be a version like \"3\"");
    version.map(Some).ok_or_else(wrong)
}
