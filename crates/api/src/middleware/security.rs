//! Security headers for browsers. Every value is created once; a handler's own value is kept.

use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderMap, HeaderName, HeaderValue, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};

/// Responses of the API are data: nothing in them may be executed, loaded or framed.
const CSP_DATA: &str = "default-src 'none'; frame-ancestors 'none'";
/// The documentation's page: its own scripts and styles, and calls to this server. It uses inline styles.
const CSP_DOCS: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";
const CROSS_ORIGIN_OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
/// Capacity for the headers that this and other middleware add to a response.
const HEADERS_ADDED_MAX: usize = 12;
/// A year.
const HSTS: &str = "max-age=31536000";
const PERMISSIONS: &str = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";

/// The kind of response, as far as the path shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A response of the API: it may be personal and must not be cached.
    Data,
    /// The documentation's page and its files.
    Docs,
    /// The same for every caller.
    Public,
}

impl Shape {
    pub fn of(path: &str) -> Self {
        match path {
            "/docs" | "/openapi.json" => Self::Docs,
            _ if path.starts_with("/docs/") => Self::Docs,
            _ if path.starts_with("/problems/") => Self::Public,
            _ => Self::Data,
        }
    }

    fn policy(self) -> &'static str {
        match self {
            Self::Docs => CSP_DOCS,
            Self::Data | Self::Public => CSP_DATA,
        }
    }

    fn caching(self) -> &'static str {
        match self {
            Self::Data => "no-store",
            Self::Docs | Self::Public => "no-cache",
        }
    }
}

pub fn apply_headers(headers: &mut HeaderMap, shape: Shape, secure: bool) {
    headers.reserve(HEADERS_ADDED_MAX);
    let mut add = |name: HeaderName, value| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    add(CONTENT_SECURITY_POLICY, shape.policy());
    add(CACHE_CONTROL, shape.caching());
    add(X_CONTENT_TYPE_OPTIONS, "nosniff");
    add(X_FRAME_OPTIONS, "DENY");
    add(REFERRER_POLICY, "no-referrer");
    add(CROSS_ORIGIN_RESOURCE_POLICY, "same-origin");
    // Restrictions that concern only pages are not needed for data.
    if shape != Shape::Data {
        add(CROSS_ORIGIN_OPENER_POLICY, "same-origin");
        add(PERMISSIONS_POLICY, PERMISSIONS);
    }
    // Over plain HTTP an attacker could have added it, and browsers ignore it.
    if secure {
        headers.entry(STRICT_TRANSPORT_SECURITY).or_insert(HeaderValue::from_static(HSTS));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(path: &str, secure: bool) -> HeaderMap {
        let mut headers = HeaderMap::new();
        apply_headers(&mut headers, Shape::of(path), secure);
        headers
    }

    #[test]
    fn every_response_has_security_headers() {
        let always = [
            "content-security-policy",
            "cache-control",
            "x-content-type-options",
            "x-frame-options",
            "referrer-policy",
            "cross-origin-resource-policy",
        ];
        for path in ["/api/v1/bookings", "/docs/", "/problems/unavailable", "/health", "/nowhere"] {
            let headers = applied(path, false);
            for name in always {
                assert!(headers.contains_key(name), "{path} {name}");
            }
            assert!(!headers.contains_key(STRICT_TRANSPORT_SECURITY), "{path}");
            assert!(applied(path, true).contains_key(STRICT_TRANSPORT_SECURITY), "{path}");
        }
        for name in ["permissions-policy", "cross-origin-opener-policy"] {
            assert!(applied("/docs/", false).contains_key(name), "{name}");
        }
        assert_eq!(applied("/api/v1/bookings", false)[CACHE_CONTROL], "no-store");
        assert_eq!(applied("/docs/", false)[CACHE_CONTROL], "no-cache");
    }

    #[test]
    fn scripts_run_on_the_documentations_page_only() {
        let policy = |path| applied(path, false)[CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
        assert!(policy("/docs/").contains("script-src 'self';"));
        assert!(!policy("/docs/").contains("script-src 'self' 'unsafe"), "no script in the page itself");
        for path in ["/api/v1/bookings", "/docsx", "/health"] {
            assert!(
                !policy(path).contains("script-src") && policy(path).contains("default-src 'none'"),
                "{path}"
            );
        }
    }

    #[test]
    fn a_handlers_own_value_stays() {
        let mut headers = HeaderMap::new();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=60"));
        apply_headers(&mut headers, Shape::Data, false);
        assert_eq!(headers[CACHE_CONTROL], "public, max-age=60");
    }
}
