//! Guests with tokens of an external issuer.

use std::cell::RefCell;

use app::revocations::{Revocation, Revoked};
use domain::ids::{GuestId, PersonId};
use serde_json::json;
use testkit::{IssuerServer, Mood};
use uuid::Uuid;

use crate::client::Caller::{Admin, Guest, Nobody, Owner, Stranger};
use crate::client::{Call, Reply};
use crate::documents::{book, table};
use crate::who::operations;
use crate::world::{HOUR_MS, MINUTE_MS, NOW, World, guest_id, run, run_again_beside, run_beside};

const BOOKINGS: &str = "/api/v1/bookings";
const VENUES: &str = "/api/v1/venues";
const MUG: &str = "museum-mug";
/// Minimum time between two requests to the issuer.
const PAUSE_MS: i64 = 30_000;

testkit::on_both_databases! {
    fn an_outside_guest_is_the_same_after_a_restart(database: &TestDatabase) {
        let (issuer, booked) = (IssuerServer::start(), RefCell::new(None));
        run_beside(database, &issuer, async |world| {
            booked.replace(Some(buys(world, &issuer).await));
        });
        let (booking, guest) = booked.take().unwrap();
        run_again_beside(database, &issuer, async |world| {
            let ada = issuer.token("ada", NOW + HOUR_MS);
            let found = get(world, &ada, &format!("{BOOKINGS}/{booking}")).await.expect(200);
            assert_eq!(found["guest_id"], guest.as_str());
        });
    }

    fn a_new_key_of_the_issuer_is_found(database: &TestDatabase) {
        let issuer = IssuerServer::start();
        run_beside(database, &issuer, async |world| rotated(world, &issuer).await);
    }

    fn keys_that_have_grown_old_are_read_again_meanwhile(database: &TestDatabase) {
        let issuer = IssuerServer::start();
        run_beside(database, &issuer, async |world| renewed(world, &issuer).await);
    }

    fn an_issuer_that_is_away_is_awaited(database: &TestDatabase) {
        let issuer = IssuerServer::start();
        run_beside(database, &issuer, async |world| away(world, &issuer).await);
    }

    fn an_outside_guest_is_a_guest_and_no_more(database: &TestDatabase) {
        let issuer = IssuerServer::start();
        run_beside(database, &issuer, async |world| no_more(world, &issuer).await);
    }

    fn a_token_may_be_long_but_not_huge(database: &TestDatabase) {
        let issuer = IssuerServer::start();
        run_beside(database, &issuer, async |world| long(world, &issuer).await);
    }

    fn what_needs_a_session_says_so(database: &TestDatabase) {
        let issuer = IssuerServer::start();
        run_beside(database, &issuer, async |world| sessionless(world, &issuer).await);
    }

    fn what_is_known_of_an_outside_guest_is_shown_and_erased(database: &TestDatabase) {
        let issuer = IssuerServer::start();
        run_beside(database, &issuer, async |world| erased(world, &issuer).await);
    }

    fn what_is_remembered_ends(database: &TestDatabase) {
        let issuer = IssuerServer::start();
        run_beside(database, &issuer, async |world| ended(world, &issuer).await);
    }

    fn tokens_of_other_issuers_are_refused(database: &TestDatabase) {
        let issuer = IssuerServer::start();
        run(database, async |world| {
            get(world, &issuer.token("ada", NOW + HOUR_MS), VENUES).await.refused(401, "unauthorized");
            assert_eq!(issuer.asked(), 0);
        });
    }
}

async fn get(world: &World, token: &str, path: &str) -> Reply {
    Call::get(Nobody, path).bearer(token).send(world).await
}

async fn opens(world: &World, token: &str) -> u16 {
    get(world, token, VENUES).await.status.as_u16()
}

/// One mug for Ada: the booking and its guest.
async fn buys(world: &World, issuer: &IssuerServer) -> (String, String) {
    let ada = issuer.token("ada", NOW + HOUR_MS);
    let call = Call::post(Nobody, BOOKINGS, &json!({ "product_id": MUG })).bearer(&ada).key("mug");
    let made = call.send(world).await;
    made.expect(201);
    assert_eq!(call.send(world).await.bytes, made.bytes, "a repetition is known by its caller");
    assert_eq!(issuer.asked(), 1, "a token that was checked is remembered");

    let path = format!("{BOOKINGS}/{}", made.id());
    get(world, &ada, &path).await.expect(200);
    get(world, &ada, &format!("{path}/history")).await.expect(200);
    let listed = format!("{BOOKINGS}/guest/{}", made.text("/guest_id"));
    let listed = get(world, &ada, &listed).await.expect(200);
    assert_eq!(listed["bookings"].as_array().map(Vec::len), Some(1));
    let bob = issuer.token("bob", NOW + HOUR_MS);
    get(world, &bob, &path).await.refused(404, "not-found");
    Call::get(Guest, &path).send(world).await.refused(404, "not-found");
    Call::get(Owner, &path).send(world).await.expect(200);
    assert_eq!(issuer.asked(), 1);

    let guest = made.text("/guest_id");
    let id: GuestId = guest.parse().unwrap();
    assert_eq!(id.0.get_version_num(), 8);
    (made.id(), guest)
}

async fn rotated(world: &World, issuer: &IssuerServer) {
    let before = issuer.token("ada", NOW + HOUR_MS);
    assert_eq!(opens(world, &before).await, 200);
    issuer.rotate();
    let after = issuer.token("ada", NOW + HOUR_MS);
    for _ in 0..20 {
        assert_eq!(opens(world, &after).await, 401);
    }
    assert_eq!(issuer.asked(), 1, "whatever comes, it is asked once in a while");
    world.wait(PAUSE_MS);
    assert_eq!(opens(world, &after).await, 200);
    assert_eq!(issuer.asked(), 2);
    let unseen = issuer.token("bob", NOW + HOUR_MS);
    issuer.rotate();
    assert_eq!(opens(world, &unseen).await, 200, "by the key that is known");
    assert_eq!(issuer.asked(), 2);
}

async fn renewed(world: &World, issuer: &IssuerServer) {
    let later = NOW + 10 * HOUR_MS;
    let old = ["ada", "bob"].map(|name| issuer.token(name, later));
    assert_eq!(opens(world, &old[0]).await, 200);
    issuer.rotate();
    let new = issuer.token("cy", later);
    world.wait(HOUR_MS);
    assert_eq!(opens(world, &old[1]).await, 200, "the old keys serve while new ones are read");
    issuer.wait_until_asked(2);
    assert_eq!(opens(world, &new).await, 200);
    assert_eq!((opens(world, &old[0]).await, issuer.asked()), (200, 2), "it was checked a while ago");
    world.wait(HOUR_MS);
    assert_eq!((opens(world, &old[0]).await, issuer.asked()), (401, 3), "the issuer has taken its key back");

    // Keys that were not fetched for a long time are not used before they are fetched again.
    let late = issuer.token("cleo", later);
    issuer.rotate();
    world.wait(2 * HOUR_MS);
    assert_eq!((opens(world, &late).await, issuer.asked()), (401, 4));
    assert_eq!((opens(world, &issuer.token("cleo", later)).await, issuer.asked()), (200, 4));

    // If new keys cannot be fetched, the old ones stay.
    issuer.be(Mood::Says(500, String::new(), "{}".to_owned()));
    world.wait(HOUR_MS);
    assert_eq!(opens(world, &issuer.token("dee", later)).await, 200);
    issuer.wait_until_asked(5);
    world.wait(3 * HOUR_MS);
    for name in ["eve", "fay"] {
        assert_eq!((opens(world, &issuer.token(name, later)).await, issuer.asked()), (200, 6));
    }
}

async fn away(world: &World, issuer: &IssuerServer) {
    let ada = issuer.token("ada", NOW + HOUR_MS);
    for (mood, asked) in [
        (Mood::Silent, 1),
        (Mood::Says(500, String::new(), "{}".to_owned()), 2),
        (Mood::Says(200, String::new(), "<html>".to_owned()), 3),
    ] {
        issuer.be(mood.clone());
        for _ in 0..3 {
            let reply = get(world, &ada, VENUES).await;
            reply.refused(503, "issuer-unavailable");
            assert_eq!((reply.header("retry-after"), issuer.asked()), (Some("30"), asked), "{mood:?}");
        }
        assert_eq!(Call::get(Guest, VENUES).send(world).await.status, 200, "nobody else is affected");
        get(world, "nonsense", VENUES).await.refused(401, "unauthorized");
        world.wait(PAUSE_MS);
    }
    let metrics = Call::get(Nobody, "/metrics").send(world).await;
    assert!(
        String::from_utf8(metrics.bytes).unwrap().contains("holdfast_external_issuer_keys_failed_total 3")
    );
    issuer.be(Mood::Well);
    assert_eq!(opens(world, &ada).await, 200, "back again by itself");

    // A token with an unknown key may be valid while the issuer is unreachable.
    world.wait(PAUSE_MS);
    issuer.rotate();
    issuer.be(Mood::Silent);
    let next = issuer.token("bob", NOW + HOUR_MS);
    assert_eq!((opens(world, &next).await, opens(world, &ada).await), (503, 200));
    world.wait(PAUSE_MS);
    issuer.be(Mood::Well);
    assert_eq!(opens(world, &next).await, 200);
}

async fn long(world: &World, issuer: &IssuerServer) {
    let padded = |bytes: usize| {
        issuer.sign(&json!({
            "iss": IssuerServer::ISSUER, "aud": IssuerServer::AUDIENCE, "sub": "ada", "exp": NOW.0 / 1_000 + 600,
            "groups": "x".repeat(bytes),
        }))
    };
    assert_eq!(opens(world, &padded(1_000_000)).await, 401);
    assert_eq!((opens(world, &padded(3_000)).await, issuer.asked()), (401, 0), "nobody looks into it");
    assert_eq!((opens(world, &padded(2_500)).await, issuer.asked()), (200, 1));
}

async fn no_more(world: &World, issuer: &IssuerServer) {
    // Whatever roles and people a token names, its subject is a guest.
    let claims = |subject: &str| {
        issuer.sign(&json!({
            "iss": IssuerServer::ISSUER, "aud": [IssuerServer::AUDIENCE], "sub": subject, "exp": NOW.0 / 1_000 + 600,
            "type": "access", "is_admin": true, "role": "admin", "roles": ["admin", "owner"], "scope": "bookings:write",
            "session_id": "ses_0190f5c41b0a7c3e8a41d2f07b6c9e55",
        }))
    };
    let theirs = book(world, &table()).await.id();
    for subject in [guest_id(crate::world::GUEST), guest_id(crate::world::ADMIN), "admin".to_owned()] {
        let token = claims(&subject);
        get(world, &token, &format!("{BOOKINGS}/{theirs}")).await.refused(404, "not-found");
        get(world, &token, "/api/v1/jobs").await.refused(404, "not-found");
        get(world, &token, "/api/v1/audit").await.refused(403, "forbidden");
        let mine =
            Call::post(Nobody, BOOKINGS, &json!({ "product_id": MUG })).bearer(&token).send(world).await;
        mine.expect(201);
        let status = format!("{BOOKINGS}/{}/status", mine.id());
        let arrive = Call::post(Nobody, status, &json!({"status": "CHECKED_IN"})).bearer(&token);
        arrive.send(world).await.refused(403, "forbidden");
        let cancel = Call::post(Nobody, format!("{BOOKINGS}/{}/cancel", mine.id()), &json!({}));
        cancel.bearer(&token).send(world).await.expect(200);
    }
}

async fn sessionless(world: &World, issuer: &IssuerServer) {
    let ada = issuer.token("ada", NOW + HOUR_MS);
    for (method, path) in
        operations(world, "bkg_0190f5c41b0a7c3e8a41d2f07b6c9e55", "ord_0190f5c41b0a7c3e8a41d2f07b6c9e55")
    {
        for body in ["", "{}"] {
            let reply = Call::new(Nobody, method.clone(), &path).body(body).bearer(&ada).send(world).await;
            assert!(reply.status.as_u16() < 500 || path.starts_with("/health"), "{method} {path}: {reply:?}");
        }
    }
    for path in ["me", "sessions"] {
        let said = get(world, &ada, &format!("/api/v1/auth/{path}")).await.refused(403, "forbidden");
        assert!(said["detail"].as_str().unwrap().contains("session"), "{said}");
    }
    for (path, body) in [
        ("auth/logout", json!({})),
        ("auth/logout-all", json!({})),
        ("auth/act-for", json!({ "business_id": null })),
        ("businesses", json!({"name": "Ada's"})),
    ] {
        let call = Call::post(Nobody, format!("/api/v1/{path}"), &body).bearer(&ada);
        call.send(world).await.refused(403, "forbidden");
    }
    let refresh = Call::post(Nobody, "/api/v1/auth/refresh", &json!({ "refresh_token": ada }));
    refresh.send(world).await.refused(401, "session-ended");
    let business = format!("/api/v1/businesses/biz_{}", crate::world::OWNER.as_simple());
    get(world, &ada, &business).await.refused(404, "not-found");
}

async fn erased(world: &World, issuer: &IssuerServer) {
    let ada = issuer.token("ada", NOW + HOUR_MS);
    let mut body = table();
    body["guest_name"] = json!("Ada Lovelace");
    let made = Call::post(Nobody, BOOKINGS, &body).bearer(&ada).send(world).await;
    made.expect(201);
    let path = format!("/api/v1/guests/{}", made.text("/guest_id"));
    let export = format!("{path}/export");
    for token in [Some(ada.as_str()), world.token(Admin)] {
        let all = get(world, token.unwrap(), &export).await.expect(200);
        assert!(all.to_string().contains("Ada Lovelace"), "{all}");
    }
    Call::get(Stranger, &export).send(world).await.refused(404, "not-found");
    get(world, &issuer.token("bob", NOW + HOUR_MS), &export).await.refused(404, "not-found");
    let cancel = Call::post(Nobody, format!("{BOOKINGS}/{}/cancel", made.id()), &json!({}));
    cancel.bearer(&ada).send(world).await.expect(200);
    Call::post(Admin, format!("{path}/erasure"), &json!({})).send(world).await.expect(200);
    let left = get(world, &ada, &format!("{BOOKINGS}/{}", made.id())).await.expect(200);
    assert!(!left.to_string().contains("Ada"), "{left}");
    let again = Call::post(Nobody, BOOKINGS, &json!({ "product_id": MUG })).bearer(&ada).send(world).await;
    assert_eq!(
        again.expect(201)["guest_id"],
        left["guest_id"],
        "whoever comes back is somebody new under the id"
    );
}

async fn ended(world: &World, issuer: &IssuerServer) {
    let ada = issuer.token("ada", NOW + 10 * MINUTE_MS);
    let made = Call::post(Nobody, BOOKINGS, &json!({ "product_id": MUG })).bearer(&ada).send(world).await;
    let guest: GuestId = made.text("/guest_id").parse().unwrap();
    let bob = issuer.token("bob", NOW + HOUR_MS);
    assert_eq!(opens(world, &bob).await, 200);
    // A token that is verified again is verified with the changed keys.
    issuer.rotate();
    world.wait(PAUSE_MS);
    assert_eq!(opens(world, &issuer.token("cy", NOW + HOUR_MS)).await, 200);
    assert_eq!((opens(world, &ada).await, opens(world, &bob).await), (200, 200));
    let revocation = Revocation {
        id: Uuid::nil(),
        kind: Revoked::Person,
        subject: PersonId::from(guest).0,
        created_at: NOW,
        expires_at: NOW + HOUR_MS,
    };
    app::revocations::announce(&world.app, &revocation, &[]).await;
    assert_eq!((opens(world, &ada).await, opens(world, &bob).await), (401, 200), "hers and nobody else's");

    let cy = issuer.token("cy", NOW + 10 * MINUTE_MS);
    assert_eq!(opens(world, &cy).await, 200);
    world.wait(10 * MINUTE_MS);
    assert_eq!(opens(world, &cy).await, 401, "its time is over");
}
