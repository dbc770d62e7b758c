//! Callers that exceed their quotas.

use api::middleware::MiddlewareSettings;
use api::middleware::quotas::Quotas;
use api::middleware::rate::Rate;

use super::wire::{Reply, run};

fn tight() -> MiddlewareSettings {
    let rate = |count| Some(Rate { count, seconds: 1_000 });
    let quotas = Quotas { auth: rate(2), write: rate(3), read: rate(4), anonymous: rate(5) };
    MiddlewareSettings {
        quotas,
        trusted_proxies: vec!["127.0.0.1".parse().unwrap()],
        ..MiddlewareSettings::default()
    }
}

fn refused(reply: &Reply, policy: &str) {
    reply.refused(429, "quota-exceeded");
    let wait: u64 = reply.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=1_000).contains(&wait), "{reply:?}");
    assert!(reply.header("ratelimit").unwrap().starts_with(&format!("\"{policy}\";r=0;t=")), "{reply:?}");
    assert!(reply.body.contains(&format!("\"violated-policies\":[\"{policy}\"]")), "{reply:?}");
}

#[test]
fn a_caller_is_told_what_is_left_and_refused_when_nothing_is() {
    run(tight(), async |wire| {
        let authorized = format!("authorization: Bearer {}", wire.token);
        for (number, left) in [3, 2, 1, 0].into_iter().enumerate() {
            // It is the same caller, whatever its address.
            let from = format!("x-forwarded-for: 198.51.100.{number}");
            let reply = wire.get("/api/v1/venues", &["host: x", &authorized, &from]).await;
            assert_eq!((reply.status, reply.header("ratelimit-policy")), (200, Some("\"read\";q=4;w=1000")));
            let told = reply.header("ratelimit").unwrap().to_owned();
            assert!(told.starts_with(&format!("\"read\";r={left};t=")), "{told}");
        }
        refused(&wire.get("/api/v1/venues", &["host: x", &authorized]).await, "read");
        let write = format!(
            "POST /api/v1/bookings HTTP/1.1\r\nhost: x\r\n{authorized}\r\ncontent-length: 2\r\n\r\n{{}}"
        );
        for _ in 0..3 {
            assert_eq!(wire.ask(&write).await.status, 400, "writing has a quota of its own");
        }
        refused(&wire.ask(&write).await, "write");
        assert_eq!(wire.get("/health", &["host: x"]).await.status, 200);
    });
}

/// Invalid tokens are counted by address, however many different ones there are.
#[test]
fn made_up_tokens_buy_nothing() {
    run(tight(), async |wire| {
        for number in 0..5 {
            let made_up = format!("authorization: Bearer made-up-{number}");
            wire.get("/api/v1/venues", &["host: x", &made_up]).await.refused(401, "unauthorized");
        }
        refused(&wire.get("/api/v1/venues", &["host: x", "authorization: Bearer other"]).await, "anonymous");
        refused(&wire.get("/docs/", &["host: x"]).await, "anonymous");
        let elsewhere = wire.get("/docs/", &["host: x", "x-forwarded-for: 198.51.100.9"]).await;
        assert_eq!(elsewhere.status, 200, "another address has its own quota");
        let authorized = format!("authorization: Bearer {}", wire.token);
        assert_eq!(
            wire.get("/api/v1/venues", &["host: x", &authorized]).await.status,
            200,
            "a true one still counts"
        );
    });
}

#[test]
fn logins_are_counted_by_address_and_not_by_what_the_client_claims() {
    run(tight(), async |wire| {
        let login = |lines: &str| {
            format!("POST /api/v1/auth/send-otp HTTP/1.1\r\nhost: x\r\n{lines}content-length: 2\r\n\r\n{{}}")
        };
        let claims =
            ["6.6.6.1", "6.6.6.2"].map(|claim| format!("x-forwarded-for: {claim}, 198.51.100.1\r\n"));
        for claim in &claims {
            assert_ne!(wire.ask(&login(claim)).await.status, 429);
        }
        refused(&wire.ask(&login("x-forwarded-for: 6.6.6.3, 198.51.100.1\r\n")).await, "auth");
        assert_ne!(wire.ask(&login("x-forwarded-for: 198.51.100.2\r\n")).await.status, 429);
    });
}
