//! API keys.

use serde_json::json;

use crate::client::Call;
use crate::client::Caller::{Guest, Nobody, Owner, Rival};
use crate::world::{OWNER, World, run};

testkit::on_both_databases! {
    fn a_key_does_what_its_scopes_say_until_it_ends(database: &TestDatabase) {
        run(database, scoped);
    }

    fn a_business_has_so_many_keys(database: &TestDatabase) {
        run(database, many);
    }
}

fn keys() -> String {
    format!("/api/v1/businesses/biz_{}/api-keys", OWNER.as_simple())
}

async fn scoped(world: &World) {
    let asked = json!({
        "name": "Channel manager", "scopes": ["bookings:read", "bookings:write"], "expires_at": "2025-11-21T00:00:00Z"
    });
    let made = Call::post(Owner, keys(), &asked).send(world).await;
    assert_eq!(made.expect(201)["api_key"]["scopes"], json!(["bookings:read", "bookings:write"]));
    assert_eq!(made.header("cache-control"), Some("no-store"));
    let secret = made.text("/secret");
    assert!(secret.starts_with(&made.text("/api_key/prefix")) && secret.starts_with("hfk_"));
    let listed = Call::get(Owner, keys()).send(world).await;
    assert!(!String::from_utf8_lossy(&listed.bytes).contains(&secret));
    let listed = listed.expect(200);
    assert_eq!(listed["api_keys"].as_array().unwrap().len(), 1);

    let book = Call::post(Guest, "/api/v1/bookings", &json!({"product_id": "museum-mug"})).bearer(&secret);
    let booked = book.send(world).await;
    booked.expect(201);
    let read = Call::get(Guest, format!("/api/v1/bookings/{}", booked.id()));
    read.clone().bearer(&secret).send(world).await.expect(200);
    Call::get(Guest, "/api/v1/venues").bearer(&secret).send(world).await.refused(403, "forbidden");
    Call::get(Guest, "/api/v1/auth/me").bearer(&secret).send(world).await.refused(403, "forbidden");
    let wrong = format!("hfk_{}", "0".repeat(64));
    read.clone().bearer(&wrong).send(world).await.refused(401, "unauthorized");

    let wrong = json!({"name": "x", "scopes": ["everything"], "expires_at": "soon", "more": 1});
    Call::post(Owner, keys(), &wrong).send(world).await.wrong(&[
        "/expires_at",
        "/more",
        "/name",
        "/scopes/0",
    ]);
    Call::post(Rival, keys(), &asked).send(world).await.refused(404, "not-found");

    let id = listed["api_keys"][0]["id"].as_str().unwrap();
    Call::delete(Owner, format!("{}/{id}", keys())).send(world).await.expect(200);
    read.clone().bearer(&secret).send(world).await.refused(401, "unauthorized");
    Call::delete(Owner, format!("{}/{id}", keys())).send(world).await.refused(404, "not-found");

    let made = Call::post(Owner, keys(), &asked).send(world).await.text("/secret");
    read.clone().bearer(&made).send(world).await.expect(200);
    world.wait(14 * 3_600_000);
    read.bearer(&made).send(world).await.refused(401, "unauthorized");
}

async fn many(world: &World) {
    let asked = json!({"name": "One of many", "scopes": ["bookings:read"]});
    for _ in 0..domain::limits::API_KEYS_MAX {
        Call::post(Owner, keys(), &asked).send(world).await.expect(201);
    }
    Call::post(Owner, keys(), &asked).send(world).await.refused(409, "too-many");
    Call::get(Nobody, keys()).send(world).await.refused(401, "unauthorized");
}
