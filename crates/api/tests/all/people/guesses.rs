//! Ten thousand guesses for one account, from a thousand addresses.

use serde_json::json;
use tokio::task::JoinSet;

use super::{EMAIL, MOBILE, PASSWORD, Signed, newest_message, post, registered};
use crate::client::{Call, Reply};
use crate::world::{World, run};

const GUESSES: u32 = 10_000;
const PLACES: u32 = 1_000;
/// Concurrent guesses.
const AT_ONCE: usize = 64;
/// The owner's usual address.
const HOME: u32 = 1_000_000;

testkit::on_both_databases! {
    fn ten_thousand_wrong_passwords_fail_and_do_not_lock_the_owner_out(database: &TestDatabase) {
        run(database, passwords);
    }

    fn ten_thousand_wrong_codes_fail_and_do_not_lock_the_owner_out(database: &TestDatabase) {
        run(database, codes);
    }
}

/// Sends every guess and returns how many were checked, rather than refused immediately.
async fn guess(world: &World, call: impl Fn(u32) -> Call) -> u32 {
    let (mut under_way, mut looked_at) = (JoinSet::new(), 0);
    let mut count = |reply: Reply| {
        assert!([401, 429].contains(&reply.status.as_u16()), "{reply:?}");
        looked_at += u32::from(reply.status.as_u16() == 401);
    };
    for number in 0..GUESSES {
        if under_way.len() >= AT_ONCE {
            count(under_way.join_next().await.unwrap().unwrap());
        }
        let (call, world) = (call(number).from(number % PLACES), world.clone());
        under_way.spawn(async move { call.send(&world).await });
    }
    under_way.join_all().await.into_iter().for_each(count);
    looked_at
}

async fn passwords(world: &World) {
    registered(world, EMAIL).await;
    let home = || post("login", &json!({"email": EMAIL, "password": PASSWORD})).from(HOME);
    let first = Signed::of(&home().send(world).await);
    let looked_at = guess(world, |number| {
        post("login", &json!({"email": EMAIL, "password": format!("a guess, number {number}")}))
    })
    .await;
    assert!(looked_at <= 10, "{looked_at} guesses were compared");
    assert!(first.lives(world).await, "who is signed in stays so");
    Signed::of(&home().send(world).await);
    // At another address, with its device token: it is recognised anywhere.
    let device = json!({"email": EMAIL, "password": PASSWORD, "device_token": first.device.unwrap()});
    Signed::of(&post("login", &device).from(HOME + 1).send(world).await);
    let strange = json!({"email": EMAIL, "password": PASSWORD});
    post("login", &strange).from(HOME + 2).send(world).await.refused(429, "too-often");
    assert!(world.app.credentials.known.len() < 100, "guesses are not remembered");
}

async fn codes(world: &World) {
    let ask = |from| post("send-otp", &json!({ "mobile": MOBILE })).from(from);
    ask(HOME).send(world).await.expect(200);
    let code = newest_message(world).await[..6].to_owned();
    let proof = |code: &str| post("verify-otp", &json!({"mobile": MOBILE, "otp": code}));
    let first = Signed::of(&proof(&code).from(HOME).send(world).await);
    // A second code is sent while the guesses continue.
    let device = first.device.as_deref().unwrap();
    let known = json!({"mobile": MOBILE, "device_token": device});
    let sent = post("send-otp", &known).from(HOME).send(world).await;
    let challenge = sent.text("/challenge_id");
    let code = newest_message(world).await[..6].to_owned();
    // Strangers request codes, too.
    for from in 0..50 {
        ask(from).send(world).await;
    }
    let looked_at = guess(world, |number| {
        let code = format!("{:06}", (number * 97 + 13) % 1_000_000);
        proof(&code)
    })
    .await;
    assert_eq!(looked_at, GUESSES, "ten from each place, none of which finds anything");
    let proof = json!({"mobile": MOBILE, "otp": code, "challenge_id": challenge, "device_token": device});
    Signed::of(&post("verify-otp", &proof).from(HOME).send(world).await);
    let again = json!({"mobile": MOBILE, "device_token": device});
    let again = post("send-otp", &again).from(HOME).send(world).await;
    assert!(
        again.header("retry-after").is_some_and(|seconds| seconds.parse::<u32>().unwrap() <= 61),
        "{again:?}"
    );
}
