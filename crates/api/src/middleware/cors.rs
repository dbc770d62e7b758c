//! Origins whose pages may call the API (Fetch Standard, "CORS protocol"). No cookies are used: the API requires
//! tokens, which a page must hold itself.

use axum::body::Body;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, HeaderMap,
    HeaderValue, ORIGIN, VARY,
};
use axum::http::{Method, Request, Response, StatusCode};

use super::origin::Origin;

const METHODS: HeaderValue = HeaderValue::from_static("GET, POST, PUT, PATCH, DELETE");
const HEADERS: HeaderValue = HeaderValue::from_static(
    "Authorization, Content-Type, Idempotency-Key, If-Match, X-Request-Id, traceparent",
);
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "ETag, Idempotent-Replayed, Location, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id",
);
/// Seconds for which a browser may cache a preflight response.
const MAX_AGE: HeaderValue = HeaderValue::from_static("3600");
const VARIES: HeaderValue = HeaderValue::from_static("Origin");
const VARIES_PREFLIGHT: HeaderValue =
    HeaderValue::from_static("Origin, Access-Control-Request-Method, Access-Control-Request-Headers");

/// The allowed origins.
#[derive(Debug, Clone, Default)]
pub struct Cors {
    pub origins: Vec<Origin>,
}

impl Cors {
    /// The request's origin, if it is allowed.
    pub fn allowed(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        if self.origins.is_empty() {
            return None;
        }
        let origin = headers.get(ORIGIN)?;
        self.origins.iter().find(|known| known.header() == origin).map(|known| known.header().clone())
    }

    /// The response to a preflight request; `None` for other requests. For an origin that is not allowed it allows
    /// nothing.
    pub fn preflight<B>(&self, request: &Request<B>) -> Option<Response<Body>> {
        let asks = request.method() == Method::OPTIONS
            && request.headers().contains_key(ORIGIN)
            && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
        if !asks || self.origins.is_empty() {
            return None;
        }
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NO_CONTENT;
        let headers = response.headers_mut();
        headers.insert(VARY, VARIES_PREFLIGHT);
        if let Some(origin) = self.allowed(request.headers()) {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            headers.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
            headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HEADERS);
            headers.insert(ACCESS_CONTROL_MAX_AGE, MAX_AGE);
        }
        Some(response)
    }

    /// The CORS headers of a response. If origins are configured, every response may differ by origin, which is
    /// declared for caches.
    pub fn apply_headers(&self, headers: &mut HeaderMap, allowed: Option<HeaderValue>) {
        if self.origins.is_empty() || headers.contains_key(ACCESS_CONTROL_ALLOW_ORIGIN) {
            return;
        }
        if !headers.contains_key(VARY) {
            headers.append(VARY, VARIES);
        }
        if let Some(origin) = allowed {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cors() -> Cors {
        Cors { origins: vec!["https://shop.example.org".parse().unwrap()] }
    }

    fn question(method: Method, origin: Option<&str>, asks: bool) -> Request<()> {
        let mut request = Request::builder().method(method).uri("/api/v1/bookings");
        if let Some(origin) = origin {
            request = request.header(ORIGIN, origin);
        }
        if asks {
            request = request.header(ACCESS_CONTROL_REQUEST_METHOD, "POST");
        }
        request.body(()).unwrap()
    }

    #[test]
    fn a_browser_that_asks_is_told_for_configured_origins_only() {
        let ours = "https://shop.example.org";
        let allowed = cors().preflight(&question(Method::OPTIONS, Some(ours), true)).unwrap();
        assert_eq!(allowed.status(), 204);
        assert_eq!(allowed.headers()[ACCESS_CONTROL_ALLOW_ORIGIN], ours);
        assert!(
            allowed.headers()[ACCESS_CONTROL_ALLOW_HEADERS].to_str().unwrap().contains("Idempotency-Key")
        );
        for other in [
            "https://evil.example",
            "https://shop.example.org.evil.example",
            "null",
            "http://shop.example.org",
        ] {
            let refused = cors().preflight(&question(Method::OPTIONS, Some(other), true)).unwrap();
            assert!(!refused.headers().contains_key(ACCESS_CONTROL_ALLOW_ORIGIN), "{other}");
            assert!(refused.headers()[VARY].to_str().unwrap().contains("Origin"));
        }
    }

    #[test]
    fn what_is_no_question_goes_on() {
        assert!(cors().preflight(&question(Method::OPTIONS, Some("https://a"), false)).is_none());
        assert!(cors().preflight(&question(Method::OPTIONS, None, true)).is_none());
        assert!(cors().preflight(&question(Method::POST, Some("https://a"), true)).is_none());
        assert!(Cors::default().preflight(&question(Method::OPTIONS, Some("https://a"), true)).is_none());
    }

    #[test]
    fn answers_vary_by_origin_where_origins_are_configured() {
        let mut headers = HeaderMap::new();
        cors().apply_headers(&mut headers, None);
        assert_eq!(headers[VARY], "Origin");
        assert!(!headers.contains_key(ACCESS_CONTROL_ALLOW_ORIGIN));
        let mut headers = HeaderMap::new();
        Cors::default().apply_headers(&mut headers, None);
        assert!(headers.is_empty());
    }
}
