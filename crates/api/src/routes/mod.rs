//! The routes, and what all of them share.

mod audit;
mod auth;
mod bookings;
mod businesses;
mod catalogue;
mod dev_inbox;
mod health;
mod jobs;
mod privacy;
pub(crate) mod query;

use std::sync::Arc;
use std::time::{Duration, Instant};

use app::App;
use axum::RequestExt as _;
use axum::Router;
use axum::body::Bytes;
use axum::extract::path::ErrorKind;
use axum::extract::rejection::PathRejection;
use axum::extract::{DefaultBodyLimit, FromRequest, FromRequestParts, Path, Request};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post, put};
use http_body_util::{BodyExt as _, LengthLimitError};
use hyper::body::Body as _;
use serde::Serialize;
use tower_http::catch_panic::CatchPanicLayer;

use crate::middleware::{BodyLimits, Known};
use crate::openapi;
use crate::problem::{Problem, kinds};

/// Bytes of a request that adds a whole catalogue.
const CATALOGUE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Every route of the server, with the usual limits.
pub fn router(app: Arc<App>) -> Router {
    limited_router(app, &BodyLimits::default())
}

/// Every route of the server.
pub fn limited_router(app: Arc<App>, limits: &BodyLimits) -> Router {
    let large = Router::new()
        .route("/api/v1/catalogue", post(catalogue::add_all))
        .route("/api/v1/venues", post(catalogue::add_venue).get(catalogue::venues))
        .route("/api/v1/venues/{id}/pools", post(catalogue::add_pool).get(catalogue::pools))
        .layer(DefaultBodyLimit::max(CATALOGUE_BYTES_MAX.max(limits.bytes_max)));
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
        .route("/api/v1/audit", get(audit::list))
        .route("/api/v1/guests/{guest_id}/export", get(privacy::export))
        .route("/api/v1/guests/{guest_id}/erasure", post(privacy::erase))
        .route("/api/v1/orders", post(bookings::create_order))
        .route("/api/v1/orders/{id}", get(bookings::order))
        .route("/api/v1/venues/{id}", get(catalogue::venue))
        .route("/api/v1/venues/{id}/offerings", post(catalogue::add_offering).get(catalogue::offerings))
        .route("/api/v1/pools/{id}/capacity", put(catalogue::change_capacity))
        .route("/api/v1/pools/{id}/slots", get(catalogue::slots))
        .route("/api/v1/auth/send-otp", post(auth::send_otp))
        .route("/api/v1/auth/verify-otp", post(auth::verify_otp))
        .route("/api/v1/auth/register", post(auth::register))
        .route("/api/v1/auth/verify-email", post(auth::verify_email))
        .route("/api/v1/auth/resend-verification", post(auth::resend_verification))
        .route("/api/v1/auth/login", post(auth::login))
        .route("/api/v1/auth/refresh", post(auth::refresh))
        .route("/api/v1/auth/logout", post(auth::logout))
        .route("/api/v1/auth/logout-all", post(auth::logout_all))
        .route("/api/v1/auth/revoke", post(auth::revoke_token))
        .route("/api/v1/auth/act-for", post(auth::act_for))
        .route("/api/v1/auth/password/change", post(auth::change_password))
        .route("/api/v1/auth/password/forgot", post(auth::forgot_password))
        .route("/api/v1/auth/password/reset", post(auth::reset_password))
        .route("/api/v1/auth/me", get(auth::me).patch(auth::change_me))
        .route("/api/v1/auth/deactivate", post(auth::deactivate))
        .route("/api/v1/auth/sessions", get(auth::list_sessions))
        .route("/api/v1/auth/sessions/{id}", delete(auth::revoke_session))
        .route("/api/v1/businesses", post(businesses::create).get(businesses::own))
        .route("/api/v1/businesses/{id}", get(businesses::by_id))
        .route("/api/v1/businesses/{id}/members", post(businesses::invite).get(businesses::list_members))
        .route("/api/v1/businesses/{id}/members/{person_id}", businesses::member())
        .route("/api/v1/businesses/{id}/invitations/{invitation_id}", delete(businesses::withdraw))
        .route("/api/v1/businesses/{id}/api-keys", businesses::keys())
        .route("/api/v1/businesses/{id}/api-keys/{key_id}", delete(businesses::revoke_api_key))
        .route("/api/v1/invitations/accept", post(businesses::accept))
        .route("/.well-known/jwks.json", get(auth::jwks))
        .route("/api/v1/jobs", get(jobs::list))
        .route("/api/v1/jobs/{id}", get(jobs::by_id))
        .route("/api/v1/jobs/{id}/retry", post(jobs::retry))
        .layer(DefaultBodyLimit::max(limits.bytes_max))
        .merge(large)
        .route("/health", get(health::health))
        .route("/metrics", get(health::metrics))
        .merge(openapi::routes())
        .merge(dev_inbox::routes())
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

/// A request's whole body, refused as a problem where it is too large, too slow or breaks off.
pub(crate) struct Body(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let known = request.extensions().get::<Known>().cloned();
        let limits = known.as_ref().map_or_else(BodyLimits::default, |known| known.middleware.body);
        let activity = known.map(|known| known.activity);
        let mut arriving = request.into_limited_body();
        let began = Instant::now();
        let (mut first, mut more) = (Bytes::new(), Vec::new());
        loop {
            let allowed = Duration::from_millis(limits.allowed_ms(first.len() + more.len()));
            let frame = tokio::time::timeout_at((began + allowed).into(), arriving.frame()).await;
            let Some(frame) = frame.map_err(|_| too_slow())? else { break };
            let Ok(data) = frame.map_err(|error| broken(&error))?.into_data() else { continue };
            // Nearly every body comes in one piece, and is then not copied.
            if first.is_empty() {
                first = data;
                if arriving.is_end_stream() {
                    break;
                }
                continue;
            }
            if let Some(activity) = &activity {
                activity.progressed();
            }
            more.extend_from_slice(&data);
        }
        if more.is_empty() {
            return Ok(Self(first));
        }
        Ok(Self([first.as_ref(), more.as_slice()].concat().into()))
    }
}

fn too_slow() -> Problem {
    Problem::new(kinds::REQUEST_TIMEOUT).detail("the body did not arrive in time")
}

fn broken(error: &axum::Error) -> Problem {
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        if cause.is::<LengthLimitError>() {
            return Problem::new(kinds::BODY_TOO_LARGE);
        }
        source = cause.source();
    }
    Problem::invalid_field("", "the body cannot be read")
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
