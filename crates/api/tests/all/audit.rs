//! The audit log through the API: its entries, and who may read it.

use axum::http::Method;
use serde_json::{Value, json};
use store::audit::verify;

use crate::client::Call;
use crate::client::Caller::{Admin, FrontDesk, Guest, Manager, Owner, Rival};
use crate::world::{GUEST, OWNER, World, guest_id, run};

testkit::on_both_databases! {
    fn sensitive_acts_are_written_down_and_chained(database: &TestDatabase) {
        run(database, acts);
        let (mut connection, vault) = (database.writer(), vault_of(database));
        assert_eq!(verify(&mut connection, &vault).unwrap(), Vec::<String>::new());
    }

    fn the_log_is_read_page_by_page_by_whom_it_concerns(database: &TestDatabase) {
        run(database, readers);
    }
}

/// Under the secret of the world.
fn vault_of(database: &testkit::TestDatabase) -> store::Vault {
    let secrets = store::vault::Secrets::new(b"a secret of at least thirty-two bytes", []).unwrap();
    store::Vault::open(&mut database.writer(), secrets, domain::time::Instant(0)).unwrap()
}

async fn entries(world: &World, act: &str) -> Vec<Value> {
    let page = Call::get(Admin, "/api/v1/audit?limit=100").send(world).await.expect(200);
    let entries = page["entries"].as_array().unwrap().clone();
    entries.into_iter().filter(|entry| entry["act"] == act).collect()
}

async fn acts(world: &World) {
    assert_eq!(entries(world, "server.started").await.len(), 1);
    let search = Call::post(Owner, "/api/v1/bookings/search", &json!({"email": "ada@example.org"}));
    search.header("user-agent", "a till").send(world).await.expect(200);
    let searched = entries(world, "bookings.searched").await.remove(0);
    assert_eq!(searched["actor"], format!("psn_{}", OWNER.as_simple()));
    assert_eq!(searched["business_id"], format!("biz_{}", OWNER.as_simple()));
    assert_eq!((&searched["detail"]["by"], &searched["detail"]["found"]), (&json!("email"), &json!(0)));
    assert_eq!(searched["detail"]["user_agent"], "a till");
    assert!(
        searched["detail"]["address"].is_string() && !searched.to_string().contains("ada@"),
        "{searched}"
    );

    let path = format!("/api/v1/guests/{}", guest_id(GUEST));
    Call::get(Guest, format!("{path}/export")).send(world).await.expect(200);
    Call::get(Admin, format!("{path}/export")).send(world).await.expect(200);
    let exported = entries(world, "person.exported").await;
    assert_eq!(exported.len(), 2);
    assert!(exported.iter().all(|entry| entry["target"] == guest_id(GUEST)));
    assert_eq!(exported[1]["actor"], guest_id(GUEST));

    let wrong = json!({"email": "nobody@example.org", "password": "not this one, surely"});
    Call::post(crate::client::Caller::Nobody, "/api/v1/auth/login", &wrong)
        .send(world)
        .await
        .refused(401, "wrong-credentials");
    let refused = entries(world, "session.refused").await.remove(0);
    assert_eq!(
        (refused["actor"].as_str(), refused["detail"]["through"].as_str()),
        (Some("nobody"), Some("password"))
    );

    Call::post(Guest, format!("{path}/erasure"), &json!({})).send(world).await.expect(200);
    let erased = entries(world, "person.erased").await.remove(0);
    assert_eq!((&erased["target"], &erased["detail"]), (&json!(guest_id(GUEST)), &Value::Null));
    // Data sealed under the erased person's key is unreadable; the entry stays.
    let exported = entries(world, "person.exported").await;
    assert_eq!((&exported[1]["actor"], &exported[1]["detail"]), (&json!(guest_id(GUEST)), &Value::Null));
    assert!(exported[0]["detail"]["address"].is_string(), "the admin was not erased");
}

async fn readers(world: &World) {
    for _ in 0..3 {
        let key = json!({"name": "Till", "scopes": ["bookings:read"]});
        let keys = format!("/api/v1/businesses/{}/api-keys", domain::ids::BusinessId(OWNER));
        let made = Call::post(Owner, &*keys, &key).send(world).await;
        let id = made.text("/api_key/id");
        made.expect(201);
        Call::new(Owner, Method::DELETE, format!("{keys}/{id}")).send(world).await;
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = Call::get(Owner, format!("/api/v1/audit?limit=4{cursor}")).send(world).await.expect(200);
        seen.extend(
            page["entries"].as_array().unwrap().iter().map(|entry| entry["act"].as_str().unwrap().to_owned()),
        );
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    seen.retain(|act| act != "venue.added");
    assert_eq!(
        seen,
        ["api_key.revoked", "api_key.made"].repeat(3),
        "an owner sees what was done for the business"
    );
    let nothing = Call::get(Rival, "/api/v1/audit").send(world).await.expect(200);
    assert_eq!(nothing, json!({"entries": [], "next_cursor": null}));
    for who in [Guest, Manager, FrontDesk] {
        Call::get(who, "/api/v1/audit").send(world).await.refused(403, "forbidden");
    }
    for wrong in ["limit=0", "cursor=x", "cursor=1.2.3.4", "act=x"] {
        let name = wrong.split('=').next().unwrap();
        Call::get(Admin, format!("/api/v1/audit?{wrong}"))
            .send(world)
            .await
            .wrong(&[&format!("query:{name}")]);
    }
}
