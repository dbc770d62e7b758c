//! The routes, and what all of them share.

mod bookings;
mod catalogue;
mod health;
mod privacy;
pub(crate) mod query;

use std::sync::Arc;
use std::time::Duration;

use app::App;
use axum::Router;
use axum::body::Bytes;
use axum::extract::path::ErrorKind;
use axum::extract::rejection::PathRejection;
use axum::extract::{DefaultBodyLimit, FromRequest, FromRequestParts, Path, Request};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use serde::Serialize;
use tower_http::catch_panic::CatchPanicLayer;

use crate::openapi;
use crate::problem::{Problem, kinds};

/// Bytes of a request's body.
const BODY_BYTES_MAX: usize = 256 * 1024;
/// How long a client may take over a request's body, in milliseconds.
const BODY_MS_MAX: u64 = 10_000;
/// Bytes of a request that adds a whole catalogue.
const CATALOGUE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Every route of the server.
pub fn router(app: Arc<App>) -> Router {
    let large = Router::new()
        .route("/api/v1/catalogue", post(catalogue::add_all))
        .route("/api/v1/venues", post(catalogue::add_venue).get(catalogue::venues))
        .route("/api/v1/venues/{id}/pools", post(catalogue::add_pool).get(catalogue::pools))
        .layer(DefaultBodyLimit::max(CATALOGUE_BYTES_MAX));
    Router::new()
        .route("/api/v1/bookings", post(bookings::create))
        .route("/api/v1/bookings/preview", post(bookings::preview))
        .route("/api/v1/bookings/availability/check", post(bookings::availability))
        .route("/api/v1/bookings/search", post(privacy::search))
        .route("/api/v1/bookings/reference/{reference}", get(bookings::by_reference))
        .route("/api/v1/bookings/guest/{guest_id}", get(bookings::of_guest))
        .route("/api/v1/bookings/venue/{venue_id}", get(bookings::of_venue))
        .route("/api/v1/bookings/{id}", get(bookings::by_id).put(bookings::update))
        .route("/api/v1/bookings/{id}/cancel", post(bookings::cancel))
        .route("/api/v1/bookings/{id}/status", post(bookings::set_status))
        .route("/api/v1/bookings/{id}/history", get(bookings::history))
        .route("/api/v1/guests/{guest_id}/export", get(privacy::export))
        .route("/api/v1/guests/{guest_id}/erasure", post(privacy::erase))
        .route("/api/v1/orders", post(bookings::create_order))
        .route("/api/v1/orders/{id}", get(bookings::order))
        .route("/api/v1/venues/{id}", get(catalogue::venue))
        .route("/api/v1/venues/{id}/offerings", post(catalogue::add_offering).get(catalogue::offerings))
        .route("/api/v1/pools/{id}/capacity", put(catalogue::change_capacity))
        .route("/api/v1/pools/{id}/slots", get(catalogue::slots))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .merge(large)
        .route("/health", get(health::health))
        .route("/metrics", get(health::metrics))
        .merge(openapi::routes())
        .fallback(|| async { Problem::not_found("page") })
        .method_not_allowed_fallback(|| async { Problem::new(kinds::METHOD_NOT_ALLOWED) })
        .layer(CatchPanicLayer::custom(panicked))
        .with_state(app)
}

/// Adds a catalogue written as JSON, as `POST /api/v1/catalogue` does; tells what is wrong with it as text.
pub async fn add_catalogue(
    app: &App,
    actor: domain::actor::Actor,
    json: &'static str,
) -> Result<usize, String> {
    let added = catalogue::add_json(app, actor, &Bytes::from_static(json.as_bytes())).await;
    added.map(|added| added.venues).map_err(|problem| problem.to_string())
}

/// A panic is a fault of ours; the caller gets the same answer as for any other.
fn panicked(_: Box<dyn std::any::Any + Send + 'static>) -> Response {
    crate::problem::internal(&"a handler panicked").into_response()
}

/// A request's whole body, refused as a problem where it is too large or breaks off.
pub(crate) struct Body(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let reading = Bytes::from_request(request, state);
        match tokio::time::timeout(Duration::from_millis(BODY_MS_MAX), reading).await {
            Ok(Ok(body)) => Ok(Self(body)),
            Ok(Err(rejection)) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                Err(Problem::new(kinds::BODY_TOO_LARGE))
            }
            Ok(Err(_)) => Err(Problem::invalid_field("", "the body cannot be read")),
            Err(_) => Err(Problem::invalid_field("", "the body did not arrive in time")),
        }
    }
}

pub(crate) fn json_bytes(status: StatusCode, body: Bytes) -> Response {
    (status, [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], body).into_response()
}

pub(crate) fn json(status: StatusCode, value: &impl Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(body) => json_bytes(status, body.into()),
        Err(error) => crate::problem::internal(&error).into_response(),
    }
}

/// A part of the path, decoded.
pub(crate) struct Segment(pub String);

impl<S: Send + Sync> FromRequestParts<S> for Segment {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        path.map(|Path(text)| Self(text)).map_err(|rejection| {
            let name = match rejection {
                PathRejection::FailedToDeserializePathParams(failed) => match failed.into_kind() {
                    ErrorKind::InvalidUtf8InPathParam { key } => key,
                    _ => String::new(),
                },
                _ => String::new(),
            };
            Problem::invalid_field(format!("path:{name}"), "must be UTF-8")
        })
    }
}

/// An id in the path.
pub(crate) fn path_id<T: std::str::FromStr<Err = domain::ids::NotAnId>>(text: &str) -> Result<T, Problem> {
    text.parse().map_err(|error: domain::ids::NotAnId| Problem::invalid_field("path:id", error.to_string()))
}
