//! Invalid bodies, sent to every operation.

use axum::http::Method;
use serde_json::json;

use super::{Targets, answer, operations, takes_body};
use crate::client::Call;
use crate::client::Caller::{Admin, Guest, Nobody, Owner};
use crate::world::{World, run};

testkit::on_both_databases! {
    fn what_is_no_json_object_is_refused_everywhere(database: &TestDatabase) {
        run(database, no_objects);
    }

    fn what_is_too_large_is_refused_everywhere(database: &TestDatabase) {
        run(database, too_large);
    }

    fn a_body_is_read_whatever_it_says_it_is(database: &TestDatabase) {
        run(database, media_types);
    }
}

fn bodies() -> Vec<Vec<u8>> {
    let nested = |open: &str, close: &str, times: usize| {
        format!("{}{}", open.repeat(times), close.repeat(times)).into_bytes()
    };
    let mut bodies: Vec<Vec<u8>> = [
        "",
        " ",
        "\u{0}",
        "null",
        "true",
        "0",
        "-",
        "\"x\"",
        "[]",
        "[{}]",
        "[[]]",
        "{",
        "}",
        "{}{}",
        "{}x",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{a:1}",
        "{'a':1}",
        "{\"a\":01}",
        "{\"a\":.5}",
        "{\"a\":1.}",
        "{\"a\":+1}",
        "{\"a\":NaN}",
        "{\"a\":Infinity}",
        "{\"a\":1e999}",
        "{\"a\":\"\\ud800\"}",
        "{\"a\":\"\\udc00\\ud800\"}",
        "{\"\\ud800\":1}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\t\"}",
        "{\"a\":\"",
        "{\"a\":tru}",
        "\u{feff}{}",
        "// {}\n{}",
        "a=1&b=2",
        "<a/>",
        "\u{202e}{}",
    ]
    .iter()
    .map(|text| text.as_bytes().to_vec())
    .collect();
    bodies.extend([
        b"{\"a\":\"\xff\"}".to_vec(),
        b"\xff\xfe{\0}\0".to_vec(),
        b"{\"\xc3\x28\":1}".to_vec(),
        vec![0; 100],
    ]);
    bodies.extend([nested("[", "]", 10_000), nested("{\"a\":", "}", 10_000), b"[".repeat(100_000)]);
    let digits = "9".repeat(10_000);
    bodies.extend(
        [format!("{{\"a\":{digits}}}"), format!("{{\"a\":-{digits}.{digits}e{digits}}}")]
            .map(String::into_bytes),
    );
    bodies.push(format!("{{\"a\":{}1{}}}", "[".repeat(10_000), "]".repeat(10_000)).into_bytes());
    bodies
}

async fn no_objects(world: &World) {
    let targets = Targets::new(world).await;
    for (method, template) in operations() {
        let path = targets.path(world, template);
        let bodied = takes_body(&method, template);
        for body in bodies() {
            for caller in [Owner, Guest, Nobody] {
                let call = Call::new(caller, method.clone(), &path).body(body.clone());
                let reply = answer(world, &call).await;
                let optional =
                    (template.ends_with("/cancel") || template.ends_with("/withdraw")) && body.is_empty();
                if bodied && caller == Owner && !optional {
                    reply.refused(400, "invalid-request");
                }
            }
        }
    }
}

async fn too_large(world: &World) {
    let targets = Targets::new(world).await;
    for (method, template) in operations() {
        let path = targets.path(world, template);
        let large = ["/api/v1/catalogue", "/api/v1/venues", "/api/v1/pools/{id}"].contains(&template)
            || template.ends_with("/pools");
        let max = if large { 16 * 1024 * 1024 } else { 256 * 1024 };
        let call = Call::new(Admin, method.clone(), &path);
        for (size, refused) in [(max + 1, true), (max * 2, true), (max, false)] {
            let reply = answer(world, &call.clone().body(vec![b' '; size])).await;
            if takes_body(&method, template) {
                let (status, kind) = if refused { (413, "body-too-large") } else { (400, "invalid-request") };
                reply.refused(status, kind);
            }
        }
        let long = json!({"name": "x".repeat(200 * 1024), "kind": "y".repeat(10_000)}).to_string();
        let reply = answer(world, &call.body(long)).await;
        assert!(
            reply.bytes.len() < 100_000 || method == Method::GET,
            "an answer does not repeat what was sent"
        );
    }
}

async fn media_types(world: &World) {
    let mug = json!({"product_id": "museum-mug"});
    for media in
        ["text/plain", "application/x-www-form-urlencoded", "application/xml", "", "x", "multipart/form-data"]
    {
        let preview = Call::post(Guest, "/api/v1/bookings/preview", &mug).header("content-type", media);
        answer(world, &preview.header("accept", "text/html").header("content-encoding", "gzip"))
            .await
            .expect(200);
    }
    let mut bare = Call::post(Guest, "/api/v1/bookings/preview", &mug);
    bare.headers.clear();
    answer(world, &bare).await.expect(200);
    for (name, value) in [
        ("traceparent", "x"),
        ("content-length", "7"),
        ("x-forwarded-for", "'; drop table bookings"),
        ("host", "\u{fc}"),
        ("cookie", "a=b;;;=;"),
        ("range", "bytes=9-1"),
        ("expect", "100-continue"),
        ("transfer-encoding", "chunked"),
    ] {
        answer(world, &bare.clone().header(name, value)).await.expect(200);
    }
}
