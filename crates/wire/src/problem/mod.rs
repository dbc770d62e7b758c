//! Problem details (RFC 9457), the body of every error response. The kinds are listed in [`kinds`].

pub mod kinds;

use app::bookings::BookingRefusal;
use app::catalogue::CatalogueRefusal;
use app::credentials::NotAuthenticated;
use app::identity::IdentityRefusal;
use app::jobs::JobRefusal;
use app::lanes::Fault;
use app::privacy::ErasureRefusal;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::authorise::Denied;
use domain::field::FieldError;
use domain::permission::Permission;
use domain::refusal::Refusal;
use serde_json::{Map, Value, json};

use kinds::Kind;

/// The `Retry-After` of a 503, in seconds.
pub const RETRY_AFTER_S: u64 = 1;

/// An error response before it is written.
#[derive(Debug)]
pub struct Problem {
    kind: &'static Kind,
    detail: Option<String>,
    more: Map<String, Value>,
    retry_after_s: Option<u64>,
}

impl Problem {
    pub fn new(kind: &'static Kind) -> Self {
        Self { kind, detail: None, more: Map::new(), retry_after_s: None }
    }

    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.more.insert(name.to_owned(), value.into());
        self
    }

    /// When to retry, in seconds.
    #[must_use]
    pub fn retry_after_s(self, seconds: u64) -> Self {
        Self { retry_after_s: Some(seconds), ..self }
    }

    /// All invalid fields of a request.
    pub fn invalid(errors: &[FieldError]) -> Self {
        let count = errors.len();
        Self::new(kinds::INVALID_REQUEST)
            .detail(format!("{count} invalid {}", if count == 1 { "field" } else { "fields" }))
            .with("errors", json!(errors))
    }

    pub fn invalid_field(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::invalid(&[FieldError { pointer: pointer.into(), detail: detail.into() }])
    }

    /// The invalid fields of a request.
    pub fn errors(&self) -> Vec<FieldError> {
        let errors = self.more.get("errors").cloned().unwrap_or_default();
        serde_json::from_value(errors).unwrap_or_default()
    }

    pub fn not_found(what: &str) -> Self {
        Self::new(kinds::NOT_FOUND).detail(format!("{what} not found"))
    }

    pub fn unauthorized() -> Self {
        Self::new(kinds::UNAUTHORIZED).detail("send a valid token in the header Authorization: Bearer …")
    }

    /// The caller may know that the resource exists, but lacks the permission.
    pub fn forbidden(act: Permission) -> Self {
        Self::new(kinds::FORBIDDEN)
            .detail(format!("{} is granted to: {}", act.as_str(), act.allowed()))
            .with("permission", act.as_str())
    }

    /// The server is overloaded, and nothing was done.
    pub fn overloaded() -> Self {
        Self::not_now(kinds::OVERLOADED, "not_done")
    }

    /// The request may or may not have been done.
    pub fn outcome_unknown() -> Self {
        Self::not_now(kinds::OUTCOME_UNKNOWN, "unknown")
            .detail("the request may or may not have been done; repeat it with the same idempotency key")
    }

    /// The token cannot be verified until its issuer's keys are available.
    pub fn issuer_unavailable(retry_after_s: u64) -> Self {
        Self::not_now(kinds::ISSUER_UNAVAILABLE, "not_done")
            .detail("the issuer of the token is unreachable, so its key is unknown")
            .retry_after_s(retry_after_s)
    }

    fn not_now(kind: &'static Kind, outcome: &'static str) -> Self {
        Self::new(kind).with("outcome", outcome)
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.kind.title, Value::Object(self.more.clone()))
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.kind.status;
        let mut body = Map::new();
        body.insert("type".into(), self.kind.uri().into());
        body.insert("title".into(), self.kind.title.into());
        body.insert("status".into(), status.as_u16().into());
        if let Some(detail) = self.detail {
            body.insert("detail".into(), detail.into());
        }
        body.extend(self.more);
        let mut response = (status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        let usual = (status == StatusCode::SERVICE_UNAVAILABLE).then_some(RETRY_AFTER_S);
        if let Some(seconds) = self.retry_after_s.or(usual) {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::NotFound(what) => Self::not_found(what),
            Denied::Forbidden(permission) => Self::forbidden(permission),
        }
    }
}

impl From<NotAuthenticated> for Problem {
    fn from(not: NotAuthenticated) -> Self {
        match not {
            NotAuthenticated::Nobody => Self::unauthorized(),
            NotAuthenticated::Failed(error) => error.into(),
            NotAuthenticated::IssuerUnavailable { retry_after_s } => Self::issuer_unavailable(retry_after_s),
        }
    }
}

impl From<BookingRefusal> for Problem {
    fn from(refusal: BookingRefusal) -> Self {
        match refusal {
            BookingRefusal::Invalid(errors) => Self::invalid(&errors),
            BookingRefusal::NoSuchEvent(errors) => Self::not_found("event").with("errors", json!(errors)),
            BookingRefusal::Denied(denied) => denied.into(),
            BookingRefusal::Refused(refusal) => refusal.into(),
            BookingRefusal::Failed(error) => error.into(),
        }
    }
}

impl From<IdentityRefusal> for Problem {
    fn from(refusal: IdentityRefusal) -> Self {
        let kind = match refusal {
            IdentityRefusal::Invalid(errors) => return Self::invalid(&errors),
            IdentityRefusal::Denied(denied) => return denied.into(),
            IdentityRefusal::NoSession => {
                return Self::new(kinds::FORBIDDEN)
                    .detail("this requires a session of this server; tokens of an external issuer have none")
                    .with("permission", Permission::UseOwnAccount.as_str());
            }
            IdentityRefusal::Failed(error) => return error.into(),
            IdentityRefusal::TooOften { retry_after_s } => {
                return Self { retry_after_s: Some(retry_after_s), ..Self::new(kinds::TOO_OFTEN) };
            }
            IdentityRefusal::TooMany(what) => {
                return Self::new(kinds::TOO_MANY).detail(format!("no more {what} can be added"));
            }
            IdentityRefusal::WrongCredentials => kinds::WRONG_CREDENTIALS,
            IdentityRefusal::WrongCode => kinds::WRONG_CODE,
            IdentityRefusal::WrongToken => kinds::WRONG_TOKEN,
            IdentityRefusal::SessionEnded => kinds::SESSION_ENDED,
            IdentityRefusal::SignInAgain => kinds::SIGN_IN_AGAIN,
            IdentityRefusal::LastOwner => kinds::LAST_OWNER,
        };
        Self::new(kind)
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let detail = refusal.to_string();
        let problem = match refusal {
            Refusal::NotFound => return Self::not_found("booking"),
            Refusal::VersionConflict { expected, actual } => Self::new(kinds::VERSION_CONFLICT)
                .with("expected_version", expected)
                .with("current_version", actual),
            Refusal::TransitionRefused { from, to } => Self::new(kinds::TRANSITION_REFUSED)
                .with("from", from.as_str())
                .with("to", to.as_str())
                .with("allowed", from.next().iter().map(|status| status.as_str()).collect::<Vec<_>>()),
            Refusal::NotChangeable(status) => {
                Self::new(kinds::NOT_CHANGEABLE).with("current_status", status.as_str())
            }
            Refusal::HoldEnded => Self::new(kinds::HOLD_ENDED),
            Refusal::Unavailable(shortfall) => Self::new(kinds::UNAVAILABLE)
                .with("booking", shortfall.booking)
                .with("line", shortfall.line)
                .with("pool_id", shortfall.pool.to_string())
                .with("slot", shortfall.slot)
                .with("requested_units", shortfall.asked)
                .with("free_units", shortfall.free),
            Refusal::PriceChanged { booking, expected_minor, actual_minor } => {
                Self::new(kinds::PRICE_CHANGED)
                    .with("booking", booking)
                    .with("expected_amount", expected_minor)
                    .with("actual_amount", actual_minor)
            }
            Refusal::NotOnSale { booking, line, offering, sale } => Self::new(kinds::NOT_ON_SALE)
                .with("booking", booking)
                .with("line", line)
                .with("offering_id", offering.to_string())
                .with("on_sale_from", sale.from.map(|at| at.to_string()))
                .with("on_sale_until", sale.until.map(|at| at.to_string())),
            Refusal::KeyReused => Self::new(kinds::KEY_REUSED),
        };
        problem.detail(detail)
    }
}

impl From<ErasureRefusal> for Problem {
    fn from(refusal: ErasureRefusal) -> Self {
        let detail = refusal.to_string();
        match refusal {
            ErasureRefusal::Denied(denied) => denied.into(),
            ErasureRefusal::Unfinished(bookings) => {
                let ids: Vec<String> = bookings.iter().map(ToString::to_string).collect();
                Self::new(kinds::STILL_TO_COME).detail(detail).with("booking_ids", ids)
            }
            ErasureRefusal::LastOwner => Self::new(kinds::LAST_OWNER),
            ErasureRefusal::Failed(error) => error.into(),
        }
    }
}

impl From<Fault> for Problem {
    fn from(error: Fault) -> Self {
        match error {
            Fault::Overloaded => Self::overloaded().detail("too many requests are waiting"),
            Fault::OutcomeUnknown => Self::outcome_unknown(),
            Fault::Store(store) if store.is_unavailable() => {
                tracing::debug!(error = %store, "the database is unavailable");
                Self::not_now(kinds::DATABASE_UNAVAILABLE, "not_done")
                    .detail("the database is unavailable; nothing was done")
            }
            Fault::Store(store) => internal(&store),
            Fault::Internal(text) => internal(&text),
        }
    }
}

impl From<CatalogueRefusal> for Problem {
    fn from(refusal: CatalogueRefusal) -> Self {
        match refusal {
            CatalogueRefusal::Denied(denied) => denied.into(),
            CatalogueRefusal::Invalid(errors) => Self::invalid(&errors),
            CatalogueRefusal::VersionConflict { expected, actual } => Self::new(kinds::VERSION_CONFLICT)
                .detail(refusal.to_string())
                .with("expected_version", expected)
                .with("current_version", actual),
            CatalogueRefusal::Withdrawn => Self::new(kinds::WITHDRAWN),
            CatalogueRefusal::InUse { field, .. } => {
                Self::new(kinds::IN_USE).detail(refusal.to_string()).with("field", field)
            }
            CatalogueRefusal::CodeTaken => {
                Self::new(kinds::CODE_TAKEN).detail("another venue or offering already has this code")
            }
            CatalogueRefusal::BelowTaken { slot, taken } => Self::new(kinds::CAPACITY_BELOW_TAKEN)
                .detail(format!("{taken} units of slot {slot} are already taken"))
                .with("slot", slot)
                .with("taken_units", taken),
            CatalogueRefusal::Failed(error) => error.into(),
        }
    }
}

impl From<JobRefusal> for Problem {
    fn from(refusal: JobRefusal) -> Self {
        match refusal {
            JobRefusal::Denied(denied) => denied.into(),
            JobRefusal::NotGivenUp(state) => Self::new(kinds::JOB_NOT_GIVEN_UP)
                .detail(format!("the job's state is {state}"))
                .with("state", state.as_str()),
            JobRefusal::Failed(error) => error.into(),
        }
    }
}

/// A fault of the server: logged, and not shown to the caller.
pub fn internal(error: &dyn std::fmt::Display) -> Problem {
    tracing::error!(%error, "request failed");
    Problem::new(kinds::INTERNAL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_for_now_says_once_when_to_retry() {
        let waits = |problem: Problem| {
            let response = problem.into_response();
            let values = response.headers().get_all(header::RETRY_AFTER).iter();
            values.map(|value| value.to_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(waits(Problem::overloaded()), ["1"]);
        assert_eq!(waits(Problem::issuer_unavailable(30)), ["30"], "its own time, not the usual one");
        assert_eq!(waits(Problem::new(kinds::QUOTA_EXCEEDED).retry_after_s(7)), ["7"]);
        assert!(waits(Problem::not_found("page")).is_empty());
    }
}
