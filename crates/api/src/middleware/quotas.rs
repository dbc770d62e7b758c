//! Rate limits: how many requests a caller may send in a period, reported in the headers `RateLimit-Policy` and
//! `RateLimit` (draft-ietf-httpapi-ratelimit-headers), and refused with 429.
//!
//! Authenticated callers are counted by identity, whatever their address. All others are counted by address, so that
//! invalid tokens give no advantage. Each process counts separately, so that no request needs another machine.

use std::fmt::Write as _;
use std::net::IpAddr;
use std::time::Duration;

use axum::http::header::{HeaderMap, HeaderName, HeaderValue};
use axum::http::{Method, Request};
use backplane::limits::{Decision, Limit, LocalLimits};
use bytes::Bytes;
use uuid::Uuid;

use super::activity::Activity;
use super::allowance::Allowance;
use super::network::customer;
use super::rate::Rate;
use super::{Known, is_health};
use wire::problem::{Problem, kinds};

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// The class of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Sign-in and code requests: by address.
    Auth,
    /// Writing requests: by caller.
    Write,
    /// Reading requests: by caller.
    Read,
    /// All requests without authentication: by address.
    Anonymous,
}

const CLASSES: [(Class, &str); 4] =
    [(Class::Auth, "auth"), (Class::Write, "write"), (Class::Read, "read"), (Class::Anonymous, "anonymous")];

/// The rate of each class; a class without one is not counted.
#[derive(Debug, Clone, Copy, Default)]
pub struct Quotas {
    pub auth: Option<Rate>,
    pub write: Option<Rate>,
    pub read: Option<Rate>,
    pub anonymous: Option<Rate>,
}

/// The class of a request with this method and path, for an authenticated caller.
pub fn class_of(method: &Method, path: &str) -> Class {
    let reads = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
    // These have a body but change nothing.
    let asks = path.ends_with("/preview") || path.ends_with("/availability/check");
    match path {
        _ if is_login(path) && !reads => Class::Auth,
        _ if reads || asks => Class::Read,
        _ => Class::Write,
    }
}

fn is_login(path: &str) -> bool {
    path.starts_with("/api/v1/auth/")
}

/// One class's quota.
struct Policy {
    name: &'static str,
    limit: Limit,
    told: HeaderValue,
}

/// All quotas, and their usage.
pub struct Counters {
    policies: [Option<Policy>; 4],
    used: LocalLimits,
}

impl Counters {
    pub fn new(quotas: &Quotas) -> Self {
        let rates = [quotas.auth, quotas.write, quotas.read, quotas.anonymous];
        let mut rates = rates.into_iter();
        let policies = CLASSES.map(|(_, name)| rates.next().flatten().map(|rate| Policy::new(name, rate)));
        Self { policies, used: LocalLimits::default() }
    }

    fn charge(&self, class: Class, key: &str, activity: &Activity) -> Result<(), Problem> {
        let Some(Some(policy)) = self.policies.get(class as usize) else { return Ok(()) };
        let decision = self.used.check(key, policy.limit, 1);
        let reset_s = u32::try_from(seconds_up(decision.reset_after)).unwrap_or(u32::MAX).min((1 << 28) - 1);
        activity.allow(Allowance { class: class as u8, remaining: decision.remaining, reset_s });
        if decision.allowed { Ok(()) } else { Err(policy.refusal(&decision)) }
    }

    /// Counts requests that are limited by address before authentication: sign-ins, and requests without a token.
    pub(super) fn arrive<B>(
        &self,
        request: &Request<B>,
        client: IpAddr,
        activity: &Activity,
    ) -> Result<(), Problem> {
        let path = request.uri().path();
        if is_health(path) || path == "/metrics" {
            return Ok(());
        }
        let class = match class_of(request.method(), path) {
            Class::Auth => Class::Auth,
            Class::Write | Class::Read | Class::Anonymous => {
                let tries = request.headers().contains_key(axum::http::header::AUTHORIZATION);
                if tries && path.starts_with("/api/") {
                    return Ok(());
                }
                Class::Anonymous
            }
        };
        self.by_address(class, client, activity)
    }

    fn by_address(&self, class: Class, client: IpAddr, activity: &Activity) -> Result<(), Problem> {
        self.charge(class, &customer(client).to_string(), activity)
    }

    pub(super) fn apply_headers(&self, headers: &mut HeaderMap, allowance: Option<Allowance>) {
        let Some(allowance) = allowance else { return };
        if let Some(Some(policy)) = self.policies.get(usize::from(allowance.class)) {
            headers.insert(RATE_LIMIT_POLICY, policy.told.clone());
            headers.insert(RATE_LIMIT, policy.left(allowance));
        }
    }
}

/// Counts a request of an authenticated caller: a person, a session or an API key.
pub(crate) fn charge_caller(
    known: Option<&Known>,
    caller: Uuid,
    method: &Method,
    path: &str,
) -> Result<(), Problem> {
    let Some(known) = known else { return Ok(()) };
    let class = match class_of(method, path) {
        Class::Read => Class::Read,
        Class::Auth | Class::Write | Class::Anonymous => Class::Write,
    };
    let mut text = [0; uuid::fmt::Simple::LENGTH];
    known.middleware.counters.charge(class, caller.simple().encode_lower(&mut text), &known.activity)
}

/// Counts a request with an invalid token.
pub(crate) fn charge_stranger(known: Option<&Known>) -> Result<(), Problem> {
    known.map_or(Ok(()), |known| {
        known.middleware.counters.by_address(Class::Anonymous, known.client, &known.activity)
    })
}

impl Policy {
    fn new(name: &'static str, rate: Rate) -> Self {
        let limit = Limit::new(rate.count, Duration::from_secs(rate.seconds.into()));
        let told = format!("\"{name}\";q={};w={}", rate.count, rate.seconds);
        Self { name, limit, told: HeaderValue::try_from(told).expect("a name and numbers make a header") }
    }

    fn left(&self, allowance: Allowance) -> HeaderValue {
        let mut text = String::with_capacity(48);
        // Writing to a String cannot fail.
        let _ = write!(text, "\"{}\";r={};t={}", self.name, allowance.remaining, allowance.reset_s);
        HeaderValue::from_maybe_shared(Bytes::from(text)).expect("a name and numbers make a header")
    }

    fn refusal(&self, decision: &Decision) -> Problem {
        let wait = decision.retry_after.map_or(1, seconds_up);
        Problem::new(kinds::QUOTA_EXCEEDED)
            .detail(format!("quota exceeded; retry after {wait} s"))
            .with("violated-policies", vec![self.name])
            .retry_after_s(wait)
    }
}

/// Whole seconds, at least one, after which a request is allowed.
fn seconds_up(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0 || duration.is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_counted_as_what_it_does() {
        let cases = [
            (Method::POST, "/api/v1/auth/send-otp", Class::Auth),
            (Method::GET, "/api/v1/auth/sessions", Class::Read),
            (Method::POST, "/api/v1/bookings", Class::Write),
            (Method::PUT, "/api/v1/bookings/bkg_1", Class::Write),
            (Method::GET, "/api/v1/bookings/bkg_1", Class::Read),
            (Method::POST, "/api/v1/bookings/preview", Class::Read),
            (Method::POST, "/api/v1/bookings/availability/check", Class::Read),
            (Method::HEAD, "/api/v1/venues", Class::Read),
            (Method::DELETE, "/api/v1/anything", Class::Write),
        ];
        for (method, path, class) in cases {
            assert_eq!(class_of(&method, path), class, "{method} {path}");
        }
    }

    #[test]
    fn seconds_are_rounded_up() {
        let up = |ms| seconds_up(Duration::from_millis(ms));
        assert_eq!([up(0), up(1), up(1_000), up(1_001)], [1, 1, 1, 2]);
    }
}
