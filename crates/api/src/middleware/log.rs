//! One line a request: method, route, status, time, id. Never a query, a token, a body or an id in the path, for those
//! may be personal. Lines have the target `holdfast::requests`: faults at `warn`, whatever was slow at `info`, the rest at
//! `debug`, so that a busy server does not spend its time on writing them.

use std::sync::LazyLock;

use axum::http::{HeaderValue, Method, StatusCode};

use crate::openapi;

const TARGET: &str = "holdfast::requests";
/// From here on a request is slow, in milliseconds.
const SLOW_MS: u64 = 1_000;

/// Whether every request is logged.
pub fn is_wanted() -> bool {
    tracing::enabled!(target: TARGET, tracing::Level::DEBUG)
}

pub fn request(method: &Method, path: &str, status: StatusCode, took_ms: u64, id: &HeaderValue) {
    let status = status.as_u16();
    let ordinary = status < 500 && took_ms < SLOW_MS;
    if ordinary && !is_wanted() {
        return;
    }
    let (route, id) = (route(path), id.to_str().unwrap_or_default());
    if status >= 500 {
        tracing::warn!(target: TARGET, %method, route, status, took_ms, id, "request");
    } else if took_ms >= SLOW_MS {
        tracing::info!(target: TARGET, %method, route, status, took_ms, id, "request");
    } else {
        tracing::debug!(target: TARGET, %method, route, status, took_ms, id, "request");
    }
}

/// The documented path that this one is an example of.
pub fn route(path: &str) -> &'static str {
    static ROUTES: LazyLock<Vec<&'static str>> = LazyLock::new(openapi::paths_in_order);
    if path == "/docs" || path.starts_with("/docs/") || path == "/openapi.json" {
        return "/docs";
    }
    ROUTES.iter().copied().find(|route| matches(route, path)).unwrap_or("-")
}

fn matches(route: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (route.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(wanted), Some(given))
                if wanted == given || (wanted.starts_with('{') && !given.is_empty()) => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_logged_as_its_route() {
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
