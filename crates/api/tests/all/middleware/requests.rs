//! What the middleware requires of a request, and what every response contains.

use api::middleware::MiddlewareSettings;
use api::middleware::proxies::ForwardedHeader;

use super::wire::{Reply, run};

const CAREFUL: [&str; 7] = [
    "content-security-policy",
    "cache-control",
    "x-content-type-options",
    "x-frame-options",
    "referrer-policy",
    "cross-origin-resource-policy",
    "x-request-id",
];

fn careful(reply: &Reply) {
    for name in CAREFUL {
        assert!(reply.header(name).is_some(), "{name}: {reply:?}");
    }
}

#[test]
fn every_answer_is_dressed_refusals_too() {
    run(MiddlewareSettings::default(), async |wire| {
        for (path, status) in [("/health", 200), ("/nowhere", 404), ("/api/v1/venues", 401), ("/docs/", 200)]
        {
            let reply = wire.get(path, &["host: x"]).await;
            assert_eq!(reply.status, status, "{reply:?}");
            careful(&reply);
            assert_eq!(reply.header("strict-transport-security"), None, "plain HTTP");
        }
        let authorized = format!("authorization: Bearer {}", wire.token);
        let venues = wire.get("/api/v1/venues", &["host: x", &authorized]).await;
        assert_eq!((venues.status, venues.header("cache-control")), (200, Some("no-store")));
        let page = wire.get("/docs/", &["host: x"]).await;
        assert!(page.header("content-security-policy").unwrap().contains("script-src 'self'"));
    });
}

/// The page's policy must allow what it loads: its own scripts and styles, and no inline ones.
#[test]
fn the_documentation_works_under_its_policy() {
    run(MiddlewareSettings::default(), async |wire| {
        let page = wire.get("/docs/", &["host: x"]).await;
        let lower = page.body.to_lowercase();
        for script in lower.split("<script").skip(1) {
            let tag = script.split('>').next().unwrap();
            let inside = script.split_once('>').unwrap().1.split("</script").next().unwrap();
            assert!(tag.contains("src=") && inside.trim().is_empty(), "a script in the page: {script}");
        }
        for attribute in ["onclick=", "onload=", "javascript:", "<base", "<iframe"] {
            assert!(!lower.contains(attribute), "{attribute}");
        }
        let style = wire.get("/docs/swagger-ui.css", &["host: x"]).await;
        assert_eq!(style.status, 200);
        assert!(
            !style.body.contains("url(http") && !style.body.contains("@import"),
            "nothing from elsewhere"
        );
    });
}

#[test]
fn a_request_id_is_kept_if_sane_and_made_otherwise() {
    run(MiddlewareSettings::default(), async |wire| {
        let kept = wire.get("/health", &["host: x", "x-request-id: shop-42"]).await;
        assert_eq!(kept.header("x-request-id"), Some("shop-42"));
        let mut made = Vec::new();
        for lines in [&["host: x"][..], &["host: x", "x-request-id: a b\"c"]] {
            made.push(wire.get("/health", lines).await.header("x-request-id").unwrap().to_owned());
        }
        assert!(made[0] != made[1] && made.iter().all(|id| id.len() == 32), "{made:?}");
    });
}

#[test]
fn only_trusted_hosts_are_answered() {
    let trusted_hosts = vec!["book.example.org".parse().unwrap()];
    run(MiddlewareSettings { trusted_hosts, ..MiddlewareSettings::default() }, async |wire| {
        let known = wire.get("/openapi.json", &["host: Book.example.org:8080"]).await;
        assert_eq!(known.status, 200);
        let other = wire.get("/openapi.json", &["host: evil.example"]).await;
        other.refused(421, "misdirected-request");
        careful(&other);
        wire.get("/openapi.json", &["host: book.example.org", "host: book.example.org"])
            .await
            .refused(421, "misdirected-request");
        wire.get("http://evil.example/openapi.json", &["host: book.example.org"])
            .await
            .refused(421, "misdirected-request");
        assert_eq!(wire.get("/health", &["host: 10.0.0.7"]).await.status, 200);
    });
}

#[test]
fn pages_of_configured_origins_may_call() {
    let cors_origins = vec!["https://shop.example.org".parse().unwrap()];
    run(MiddlewareSettings { cors_origins, ..MiddlewareSettings::default() }, async |wire| {
        let preflight = |origin: &str| {
            format!(
                "OPTIONS /api/v1/bookings HTTP/1.1\r\nhost: x\r\norigin: {origin}\r\naccess-control-request-method: POST\r\n\r\n"
            )
        };
        let allowed = wire.ask(&preflight("https://shop.example.org")).await;
        assert_eq!(allowed.status, 204);
        assert_eq!(allowed.header("access-control-allow-origin"), Some("https://shop.example.org"));
        let refused = wire.ask(&preflight("https://evil.example")).await;
        assert_eq!(refused.header("access-control-allow-origin"), None, "{refused:?}");
        let answer = wire.get("/api/v1/venues", &["host: x", "origin: https://shop.example.org"]).await;
        assert_eq!(answer.status, 401, "what is refused can be read too");
        assert_eq!(answer.header("access-control-allow-origin"), Some("https://shop.example.org"));
        assert!(answer.header("vary").unwrap().contains("Origin"));
        assert!(answer.header("access-control-allow-credentials").is_none());
        let other = wire.get("/api/v1/venues", &["host: x", "origin: https://evil.example"]).await;
        assert_eq!(
            (other.header("access-control-allow-origin"), other.header("vary")),
            (None, Some("Origin"))
        );
    });
}

#[test]
fn https_is_believed_of_trusted_proxies_only() {
    let lines = ["host: x", "x-forwarded-proto: https", "x-forwarded-for: 198.51.100.1"];
    run(MiddlewareSettings::default(), async |wire| {
        assert_eq!(wire.get("/health", &lines).await.header("strict-transport-security"), None);
    });
    let trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    let forwarded_header = ForwardedHeader::XForwardedFor;
    run(
        MiddlewareSettings { trusted_proxies, forwarded_header, ..MiddlewareSettings::default() },
        async |wire| {
            assert!(wire.get("/health", &lines).await.header("strict-transport-security").is_some());
        },
    );
}

/// Refusals by the HTTP implementation itself are problems too.
#[test]
fn heads_that_cannot_be_read_are_problems() {
    run(MiddlewareSettings::default(), async |wire| {
        let long = "x".repeat(9_000);
        wire.get(&format!("/{long}"), &["host: x"]).await.refused(414, "uri-too-long");
        let wide = format!("x-wide: {}", "y".repeat(40_000));
        wire.get("/health", &["host: x", &wide]).await.refused(431, "head-too-large");
        let many: Vec<String> = (0..150).map(|number| format!("x-{number}: y")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        wire.get("/health", &many).await.refused(431, "head-too-large");
        let huge = format!("x-huge: {}", "y".repeat(100_000));
        wire.get("/health", &["host: x", &huge]).await.refused(431, "head-too-large");
        for nonsense in
            ["nonsense\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET /health HTTP/1.1\r\nbad header\r\n\r\n"]
        {
            wire.ask(nonsense).await.refused(400, "invalid-request");
        }
    });
}

#[test]
fn a_body_beyond_the_limit_is_refused_whether_it_says_so_or_not() {
    let mut settings = MiddlewareSettings::default();
    settings.body.bytes_max = 2_000;
    run(settings, async |wire| {
        let head =
            format!("POST /api/v1/bookings HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n", wire.token);
        let body = " ".repeat(2_001);
        wire.ask(&format!("{head}content-length: 2001\r\n\r\n{body}")).await.refused(413, "body-too-large");
        let chunked = format!("{head}transfer-encoding: chunked\r\n\r\n7d1\r\n{body}\r\n0\r\n\r\n");
        wire.ask(&chunked).await.refused(413, "body-too-large");
        let whole = format!(
            "{head}transfer-encoding: chunked\r\n\r\n3e8\r\n{0}\r\n3e8\r\n{0}\r\n0\r\n\r\n",
            " ".repeat(1_000)
        );
        wire.ask(&whole).await.refused(400, "invalid-request");
    });
}
