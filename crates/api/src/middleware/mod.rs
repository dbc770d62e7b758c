//! The middleware between the network and the handlers, one concern per file. Deliberately absent: authentication and
//! permissions (in `caller` and the use cases).
//!
//! For each request, [`Middleware`] determines the client, the request id and whether the host is accepted; for each
//! response it adds headers. It is one layer around the whole router: nothing is boxed, and no header is created
//! twice. Start with [`service::Guarded`]. [`connections::Connections`] limits and watches connections.

pub mod activity;
mod allowance;
pub mod connections;
pub mod cors;
pub mod host;
pub(crate) mod log;
pub mod network;
pub mod origin;
pub(crate) mod plain;
pub mod proxies;
pub mod quotas;
pub mod rate;
mod request_id;
mod security;
pub mod service;
pub mod stream;

use std::net::IpAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::http::header::HOST;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Request, Response};
use axum::response::IntoResponse as _;

use self::activity::{Activity, Timeouts};
use self::connections::ConnectionLimits;
use self::cors::Cors;
use self::host::Host;
use self::network::Network;
use self::origin::Origin;
use self::proxies::{ForwardedHeader, Proxies};
use self::quotas::{Counters, Quotas};
use self::request_id::RequestIds;
use wire::problem::{Problem, kinds};

/// Maximum length of a request's URI, in bytes.
const URI_BYTES_MAX: usize = 8 * 1_024;
/// Maximum size of a request's header fields, in bytes.
const FIELDS_BYTES_MAX: usize = 32 * 1_024;

/// The settings of the middleware.
#[derive(Debug, Clone)]
pub struct MiddlewareSettings {
    /// The accepted hosts; if empty, every host is accepted.
    pub trusted_hosts: Vec<Host>,
    pub trusted_proxies: Vec<Network>,
    pub forwarded_header: ForwardedHeader,
    pub cors_origins: Vec<Origin>,
    pub body: BodyLimits,
    pub timeouts: Timeouts,
    pub connections: ConnectionLimits,
    pub quotas: Quotas,
}

/// Limits on a request's body.
#[derive(Debug, Clone, Copy)]
pub struct BodyLimits {
    pub bytes_max: usize,
    pub ms_max: u64,
    /// The rate that extends the time limit; 0 for none.
    pub bytes_per_s_min: u64,
}

impl Default for BodyLimits {
    fn default() -> Self {
        Self { bytes_max: 256 * 1_024, ms_max: 10_000, bytes_per_s_min: 16_384 }
    }
}

impl BodyLimits {
    /// How long receiving this many bytes of a body may take, in milliseconds.
    pub fn allowed_ms(&self, bytes: usize) -> u64 {
        let earned = (bytes as u64).saturating_mul(1_000).checked_div(self.bytes_per_s_min);
        self.ms_max.saturating_add(earned.unwrap_or(0))
    }
}

impl Default for MiddlewareSettings {
    fn default() -> Self {
        Self {
            trusted_hosts: Vec::new(),
            trusted_proxies: Vec::new(),
            forwarded_header: ForwardedHeader::XForwardedFor,
            cors_origins: Vec::new(),
            body: BodyLimits::default(),
            timeouts: Timeouts {
                head_ms_max: 10_000,
                idle_ms_max: 75_000,
                write_ms_max: 20_000,
                request_ms_max: 30_000,
                bytes_per_s_min: 16_384,
            },
            connections: ConnectionLimits { connections_max: 10_000, per_address_max: 2_000 },
            quotas: Quotas::default(),
        }
    }
}

/// The middleware of one server.
pub struct Middleware {
    pub(crate) proxies: Proxies,
    pub(crate) timeouts: Timeouts,
    pub(crate) connections: ConnectionLimits,
    hosts: Vec<Host>,
    cors: Cors,
    ids: RequestIds,
    pub(crate) body: BodyLimits,
    pub(crate) counters: Counters,
}

impl Middleware {
    /// `process` is a number that no other process has; request ids are based on it.
    pub fn new(settings: MiddlewareSettings, process: u64) -> Self {
        Self {
            proxies: Proxies { trusted: settings.trusted_proxies, header: settings.forwarded_header },
            timeouts: settings.timeouts,
            connections: settings.connections,
            hosts: settings.trusted_hosts,
            cors: Cors { origins: settings.cors_origins },
            ids: RequestIds::new(process),
            body: settings.body,
            counters: Counters::new(&settings.quotas),
        }
    }

    /// The response, if the request is answered without a handler.
    fn answer<B>(&self, request: &Request<B>, client: IpAddr, activity: &Activity) -> Option<Response<Body>> {
        let refused = self.refuse(request);
        let refused = refused.or_else(|| self.counters.arrive(request, client, activity).err());
        refused.map(Problem::into_response).or_else(|| self.cors.preflight(request))
    }

    fn refuse<B>(&self, request: &Request<B>) -> Option<Problem> {
        let (uri, headers) = (request.uri(), request.headers());
        let target_bytes = uri.path().len() + uri.query().map_or(0, str::len);
        if target_bytes > URI_BYTES_MAX {
            return Some(Problem::new(kinds::URI_TOO_LONG));
        }
        let fields_bytes: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
        if fields_bytes > FIELDS_BYTES_MAX {
            return Some(Problem::new(kinds::HEAD_TOO_LARGE));
        }
        if self.hosts.is_empty() || is_health(uri.path()) {
            return None;
        }
        let host = uri.host().or_else(|| only_host(headers));
        let known = host.is_some_and(|host| self.hosts.iter().any(|known| known.is(host)));
        (!known).then(|| Problem::new(kinds::MISDIRECTED).detail("the header Host does not name this server"))
    }
}

/// Health checks use the server's address as host.
fn is_health(path: &str) -> bool {
    path == "/health" || path.starts_with("/health/")
}

/// With two hosts it is ambiguous which one is meant.
fn only_host(headers: &HeaderMap) -> Option<&str> {
    let mut hosts = headers.get_all(HOST).iter();
    let host = hosts.next()?;
    if hosts.next().is_some() { None } else { host.to_str().ok() }
}

/// The middleware's data about a request, for the handlers.
#[derive(Clone)]
pub(crate) struct Known {
    pub client: IpAddr,
    pub activity: Arc<Activity>,
    pub middleware: Arc<Middleware>,
}

impl Known {
    pub fn of(parts: &Parts) -> Option<&Self> {
        parts.extensions.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn middleware(hosts: &[&str]) -> Middleware {
        let trusted_hosts = hosts.iter().map(|host| host.parse().unwrap()).collect();
        Middleware::new(MiddlewareSettings { trusted_hosts, ..MiddlewareSettings::default() }, 1)
    }

    fn answer(middleware: &Middleware, request: &Request<()>) -> Option<Response<Body>> {
        middleware.answer(request, IpAddr::from([192, 0, 2, 1]), &Activity::default())
    }

    fn refused(middleware: &Middleware, uri: &str, hosts: &[&str]) -> Option<u16> {
        let request = Request::builder().uri(uri);
        let request =
            hosts.iter().fold(request, |request, host| request.header(HOST, *host)).body(()).unwrap();
        answer(middleware, &request).map(|response| response.status().as_u16())
    }

    #[test]
    fn only_requests_for_our_hosts_are_answered_but_for_health() {
        let ours = middleware(&["book.example.org"]);
        assert_eq!(refused(&ours, "/api/v1/venues", &["book.example.org:80"]), None);
        assert_eq!(refused(&ours, "/api/v1/venues", &["evil.example"]), Some(421));
        assert_eq!(refused(&ours, "/api/v1/venues", &[]), Some(421));
        assert_eq!(refused(&ours, "/api/v1/venues", &["book.example.org", "book.example.org"]), Some(421));
        assert_eq!(refused(&ours, "http://evil.example/api/v1/venues", &["book.example.org"]), Some(421));
        assert_eq!(refused(&ours, "/health", &["10.0.0.7:8080"]), None);
        assert_eq!(refused(&ours, "/healthy", &["10.0.0.7:8080"]), Some(421));
        assert_eq!(refused(&middleware(&[]), "/api/v1/venues", &["whatever"]), None);
    }

    #[test]
    fn heads_that_are_too_large_are_refused() {
        let any = middleware(&[]);
        let long = |bytes: usize| format!("/{}", "x".repeat(bytes - 1));
        assert_eq!(refused(&any, &long(URI_BYTES_MAX), &[]), None);
        assert_eq!(refused(&any, &long(URI_BYTES_MAX + 1), &[]), Some(414));
        assert_eq!(refused(&any, &format!("/?{}", "x".repeat(URI_BYTES_MAX)), &[]), Some(414));
        let wide = |bytes: usize| {
            let request = Request::builder().header("x", "y".repeat(bytes - 1)).body(()).unwrap();
            answer(&any, &request).map(|response| response.status().as_u16())
        };
        assert_eq!((wide(FIELDS_BYTES_MAX), wide(FIELDS_BYTES_MAX + 1)), (None, Some(431)));
    }

    #[test]
    fn bytes_buy_time_for_a_body() {
        let limits = BodyLimits { bytes_max: 1, ms_max: 100, bytes_per_s_min: 1_000 };
        assert_eq!((limits.allowed_ms(0), limits.allowed_ms(500)), (100, 600));
        assert_eq!(BodyLimits { bytes_per_s_min: 0, ..limits }.allowed_ms(1 << 20), 100);
    }
}
