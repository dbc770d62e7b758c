//! Redis stops while people are signed in.

use std::time::Instant;

use serde_json::{Value, json};
use testkit::{OwnRedis, STATE_WAIT_MAX, on_both_databases};

use super::http::{Act, Call, Reply, exchange};
use super::server::Server;
use super::shop::Shop;

on_both_databases! {
    fn chaos_redis_killed_leaves_people_signed_in_and_codes_working(database: &TestDatabase) {
        let Some(redis) = OwnRedis::start(&[]) else { return };
        let shop = Shop::open(database.database());
        let settings = [("REDIS_URL", redis.url())];
        let settings: Vec<(&str, &str)> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let mut server = Server::start_with(&database.url(), &settings);
        let me = |token: &str| exchange(server.address, &Call::read("/api/v1/auth/me", token)).status;
        assert_eq!(me(&shop.guest(0)), 200);
        let sent = send_code(&server, "+4915100000001");
        let code = code_for(&server, "+4915100000001");

        redis.kill();
        assert_eq!(me(&shop.guest(0)), 200, "who was known stays signed in");
        assert_eq!(me(&shop.guest(1)), 200, "who was not known yet is looked up");
        let answered = verify(&server, "+4915100000001", &code, Some(&sent));
        assert_eq!(answered.status, 200, "the process that sent the code still knows it: {answered:?}");
        let signed_in = signs_in(&server, "+4915100000002");
        assert_eq!(me(&signed_in), 200);

        redis.start_again();
        assert_eq!(me(&signed_in), 200);
        let again = signs_in(&server, "+4915100000003");
        assert_eq!(me(&again), 200);
        server.stop();
        server.assert_no_panic();
    }
}

fn post(server: &Server, path: &str, body: &Value) -> Reply {
    let call = Call {
        act: Act::Book,
        method: "POST",
        path: format!("/api/v1/auth/{path}"),
        token: String::new(),
        key: None,
        body: body.to_string(),
    };
    exchange(server.address, &call)
}

/// Requests a code and returns its challenge.
fn send_code(server: &Server, mobile: &str) -> String {
    let sent = post(server, "send-otp", &json!({ "mobile": mobile }));
    assert_eq!(sent.status, 200, "{sent:?}");
    sent.text("challenge_id")
}

fn verify(server: &Server, mobile: &str, code: &str, challenge: Option<&str>) -> Reply {
    post(server, "verify-otp", &json!({"mobile": mobile, "otp": code, "challenge_id": challenge}))
}

fn signs_in(server: &Server, mobile: &str) -> String {
    let challenge = send_code(server, mobile);
    let signed_in = verify(server, mobile, &code_for(server, mobile), Some(&challenge));
    assert_eq!(signed_in.status, 200, "{signed_in:?}");
    signed_in.text("access_token")
}

/// The code sent to this number, once it has arrived.
fn code_for(server: &Server, mobile: &str) -> String {
    let asked = Instant::now();
    loop {
        let inbox = exchange(server.address, &Call::read("/dev/inbox.json", "")).json();
        let messages = inbox["messages"].as_array().unwrap();
        if let Some(message) = messages.iter().find(|message| message["to"] == mobile) {
            return message["text"].as_str().unwrap()[..6].to_owned();
        }
        assert!(asked.elapsed() < STATE_WAIT_MAX, "no code has arrived: {inbox}");
    }
}
