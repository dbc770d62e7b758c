//! One-time codes.

use serde_json::json;

use super::{MOBILE, Signed, messages, newest_message, post};
use crate::client::Reply;
use crate::world::{World, run};

testkit::on_both_databases! {
    fn a_code_opens_a_session_once(database: &TestDatabase) {
        run(database, once);
    }

    fn five_wrong_codes_void_a_challenge(database: &TestDatabase) {
        run(database, five);
    }

    fn a_code_belongs_to_the_device_and_the_number_that_asked(database: &TestDatabase) {
        run(database, bound);
    }

    fn a_code_is_void_after_five_minutes_and_sent_again_after_one(database: &TestDatabase) {
        run(database, over);
    }
}

fn code_in(text: &str) -> String {
    text.split(' ').next().unwrap().to_owned()
}

async fn send(world: &World, mobile: &str, from: u32) -> Reply {
    post("send-otp", &json!({ "mobile": mobile })).from(from).send(world).await
}

async fn once(world: &World) {
    let sent = send(world, MOBILE, 1).await;
    let told = sent.expect(200);
    assert_eq!((&told["success"], &told["expires_in"]), (&json!(true), &json!(300)));
    let text = newest_message(world).await;
    let code = code_in(&text);
    assert!(code.len() == 6 && !String::from_utf8_lossy(&sent.bytes).contains(&code), "{text}");
    let proof = json!({"mobile": "4915112345678", "otp": code, "challenge_id": sent.text("/challenge_id")});
    let first = Signed::of(&post("verify-otp", &proof).from(2).send(world).await);
    assert!(first.lives(world).await);
    post("verify-otp", &proof).from(2).send(world).await.refused(401, "wrong-code");
    let me = first.get("/api/v1/auth/me").send(world).await.expect(200);
    assert_eq!(
        (&me["mobile"], &me["email"], &me["has_password"]),
        (&json!(MOBILE), &json!(null), &json!(false))
    );

    // The number is known now: the response does not show it, and it opens the same account.
    let again = send(world, MOBILE, 3).await;
    let told = again.expect(200);
    assert_eq!(
        told.as_object().unwrap().keys().collect::<Vec<_>>(),
        sent.json().as_object().unwrap().keys().collect::<Vec<_>>()
    );
    let code = code_in(&newest_message(world).await);
    let proof = json!({"mobile": MOBILE, "otp": code});
    let second = Signed::of(&post("verify-otp", &proof).from(3).send(world).await);
    let same = second.get("/api/v1/auth/me").send(world).await.expect(200);
    assert_eq!(same["id"], me["id"]);
}

async fn five(world: &World) {
    let sent = send(world, MOBILE, 1).await;
    let code = code_in(&newest_message(world).await);
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let proof = |otp: &str| json!({"mobile": MOBILE, "otp": otp, "challenge_id": sent.text("/challenge_id")});
    for _ in 0..5 {
        post("verify-otp", &proof(wrong)).from(1).send(world).await.refused(401, "wrong-code");
    }
    post("verify-otp", &proof(&code)).from(1).send(world).await.refused(401, "wrong-code");
}

async fn bound(world: &World) {
    let sent = send(world, MOBILE, 1).await;
    let code = code_in(&newest_message(world).await);
    let challenge = sent.text("/challenge_id");
    // Elsewhere, without the challenge, it is not found and costs no attempt.
    for number in 0..20 {
        let guess = json!({"mobile": MOBILE, "otp": "123456"});
        post("verify-otp", &guess).from(50 + number).send(world).await.refused(401, "wrong-code");
        let guess = json!({"mobile": "+4915199999999", "otp": code, "challenge_id": challenge});
        post("verify-otp", &guess).from(50 + number).send(world).await.refused(401, "wrong-code");
    }
    // Where it was requested, the challenge is not needed.
    Signed::of(&post("verify-otp", &json!({"mobile": MOBILE, "otp": code})).from(1).send(world).await);
    for body in [json!({}), json!({"mobile": "0151", "otp": "12345", "challenge_id": 7, "device_token": ""})]
    {
        post("verify-otp", &body).send(world).await.refused(400, "invalid-request");
    }
    post("verify-otp", &json!({"mobile": "0151", "otp": "12345"}))
        .send(world)
        .await
        .wrong(&["/mobile", "/otp"]);
}

async fn over(world: &World) {
    send(world, MOBILE, 1).await.expect(200);
    let again = send(world, MOBILE, 1).await;
    again.refused(429, "too-often");
    let seconds: u32 = again.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=61).contains(&seconds), "{seconds}");
    assert_eq!(messages(world).await, 1, "the second was not sent");
    // Unknown devices together get five codes for one number.
    let mut sent = 0;
    for number in 10..30 {
        sent += u32::from(send(world, MOBILE, number).await.status.is_success());
    }
    assert_eq!(sent, 4);
    send(world, "+4915112345679", 40).await.expect(200);
}
