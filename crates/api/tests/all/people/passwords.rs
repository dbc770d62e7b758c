//! Registration, passwords, and the caller's account.

use serde_json::json;

use super::{
    EMAIL, PASSWORD, Signed, login, messages, newest_message, newest_token, post, registered, token_in,
};
use crate::client::Call;
use crate::client::Caller::Nobody;
use crate::world::{World, run};

testkit::on_both_databases! {
    fn an_account_exists_once_its_address_is_proved(database: &TestDatabase) {
        run(database, registering);
    }

    fn responses_do_not_reveal_whether_an_address_is_known(database: &TestDatabase) {
        run(database, uniform);
    }

    fn a_password_is_changed_and_chosen_anew(database: &TestDatabase) {
        run(database, passwords);
    }

    fn an_account_is_changed_and_closed(database: &TestDatabase) {
        run(database, own_account);
    }

    fn an_imported_password_is_upgraded_when_it_is_used(database: &TestDatabase) {
        run(database, imported);
    }
}

async fn registering(world: &World) {
    let body = json!({"name": "Grace Hopper", "email": EMAIL, "password": PASSWORD});
    post("register", &body).send(world).await.expect(202);
    let early = json!({"email": EMAIL, "password": PASSWORD});
    post("login", &early).send(world).await.refused(401, "wrong-credentials");
    let first = newest_token(world).await;
    post("resend-verification", &json!({ "email": EMAIL })).send(world).await.expect(202);
    let second = newest_token(world).await;
    post("verify-email", &json!({ "token": first })).send(world).await.refused(400, "wrong-token");
    post("verify-email", &json!({ "token": second })).send(world).await.expect(200);
    post("verify-email", &json!({ "token": second })).send(world).await.refused(400, "wrong-token");
    let signed = login(world, &EMAIL.to_uppercase(), PASSWORD).await;
    let me = signed.get("/api/v1/auth/me").send(world).await.expect(200);
    assert_eq!((&me["name"], &me["email"]), (&json!("Grace Hopper"), &json!(EMAIL)));
    assert_eq!(me["acting"]["acts_as"], "guest");
    assert!(me["email_verified_at"].is_string());

    let weak = json!({"email": "x", "password": "short", "name": "y", "admin": true});
    post("register", &weak).send(world).await.wrong(&["/admin", "/email", "/name", "/password"]);
    let own = json!({"email": "long.mailbox@example.com", "password": "long.mailbox"});
    post("register", &own).send(world).await.wrong(&["/password"]);
    let known = json!({"email": "a@example.com", "password": "Password123"});
    post("register", &known).send(world).await.wrong(&["/password"]);
}

async fn uniform(world: &World) {
    registered(world, EMAIL).await;
    let before = messages(world).await;
    for path in ["register", "password/forgot", "resend-verification"] {
        let body = |email: &str| match path {
            "register" => json!({"email": email, "password": PASSWORD}),
            _ => json!({ "email": email }),
        };
        let known = post(path, &body(EMAIL)).send(world).await;
        let unknown = post(path, &body("nobody@example.com")).send(world).await;
        assert_eq!((known.status, &known.bytes), (unknown.status, &unknown.bytes), "{path}");
        known.expect(202);
    }
    let told: Vec<String> = app::inbox::list(&world.app).unwrap().into_iter().map(|one| one.text).collect();
    assert!(messages(world).await > before, "{told:?}");
    let known = post("login", &json!({"email": EMAIL, "password": "wrong password"})).send(world).await;
    let unknown = post("login", &json!({"email": "nobody2@example.com", "password": "wrong password"}))
        .send(world)
        .await;
    assert_eq!(known.bytes, unknown.bytes);
    known.refused(401, "wrong-credentials");
    // The second registration changed nothing about the first.
    login(world, EMAIL, PASSWORD).await;
}

async fn passwords(world: &World) {
    let (one, two) = (registered(world, EMAIL).await, login(world, EMAIL, PASSWORD).await);
    let change = |current: &str, new: &str| {
        one.post("/api/v1/auth/password/change", &json!({"current_password": current, "new_password": new}))
    };
    change("not this one", "a new long password").send(world).await.wrong(&["/current_password"]);
    change(PASSWORD, "password123").send(world).await.wrong(&["/new_password"]);
    change(PASSWORD, &EMAIL.to_lowercase()).send(world).await.wrong(&["/new_password"]);
    change(PASSWORD, "a new long password").send(world).await.expect(200);
    assert!(one.lives(world).await, "the session that changed it goes on");
    assert!(!two.lives(world).await, "all others have ended");
    post("login", &json!({"email": EMAIL, "password": PASSWORD}))
        .send(world)
        .await
        .refused(401, "wrong-credentials");
    assert!(newest_message(world).await.contains("was changed"));

    post("password/forgot", &json!({ "email": EMAIL })).send(world).await.expect(202);
    let token = newest_token(world).await;
    let reset = json!({"token": token, "password": "chosen after forgetting"});
    post("password/reset", &reset).send(world).await.expect(200);
    post("password/reset", &reset).send(world).await.refused(400, "wrong-token");
    assert!(!one.lives(world).await, "whoever had the old password is out");
    login(world, EMAIL, "chosen after forgetting").await;
    post("password/forgot", &json!({ "email": EMAIL })).send(world).await.expect(202);
    let token = newest_token(world).await;
    world.wait(3_600_001);
    let late = json!({"token": token, "password": "chosen too late for it"});
    post("password/reset", &late).send(world).await.refused(400, "wrong-token");
}

async fn own_account(world: &World) {
    let signed = registered(world, EMAIL).await;
    let patch = |body| Call::patch(Nobody, "/api/v1/auth/me", &body).bearer(&signed.access);
    let changed = patch(json!({"name": null, "email": "new@example.com"})).send(world).await.expect(200);
    assert_eq!(
        (&changed["name"], &changed["email"]),
        (&json!(null), &json!(EMAIL)),
        "not until it is proved"
    );
    app::jobs::drain(&world.app).await.unwrap();
    let mails = app::inbox::list(&world.app).unwrap();
    let confirm = mails.iter().find(|mail| mail.to == "new@example.com").unwrap();
    assert!(mails.iter().any(|mail| mail.to == EMAIL && mail.text.contains("change the email address")));
    post("verify-email", &json!({"token": token_in(&confirm.text)})).send(world).await.expect(200);
    let me = signed.get("/api/v1/auth/me").send(world).await.expect(200);
    assert_eq!(me["email"], "new@example.com");
    post("login", &json!({"email": EMAIL, "password": PASSWORD}))
        .send(world)
        .await
        .refused(401, "wrong-credentials");

    signed.post("/api/v1/auth/deactivate", &json!({})).send(world).await.expect(200);
    assert!(!signed.lives(world).await);
    let again = json!({"email": "new@example.com", "password": PASSWORD});
    post("login", &again).send(world).await.refused(401, "wrong-credentials");
    post("refresh", &json!({"refresh_token": signed.refresh}))
        .send(world)
        .await
        .refused(401, "session-ended");
}

async fn imported(world: &World) {
    let hash = "$2b$04$EGdrhbKUv8Oc9vGiXX0HQOxSg445d458Muh7DAHskb6QbtCvdxcie";
    let new = app::identity::accounts::NewAccount {
        id: None,
        contact: domain::identity::Contact { email: Some(EMAIL.parse().unwrap()), ..Default::default() },
        password_hash: Some(hash.to_owned()),
        is_admin: false,
    };
    let person = app::identity::accounts::create(&world.app, new).await.unwrap();
    post("login", &json!({"email": EMAIL, "password": "incorrect"}))
        .send(world)
        .await
        .refused(401, "wrong-credentials");
    for _ in 0..2 {
        Signed::of(
            &post("login", &json!({"email": EMAIL, "password": "correctbatteryhorsestapler"}))
                .send(world)
                .await,
        );
    }
    let stored =
        world.app.readers.ask(move |connection| store::people::by_id(connection, person)).await.unwrap();
    assert!(stored.unwrap().password_hash.unwrap().starts_with("$argon2id$"));
}
