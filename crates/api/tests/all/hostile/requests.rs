//! Invalid paths, queries and methods.

use axum::http::Method;
use serde_json::json;

use super::{Targets, answer, operations};
use crate::client::Call;
use crate::client::Caller::{Guest, Nobody, Owner};
use crate::world::{GUEST, World, guest_id, run};

testkit::on_both_databases! {
    fn ids_that_are_none_are_refused(database: &TestDatabase) {
        run(database, ids);
    }

    fn queries_that_are_none_are_refused(database: &TestDatabase) {
        run(database, queries);
    }

    fn methods_that_are_none_are_refused(database: &TestDatabase) {
        run(database, methods);
    }
}

const IDS: [&str; 22] = [
    "x",
    "0",
    "-1",
    "%00",
    "%FF",
    "%ff%fe",
    "%2F",
    "%2e%2e",
    "..",
    "%",
    "%zz",
    "bkg_",
    "bkg_%",
    "bkg_0",
    "null",
    "%20",
    "+",
    "bkg_0190f5c4-1b0a-7c3e-8a41-d2f07b6c9e55",
    "BKG_0190f5c41b0a7c3e8a41d2f07b6c9e55",
    "%F0%9F%94%91",
    "%E2%80%AE",
    "'%20or%201=1--",
];

async fn ids(world: &World) {
    let targets = Targets::new(world).await;
    let long = "x".repeat(20_000);
    for (method, template) in operations() {
        let Some((before, rest)) = template.split_once('{') else { continue };
        let after = rest.split_once('}').unwrap().1;
        for id in IDS.into_iter().chain([long.as_str()]) {
            let path = format!("{before}{id}{after}");
            let body = json!({"expected_version": 1, "status": "CANCELLED", "capacity": 1}).to_string();
            for caller in [Owner, Guest, Nobody] {
                let call = Call::new(caller, method.clone(), &path).body(body.clone());
                assert!(answer(world, &call).await.status.is_client_error(), "{path}");
            }
        }
    }
    // An id in another spelling is the same id.
    let id = targets.booking.strip_prefix("bkg_").unwrap();
    let spelled = [
        id.to_owned(),
        id.to_uppercase(),
        format!("{}-{}-{}-{}-{}", &id[..8], &id[8..12], &id[12..16], &id[16..20], &id[20..]),
    ];
    for spelling in spelled.iter().chain([&format!("%62kg_{id}")]) {
        answer(world, &Call::get(Guest, format!("/api/v1/bookings/{spelling}"))).await.expect(200);
    }
    for path in [
        "//",
        "/api/v1//bookings",
        "/API/v1/bookings",
        "/api/v1/bookings/a/b/c/d",
        "/docs/../etc/passwd",
        "/docs/%2e%2e%2fx",
        "/docs/%00",
    ] {
        answer(world, &Call::get(Guest, path)).await.refused(404, "not-found");
    }
}

async fn queries(world: &World) {
    let pool = world.pool("doubles");
    let floor = world.pool("floor");
    let lists = [
        format!("/api/v1/bookings/guest/{}", guest_id(GUEST)),
        format!("/api/v1/bookings/venue/{}", world.venue("bistro")),
        format!("/api/v1/pools/{pool}/slots"),
        format!("/api/v1/pools/{floor}/slots"),
    ];
    let names = ["limit", "cursor", "status", "date_from", "from", "to", "%00", "", "%FF", "a%20b", "🔑"];
    let values = [
        "",
        "0",
        "-1",
        "1e308",
        "9223372036854775808",
        "x",
        "%00",
        "%FF%FE",
        "%ED%A0%80",
        "2025-12-01",
        "9999-12-31",
        "-9999-01-01",
        "0000-01-01",
        "9999-12-31T23:59:59Z",
        "-009999-01-01T00:00:00Z",
        "%E2%80%AE",
        "1.0190f5c41b0a7c3e8a41d2f07b6c9e55",
        "&&&",
        "=",
        "%",
    ];
    for list in &lists {
        for (name, value) in names.iter().flat_map(|name| values.iter().map(move |value| (name, value))) {
            let query = format!("{name}={value}");
            let query = query.replace('🔑', "%F0%9F%94%91");
            answer(world, &Call::get(Owner, format!("{list}?{query}"))).await;
            answer(world, &Call::get(Owner, format!("{list}?from=2025-12-01&to=2025-12-02&{query}&{query}")))
                .await;
        }
        let long = format!("{list}?{}", "limit=1&".repeat(5_000));
        answer(world, &Call::get(Owner, long)).await;
    }
    for run in
        ["from=-9999-01-01&to=9999-12-31", "from=9999-12-31&to=9999-12-31", "from=0000-01-01&to=0000-01-02"]
    {
        answer(world, &Call::get(Owner, format!("/api/v1/pools/{pool}/slots?{run}"))).await;
    }
    let ticks = format!("/api/v1/pools/{}/slots", world.pool("stools"));
    for run in [
        "from=9999-12-30T00:00:00Z&to=9999-12-30T21:00:00Z",
        "from=-009999-01-03T00:00:00Z&to=-009999-01-03T01:00:00Z",
    ] {
        answer(world, &Call::get(Owner, format!("{ticks}?{run}"))).await;
    }
}

async fn methods(world: &World) {
    let targets = Targets::new(world).await;
    let documented = operations();
    let all = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "HEAD", "BREW", "get"];
    for (_, template) in &documented {
        let path = targets.path(world, template);
        let known = |method: &str| {
            documented.iter().any(|(known, path)| path == template && known.as_str() == method)
        };
        for method in all {
            let call = Call::new(Nobody, method.parse::<Method>().unwrap(), &path);
            let reply = answer(world, &call).await;
            if known(method) || (method == "HEAD" && known("GET")) {
                assert_ne!(reply.status, 405, "{method} {path}");
            } else {
                assert_eq!(reply.status, 405, "{method} {path}");
                let allowed = reply.header("allow").unwrap();
                assert!(
                    allowed.split(',').all(|method| method == "HEAD" || known(method)),
                    "{path}: {allowed}"
                );
            }
        }
    }
}
