//! The span of each request, and one line at its end. The span holds the id, the method, the route and the kind of caller,
//! so that every line inside it carries them. Never a query, a token, a body or an id in the path, for those may be personal.
//!
//! Both have the target `holdfast::requests`. Faults are logged at `warn`, slow requests at `info`, and all others at `debug`,
//! so that a busy server does not spend its time on writing lines.

use std::sync::OnceLock;

use axum::http::{HeaderValue, Method, StatusCode};
use domain::actor::{Actor, Staff, StaffCredential};
use tracing::Span;
use tracing::field::Empty;

const TARGET: &str = "holdfast::requests";
/// A request is slow from this duration on, in milliseconds.
const SLOW_MS: u64 = 1_000;

/// Whether every request is logged.
pub fn is_wanted() -> bool {
    tracing::enabled!(target: TARGET, tracing::Level::DEBUG)
}

/// The span of a request. Its level is `error`, so that no filter that lets a fault through hides the id of its
/// request.
pub fn span(method: &Method, path: &str, id: &HeaderValue) -> Span {
    tracing::error_span!(
        target: TARGET,
        "request",
        id = id.to_str().unwrap_or_default(),
        method = method.as_str(),
        route = route(path),
        caller = Empty
    )
}

/// Records the kind of the caller in the span of the current request.
pub fn record_caller(caller: Actor) {
    let kind = match caller {
        Actor::Guest(_) => "guest",
        Actor::Business(Staff { by: StaffCredential::Member(..), .. }) => "staff",
        Actor::Business(Staff { by: StaffCredential::Key(..), .. }) => "api_key",
        Actor::Admin(_) => "admin",
        Actor::System => "system",
    };
    Span::current().record("caller", kind);
}

/// The line at the end of a request, inside its span.
pub fn ended(status: StatusCode, took_ms: u64) {
    let status = status.as_u16();
    if status >= 500 {
        tracing::warn!(target: TARGET, status, took_ms, "request ended");
    } else if took_ms >= SLOW_MS {
        tracing::info!(target: TARGET, status, took_ms, "request ended");
    } else {
        tracing::debug!(target: TARGET, status, took_ms, "request ended");
    }
}

/// The documented paths. The router provides them.
static ROUTES: OnceLock<matchit::Router<&'static str>> = OnceLock::new();

/// Provides the documented paths. Only the first call counts.
pub fn know_routes(paths: impl IntoIterator<Item = &'static str>) {
    ROUTES.get_or_init(|| {
        let mut routes = matchit::Router::new();
        for path in paths {
            routes.insert(pattern(path), path).expect("the router of the API takes the same paths");
        }
        routes
    });
}

/// The documented path that this one is an example of.
fn route(path: &str) -> &'static str {
    if path == "/docs" || path.starts_with("/docs/") || path == "/openapi.json" {
        return "/docs";
    }
    ROUTES.get().and_then(|routes| routes.at(path).ok()).map_or("-", |found| *found.value)
}

/// The path with its parameters named by their places: one place has one name in a router.
fn pattern(path: &str) -> String {
    let parts = path.split('/').enumerate();
    let named = parts
        .map(|(place, part)| if part.starts_with('{') { format!("{{{place}}}") } else { part.to_owned() });
    named.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_logged_as_its_route() {
        know_routes(crate::routes::paths());
        let cases = [
            ("/api/v1/bookings", "/api/v1/bookings"),
            ("/api/v1/bookings/preview", "/api/v1/bookings/preview"),
            ("/api/v1/bookings/bkg_1", "/api/v1/bookings/{id}"),
            ("/api/v1/bookings/guest/gst_1", "/api/v1/bookings/guest/{guest_id}"),
            ("/api/v1/bookings/", "-"),
            ("/jane@example.com", "-"),
            ("/docs/index.css", "/docs"),
            ("/health", "/health"),
        ];
        for (path, logged) in cases {
            assert_eq!(route(path), logged, "{path}");
        }
    }
}
