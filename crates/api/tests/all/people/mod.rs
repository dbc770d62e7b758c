//! People through the whole server: requests, the emails and SMS they cause, and what these open.

mod businesses;
mod codes;
mod guesses;
mod keys;
mod passwords;
mod sessions;

use serde_json::{Value, json};

use crate::client::{Call, Caller, Reply};
use crate::world::World;

pub const EMAIL: &str = "Grace.Hopper@example.com";
pub const PASSWORD: &str = "correct horse battery";
pub const MOBILE: &str = "+4915112345678";

/// A person who has signed in.
#[derive(Debug, Clone)]
pub struct Signed {
    pub access: String,
    pub refresh: String,
    pub device: Option<String>,
}

impl Signed {
    pub fn of(reply: &Reply) -> Self {
        reply.expect(200);
        let device = reply.json()["device_token"].as_str().map(str::to_owned);
        Self { access: reply.text("/access_token"), refresh: reply.text("/refresh_token"), device }
    }

    pub fn get(&self, path: &str) -> Call {
        Call::get(Caller::Nobody, path).bearer(&self.access)
    }

    pub fn post(&self, path: &str, body: &Value) -> Call {
        Call::post(Caller::Nobody, path, body).bearer(&self.access)
    }

    /// Whether the access token is accepted.
    pub async fn lives(&self, world: &World) -> bool {
        let reply = self.get("/api/v1/auth/me").send(world).await;
        assert!([200, 401].contains(&reply.status.as_u16()), "{reply:?}");
        reply.status.is_success()
    }
}

pub fn post(path: &str, body: &Value) -> Call {
    Call::post(Caller::Nobody, format!("/api/v1/auth/{path}"), body)
}

/// Runs the waiting jobs and returns the last message.
pub async fn newest_message(world: &World) -> String {
    app::jobs::drain(&world.app).await.unwrap();
    let messages = app::inbox::list(&world.app).unwrap();
    messages.first().expect("nothing has arrived").text.clone()
}

pub async fn messages(world: &World) -> usize {
    app::jobs::drain(&world.app).await.unwrap();
    app::inbox::list(&world.app).unwrap().len()
}

/// Runs the waiting jobs and returns the token of the newest email that has one, because emails arrive in any order.
pub async fn newest_token(world: &World) -> String {
    app::jobs::drain(&world.app).await.unwrap();
    let messages = app::inbox::list(&world.app).unwrap();
    token_in(
        &messages.iter().find(|message| message.text.contains("token=")).expect("no link has arrived").text,
    )
}

/// The token in an email's link.
pub fn token_in(text: &str) -> String {
    let (_, rest) = text.split_once("token=").unwrap_or_else(|| panic!("no link: {text}"));
    rest.split_whitespace().next().unwrap().to_owned()
}

/// Registers, verifies the address, and signs in.
pub async fn registered(world: &World, email: &str) -> Signed {
    let body = json!({"name": "Grace Hopper", "email": email, "password": PASSWORD});
    post("register", &body).send(world).await.expect(202);
    let token = newest_token(world).await;
    post("verify-email", &json!({ "token": token })).send(world).await.expect(200);
    login(world, email, PASSWORD).await
}

pub async fn login(world: &World, email: &str, password: &str) -> Signed {
    Signed::of(&post("login", &json!({"email": email, "password": password})).send(world).await)
}
