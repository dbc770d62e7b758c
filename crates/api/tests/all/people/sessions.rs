//! Sessions: refreshing, listing and ending them, and a stolen refresh token.

use serde_json::json;

use super::{EMAIL, PASSWORD, Signed, login, post, registered};
use crate::client::Call;
use crate::client::Caller::Nobody;
use crate::world::{World, run};

testkit::on_both_databases! {
    fn a_refresh_token_works_once_and_a_stolen_one_ends_the_family(database: &TestDatabase) {
        run(database, stolen);
    }

    fn sessions_are_seen_and_ended_one_by_one_and_all_at_once(database: &TestDatabase) {
        run(database, ended);
    }

    fn tokens_are_checked_for_what_they_are(database: &TestDatabase) {
        run(database, forged);
    }

    fn one_token_can_be_revoked_and_its_session_lives_on(database: &TestDatabase) {
        run(database, revoked);
    }

    fn keys_rotate_and_what_they_signed_stays_good(database: &TestDatabase) {
        run(database, rotated);
    }
}

async fn refresh(world: &World, token: &str) -> crate::client::Reply {
    post("refresh", &json!({ "refresh_token": token })).send(world).await
}

async fn stolen(world: &World) {
    let owner = registered(world, EMAIL).await;
    let bystander = login(world, EMAIL, PASSWORD).await;
    let thief = owner.refresh.clone();
    let next = Signed::of(&refresh(world, &owner.refresh).await);
    assert!(next.lives(world).await && owner.lives(world).await, "the older access token lives its time out");
    refresh(world, &thief).await.refused(401, "session-ended");
    assert!(!next.lives(world).await && !owner.lives(world).await, "nobody can tell who was the thief");
    refresh(world, &next.refresh).await.refused(401, "session-ended");
    assert!(bystander.lives(world).await, "other sessions are other families");
    let metrics = Call::get(Nobody, "/metrics").send(world).await;
    assert!(String::from_utf8(metrics.bytes).unwrap().contains("holdfast_refresh_replayed_total 1"));
}

async fn ended(world: &World) {
    let one = registered(world, EMAIL).await;
    let other = post("login", &json!({"email": EMAIL, "password": PASSWORD}))
        .from(7)
        .header("user-agent", "A browser")
        .send(world)
        .await;
    let other = Signed::of(&other);
    let listed = other.get("/api/v1/auth/sessions").send(world).await.expect(200);
    let all = listed["sessions"].as_array().unwrap();
    assert_eq!(all.len(), 2);
    assert_eq!((&all[0]["current"], &all[1]["current"]), (&json!(true), &json!(false)), "newest first");
    assert_eq!((&all[0]["address"], &all[0]["user_agent"]), (&json!("10.0.0.7"), &json!("A browser")));

    let path = format!("/api/v1/auth/sessions/{}", all[1]["id"].as_str().unwrap());
    let strange = registered(world, "stranger@example.com").await;
    Call::delete(Nobody, &path).bearer(&strange.access).send(world).await.refused(404, "not-found");
    assert!(one.lives(world).await);
    Call::delete(Nobody, &path).bearer(&other.access).send(world).await.expect(200);
    assert!(!one.lives(world).await && other.lives(world).await);
    Call::delete(Nobody, &path).bearer(&other.access).send(world).await.refused(404, "not-found");

    let third = login(world, EMAIL, PASSWORD).await;
    third.post("/api/v1/auth/logout", &json!({})).send(world).await.expect(200);
    assert!(!third.lives(world).await && other.lives(world).await);
    let fourth = login(world, EMAIL, PASSWORD).await;
    fourth.post("/api/v1/auth/logout-all", &json!({})).send(world).await.expect(200);
    for session in [&one, &other, &third, &fourth] {
        assert!(!session.lives(world).await);
        refresh(world, &session.refresh).await.refused(401, "session-ended");
    }
    assert!(strange.lives(world).await);
}

async fn forged(world: &World) {
    let signed = registered(world, EMAIL).await;
    let opens = async |token: String| {
        let reply = Call::get(Nobody, "/api/v1/auth/me").bearer(&token).send(world).await;
        reply.status.is_success()
    };
    assert!(opens(signed.access.clone()).await);
    assert!(!opens(signed.refresh.clone()).await, "a refresh token is no access token");
    refresh(world, &signed.access).await.refused(401, "session-ended");
    let parts: Vec<&str> = signed.access.split('.').collect();
    let [head, claims, signature] = parts[..] else { panic!() };
    for forged in [
        format!("{head}.{claims}."),
        format!("{head}.{claims}"),
        format!("{head}.{}.{signature}", parts[0]),
        // {"alg":"none","typ":"at+jwt"} and {"alg":"HS256","typ":"at+jwt"}, the latter signed with nothing we have.
        format!("eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.{claims}."),
        format!("eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.{claims}.{signature}"),
        format!("{head}.{claims}.{}", signature.chars().rev().collect::<String>()),
        "x".repeat(10_000),
    ] {
        assert!(!opens(forged.clone()).await, "{forged}");
    }
    assert!(opens(signed.access.clone()).await, "and still the true one is good");
    world.wait(1_001 * domain::time::DAY_MS);
    assert!(!opens(signed.access.clone()).await, "until it expires");
}

async fn revoked(world: &World) {
    let signed = registered(world, EMAIL).await;
    assert!(signed.lives(world).await);
    let next = Signed::of(&refresh(world, &signed.refresh).await);
    next.post("/api/v1/auth/revoke", &json!({"token": signed.access})).send(world).await.expect(200);
    assert!(!signed.lives(world).await);
    assert!(next.lives(world).await);
    next.post("/api/v1/auth/revoke", &json!({"token": "never was one"})).send(world).await.expect(200);
}

async fn rotated(world: &World) {
    let before = registered(world, EMAIL).await;
    let keys = Call::get(Nobody, "/.well-known/jwks.json").send(world).await.expect(200);
    assert_eq!(keys["keys"].as_array().unwrap().len(), 1);
    assert_eq!((&keys["keys"][0]["alg"], &keys["keys"][0]["crv"]), (&json!("EdDSA"), &json!("Ed25519")));
    app::identity::upkeep::rotate_keys(&world.app).await.unwrap();
    let after = login(world, EMAIL, PASSWORD).await;
    let head = |signed: &Signed| signed.access.split('.').next().unwrap().to_owned();
    assert_ne!(head(&before), head(&after), "signed by another key");
    assert!(before.lives(world).await && after.lives(world).await);
    let keys = Call::get(Nobody, "/.well-known/jwks.json").send(world).await.expect(200);
    assert_eq!(keys["keys"].as_array().unwrap().len(), 2);
}
