//! Problem details (RFC 9457): what every refusal looks like on the wire. The types are listed in `docs/problems.md`.

use app::bookings::BookingRefusal;
use app::catalogue::CatalogueRefusal;
use app::lanes::SubmitError;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::field::FieldError;
use domain::refusal::Refusal;
use serde_json::{Map, Value, json};

/// Seconds after which a caller who met an overload may try again.
const RETRY_AFTER_S: &str = "1";

/// A refusal on its way out.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    kind: &'static str,
    title: &'static str,
    detail: Option<String>,
    more: Map<String, Value>,
}

impl Problem {
    pub fn new(status: StatusCode, kind: &'static str, title: &'static str) -> Self {
        Self { status, kind, title, detail: None, more: Map::new() }
    }

    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.more.insert(name.to_owned(), value.into());
        self
    }

    /// Everything that is wrong with a request.
    pub fn invalid(errors: &[FieldError]) -> Self {
        let count = errors.len();
        Self::new(StatusCode::BAD_REQUEST, "invalid-request", "The request is not valid")
            .detail(format!("{count} {} wrong", if count == 1 { "field is" } else { "fields are" }))
            .with("errors", json!(errors))
    }

    pub fn invalid_field(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::invalid(&[FieldError { pointer: pointer.into(), detail: detail.into() }])
    }

    pub fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "Not found").detail(format!("no such {what}"))
    }

    pub fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", "A valid token is needed")
            .detail("send a token in the header Authorization: Bearer …")
    }

    pub fn forbidden(reason: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", "Not yours to do").detail(reason)
    }

    fn unavailable_service(kind: &'static str, outcome: &'static str) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, kind, "The service cannot do this now")
            .with("outcome", outcome)
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.title, Value::Object(self.more.clone()))
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut body = Map::new();
        body.insert("type".into(), format!("/problems/{}", self.kind).into());
        body.insert("title".into(), self.title.into());
        body.insert("status".into(), self.status.as_u16().into());
        if let Some(detail) = self.detail {
            body.insert("detail".into(), detail.into());
        }
        body.extend(self.more);
        let mut response = (self.status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER_S));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<BookingRefusal> for Problem {
    fn from(refusal: BookingRefusal) -> Self {
        match refusal {
            BookingRefusal::Invalid(errors) => Self::invalid(&errors),
            BookingRefusal::NotFound => Self::not_found("booking"),
            BookingRefusal::Forbidden(reason) => Self::forbidden(reason),
            BookingRefusal::Refused(refusal) => refusal.into(),
            BookingRefusal::Failed(error) => error.into(),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let detail = refusal.to_string();
        let problem = match refusal {
            Refusal::NotFound => return Self::not_found("booking"),
            Refusal::VersionConflict { expected, actual } => {
                Self::new(StatusCode::CONFLICT, "version-conflict", "The booking has changed")
                    .with("expected_version", expected)
                    .with("current_version", actual)
            }
            Refusal::TransitionRefused { from, to } => Self::new(
                StatusCode::BAD_REQUEST,
                "transition-refused",
                "The booking cannot go into this state",
            )
            .with("from", from.as_str())
            .with("to", to.as_str())
            .with("allowed", from.next().iter().map(|status| status.as_str()).collect::<Vec<_>>()),
            Refusal::NotChangeable(status) => {
                Self::new(StatusCode::BAD_REQUEST, "not-changeable", "The booking can no longer be changed")
                    .with("current_status", status.as_str())
            }
            Refusal::HoldEnded => Self::new(StatusCode::BAD_REQUEST, "hold-ended", "The hold has ended"),
            Refusal::Unavailable(shortfall) => {
                Self::new(StatusCode::CONFLICT, "unavailable", "Not enough units are free")
                    .with("booking", shortfall.booking)
                    .with("line", shortfall.line)
                    .with("pool_id", shortfall.pool.to_string())
                    .with("slot", shortfall.slot)
                    .with("requested_units", shortfall.asked)
                    .with("free_units", shortfall.free)
            }
            Refusal::PriceChanged { booking, expected_minor, actual_minor } => {
                Self::new(StatusCode::CONFLICT, "price-changed", "The price is another")
                    .with("booking", booking)
                    .with("expected_amount", expected_minor)
                    .with("actual_amount", actual_minor)
            }
            Refusal::KeyReused => Self::new(
                StatusCode::CONFLICT,
                "idempotency-key-reused",
                "The idempotency key belongs to another request",
            ),
        };
        problem.detail(detail)
    }
}

impl From<SubmitError> for Problem {
    fn from(error: SubmitError) -> Self {
        match error {
            SubmitError::Overloaded => Self::unavailable_service("overloaded", "not_done")
                .detail("more is waiting than can be served"),
            SubmitError::OutcomeUnknown => Self::unavailable_service("outcome-unknown", "unknown")
                .detail("it may or may not have been done: repeat the request with its idempotency key"),
            SubmitError::Store(store) if store.is_unavailable() => {
                tracing::warn!(error = %store, "the database is not available");
                Self::unavailable_service("database-unavailable", "not_done")
                    .detail("nothing was done: try again soon")
            }
            SubmitError::Store(store) => internal(&store),
            SubmitError::Fault(text) => internal(&text),
        }
    }
}

impl From<CatalogueRefusal> for Problem {
    fn from(refusal: CatalogueRefusal) -> Self {
        match refusal {
            CatalogueRefusal::NotFound => Self::not_found("venue or pool"),
            CatalogueRefusal::CodeTaken => Self::new(StatusCode::CONFLICT, "code-taken", "The code is taken")
                .detail("a venue or an offering has this code already"),
            CatalogueRefusal::BelowTaken { slot, taken } => {
                Self::new(StatusCode::CONFLICT, "capacity-below-taken", "More is taken than the new capacity")
                    .detail(format!("{taken} units of slot {slot} are taken"))
                    .with("slot", slot)
                    .with("taken_units", taken)
            }
            CatalogueRefusal::Failed(error) => error.into(),
        }
    }
}

/// A fault of ours: told in the log, not to the caller.
pub fn internal(error: &dyn std::fmt::Display) -> Problem {
    tracing::error!(%error, "a request failed");
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "Something went wrong on our side")
}
