//! Businesses and their members.

use serde_json::json;

use super::{newest_message, newest_token, post, registered};
use crate::client::Call;
use crate::client::Caller::{Nobody, Owner};
use crate::world::{World, run};

testkit::on_both_databases! {
    fn a_business_is_made_and_joined(database: &TestDatabase) {
        run(database, joined);
    }

    fn a_business_keeps_an_owner(database: &TestDatabase) {
        run(database, last_owner);
    }
}

async fn joined(world: &World) {
    let owner = registered(world, "owner@example.com").await;
    let made = owner.post("/api/v1/businesses", &json!({"name": "Bistro Kranich"})).send(world).await;
    let id = made.expect(201)["id"].as_str().unwrap().to_owned();
    let acting = owner.get("/api/v1/auth/me").send(world).await.expect(200)["acting"].clone();
    assert_eq!(acting, json!({"acts_as": "business", "business_id": id, "role": "owner"}));
    let venue =
        json!({"kind": "cafe", "name": "A", "time_zone": "UTC", "currency": "EUR", "code": "kranich"});
    owner.post("/api/v1/venues", &venue).send(world).await.expect(201);

    let members = format!("/api/v1/businesses/{id}/members");
    let invite = json!({"email": "desk@example.com", "role": "front_desk"});
    owner.post(&members, &invite).send(world).await.expect(202);
    let token = newest_token(world).await;
    let desk = registered(world, "desk@example.com").await;
    desk.get(&members).send(world).await.refused(404, "not-found");
    let accept = json!({ "token": token });
    desk.post("/api/v1/invitations/accept", &accept).send(world).await.expect(200);
    desk.post("/api/v1/invitations/accept", &accept).send(world).await.refused(400, "wrong-token");
    desk.get(&members).send(world).await.refused(403, "forbidden");
    let listed = owner.get(&members).send(world).await.expect(200);
    assert_eq!((listed["members"].as_array().unwrap().len(), &listed["invitations"]), (2, &json!([])));
    let desk_id = listed["members"][1]["person_id"].as_str().unwrap().to_owned();
    assert_eq!(listed["members"][1]["email"], "desk@example.com");

    // Acting for a business is a choice; a role takes effect immediately.
    assert_eq!(desk.get("/api/v1/auth/me").send(world).await.json()["acting"]["acts_as"], "guest");
    desk.post("/api/v1/auth/act-for", &json!({ "business_id": id })).send(world).await.expect(200);
    let other =
        json!({"kind": "cafe", "name": "B", "time_zone": "UTC", "currency": "EUR", "code": "kranich-2"});
    desk.post("/api/v1/venues", &other).send(world).await.refused(403, "forbidden");
    let promote = Call::patch(Nobody, format!("{members}/{desk_id}"), &json!({"role": "manager"}));
    promote.clone().bearer(&desk.access).send(world).await.refused(403, "forbidden");
    promote.bearer(&owner.access).send(world).await.expect(200);
    desk.post("/api/v1/venues", &other).send(world).await.expect(201);
    Call::delete(Nobody, format!("{members}/{desk_id}")).bearer(&owner.access).send(world).await.expect(200);
    desk.post("/api/v1/venues", &other).send(world).await.refused(403, "forbidden");
    let elsewhere = json!({"business_id": format!("biz_{}", crate::world::OWNER.as_simple())});
    desk.post("/api/v1/auth/act-for", &elsewhere).send(world).await.refused(404, "not-found");
    Call::get(Owner, &members).send(world).await.refused(404, "not-found");

    let withdrawn =
        owner.post(&members, &json!({"email": "late@example.com", "role": "owner"})).send(world).await;
    let invitation = withdrawn.expect(202)["id"].as_str().unwrap().to_owned();
    let token = newest_token(world).await;
    let path = format!("/api/v1/businesses/{id}/invitations/{invitation}");
    Call::delete(Nobody, &path).bearer(&owner.access).send(world).await.expect(200);
    desk.post("/api/v1/invitations/accept", &json!({ "token": token }))
        .send(world)
        .await
        .refused(400, "wrong-token");
}

async fn last_owner(world: &World) {
    let owner = registered(world, "owner@example.com").await;
    let made = owner.post("/api/v1/businesses", &json!({"name": "Bistro Kranich"})).send(world).await;
    let id = made.expect(201)["id"].as_str().unwrap().to_owned();
    let me = owner.get("/api/v1/auth/me").send(world).await.expect(200)["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/businesses/{id}/members/{me}");
    let step_down = Call::patch(Nobody, &path, &json!({"role": "manager"})).bearer(&owner.access);
    step_down.send(world).await.refused(409, "last-owner");
    Call::delete(Nobody, &path).bearer(&owner.access).send(world).await.refused(409, "last-owner");
    owner.post("/api/v1/auth/deactivate", &json!({})).send(world).await.refused(409, "last-owner");
    assert!(owner.lives(world).await);
    post("send-otp", &json!({"mobile": "+4915100000001"})).send(world).await.expect(200);
    let code = newest_message(world).await[..6].to_owned();
    let proof = json!({"mobile": "+4915100000001", "otp": code});
    let fresh = super::Signed::of(&post("verify-otp", &proof).send(world).await);
    world.wait(600_001);
    let first = json!({"new_password": "a first long password"});
    fresh.post("/api/v1/auth/password/change", &first).send(world).await.refused(403, "sign-in-again");
}
