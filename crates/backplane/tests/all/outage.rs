//! Each part during an outage of Redis, and after it recovers with or without its data.

use std::time::Duration;

use backplane::cache::Lookup;
use backplane::codes::{Challenge, TRIES_MAX, Verdict};
use backplane::limits::Limit;
use backplane::locks::{LockError, Lost, Terms};
use backplane::notices::Notice;
use backplane::{Backplane, Options, RedisUrl};
use bytes::Bytes;
use testkit::{OwnRedis, on_this_machine};
use uuid::Uuid;

use crate::eventually::eventually;

const TTL: Duration = Duration::from_mins(5);
const PHONE: [u8; 32] = [1; 32];
const RIGHT: [u8; 32] = [3; 32];
const WRONG: [u8; 32] = [4; 32];
const ID: Uuid = Uuid::from_u128(1);
const THREE_AN_HOUR: Limit = Limit::new(3, Duration::from_hours(1));
/// Long enough for a Redis that runs, on a busy machine, too.
const GIVEN_UP_AFTER: Duration = Duration::from_secs(1);
const AT_ONCE: Terms = Terms { patience: Duration::ZERO, ttl: Duration::from_mins(2) };

/// Like a separate process.
fn process(server: &OwnRedis) -> Backplane {
    let options =
        Options { pause: Duration::from_millis(50), response_timeout: GIVEN_UP_AFTER, ..Options::default() };
    Backplane::redis(&server.url().parse().unwrap(), options).unwrap()
}

async fn processes(server: &OwnRedis) -> (Backplane, Backplane) {
    let (one, other) = (process(server), process(server));
    one.wait_until_up().await;
    other.wait_until_up().await;
    (one, other)
}

/// Waits until it has noticed, without sending commands.
async fn away(backplane: &Backplane) {
    eventually(async || backplane.health(), |health| !health.up).await;
}

async fn put_code(backplane: &Backplane, number: u8) -> Uuid {
    let id = Uuid::from_u128(number.into());
    let challenge = Challenge { digest: RIGHT, bound_to: PHONE, subject: [number; 32] };
    backplane.codes().put(id, challenge, TTL).await;
    id
}

async fn check(backplane: &Backplane, id: Uuid, digest: [u8; 32]) -> Verdict {
    backplane.codes().check(id, PHONE, digest).await
}

async fn fill(backplane: &Backplane, value: &'static str) {
    if let Lookup::Miss(ticket) = backplane.cache().get("events", "page 1").await {
        backplane.cache().put(ticket, Bytes::from(value), TTL).await;
    }
}

async fn cached(backplane: &Backplane) -> Option<Bytes> {
    match backplane.cache().get("events", "page 1").await {
        Lookup::Hit(value) => Some(value),
        Lookup::Miss(_) => None,
    }
}

#[tokio::test]
async fn chaos_a_process_starts_without_redis_and_uses_it_once_it_is_there() {
    let Some(server) = OwnRedis::stopped(&[]) else { return };
    let alone = process(&server);
    assert!(!alone.health().up);
    let id = put_code(&alone, 1).await;
    assert_eq!(check(&alone, id, WRONG).await, Verdict::Wrong { tries_left: TRIES_MAX - 1 });
    assert_eq!(alone.limits().check("guest", THREE_AN_HOUR, 3).await.remaining, 0);
    assert!(!alone.limits().check("guest", THREE_AN_HOUR, 1).await.allowed);
    assert!(matches!(alone.locks().acquire("room").await, Err(LockError::Unavailable { .. })));
    alone.sessions().put(ID, b"alice", TTL).await;
    assert_eq!(alone.sessions().get(ID).await, None);
    fill(&alone, "one").await;
    assert_eq!(cached(&alone).await, None);
    let mut heard = alone.notices().subscribe("sessions").await;
    alone.notices().publish("sessions", b"ended").await;
    assert_eq!(heard.next().await, Some(Notice::Message(Bytes::from("ended"))));
    assert_eq!(alone.health().requests, 0);

    server.start_again();
    let (joined, other) = (alone, process(&server));
    joined.wait_until_up().await;
    other.wait_until_up().await;
    // The code was issued without Redis; its attempts continue to count.
    assert_eq!(check(&other, id, WRONG).await, Verdict::Wrong { tries_left: TRIES_MAX - 2 });
    assert_eq!(check(&other, id, RIGHT).await, Verdict::Right);
    assert_eq!(check(&joined, id, RIGHT).await, Verdict::Gone);
    // A listener that subscribed before Redis was reachable receives `Missed`.
    assert_eq!(heard.next().await, Some(Notice::Missed));
    other.notices().publish("sessions", b"from afar").await;
    assert_eq!(heard.next().await, Some(Notice::Message(Bytes::from("from afar"))));
    joined.locks().acquire("room").await.unwrap().release().await.unwrap();
}

#[tokio::test]
async fn chaos_redis_is_killed_and_comes_back_knowing_nothing() {
    let Some(server) = OwnRedis::start(&[]) else { return };
    let (issuer, other) = processes(&server).await;
    let (used, open, tried) =
        (put_code(&issuer, 1).await, put_code(&issuer, 2).await, put_code(&issuer, 3).await);
    assert_eq!(check(&other, used, RIGHT).await, Verdict::Right);
    assert_eq!(check(&issuer, tried, WRONG).await, Verdict::Wrong { tries_left: TRIES_MAX - 1 });
    assert!(issuer.limits().check("guest", THREE_AN_HOUR, 3).await.allowed);
    let mut held = issuer.locks().acquire("room").await.unwrap();
    let mut heard = other.notices().subscribe("sessions").await;
    // The issuer receives messages in the order of the operations, so it knows that the code was used.
    let mut done = issuer.notices().subscribe("done").await;
    other.notices().publish("done", b"").await;
    assert_eq!(done.next().await, Some(Notice::Message(Bytes::new())));

    server.kill();
    away(&issuer).await;
    away(&other).await;
    eventually(async || other.notices().are_heard(), |heard| !heard).await;
    assert_eq!(check(&issuer, used, RIGHT).await, Verdict::Gone);
    assert_eq!(check(&issuer, tried, WRONG).await, Verdict::Wrong { tries_left: TRIES_MAX - 2 });
    assert_eq!(check(&other, open, RIGHT).await, Verdict::Gone);
    // Each process now has its own quota.
    for process in [&issuer, &other] {
        assert!(process.limits().check("guest", THREE_AN_HOUR, 3).await.allowed);
        assert!(!process.limits().check("guest", THREE_AN_HOUR, 1).await.allowed);
    }
    assert!(matches!(other.locks().acquire("room").await, Err(LockError::Unavailable { .. })));
    assert_eq!(held.extend().await, Err(Lost::Unavailable));

    server.start_again();
    issuer.wait_until_up().await;
    other.wait_until_up().await;
    assert_eq!(check(&other, open, RIGHT).await, Verdict::Right);
    assert_eq!(check(&issuer, open, RIGHT).await, Verdict::Gone);
    assert_eq!(check(&other, tried, WRONG).await, Verdict::Wrong { tries_left: TRIES_MAX - 3 });
    assert_eq!(check(&other, used, RIGHT).await, Verdict::Gone);
    assert_eq!(heard.next().await, Some(Notice::Missed));
    eventually(async || other.notices().are_heard(), |heard| *heard).await;
    issuer.notices().publish("sessions", b"ended").await;
    assert_eq!(heard.next().await, Some(Notice::Message(Bytes::from("ended"))));
    // Redis forgot the lock, but the next holder has a greater number anyway.
    let next = other.locks().acquire("room").await.unwrap();
    assert!(next.fence() > held.fence());
    assert_eq!(held.release().await, Err(Lost::Expired));
    let health = issuer.health();
    assert!(health.up && health.recoveries == 2 && health.failures >= 1, "{health:?}");
}

#[tokio::test]
async fn chaos_redis_freezes_and_goes_on_with_all_that_it_knew() {
    let Some(server) = OwnRedis::start(&[]) else { return };
    let (one, other) = processes(&server).await;
    let (used, tried) = (put_code(&one, 1).await, put_code(&one, 2).await);
    one.sessions().put(ID, b"alice", TTL).await;
    fill(&one, "as it was").await;
    let held = one.locks().acquire("room").await.unwrap();
    let mut heard = other.notices().subscribe("sessions").await;

    let frozen = server.freeze();
    away(&one).await;
    one.sessions().forget(ID).await;
    one.cache().invalidate("events").await;
    one.notices().publish("sessions", b"ended").await;
    assert_eq!(check(&one, used, RIGHT).await, Verdict::Right);
    assert_eq!(check(&one, tried, WRONG).await, Verdict::Wrong { tries_left: TRIES_MAX - 1 });
    drop(held);

    drop(frozen);
    one.wait_until_up().await;
    other.wait_until_up().await;
    // Data in Redis undoes nothing that was changed without it.
    assert_eq!(other.sessions().get(ID).await, None);
    other.sessions().put(ID, b"as she was", TTL).await;
    assert_eq!(other.sessions().get(ID).await, None);
    assert_eq!(cached(&other).await, None);
    assert_eq!(check(&other, used, RIGHT).await, Verdict::Gone);
    assert_eq!(check(&other, tried, WRONG).await, Verdict::Wrong { tries_left: TRIES_MAX - 2 });
    assert_eq!(heard.next().await, Some(Notice::Missed));
    let next = other.locks().acquire("room").await.unwrap();
    assert!(next.waited() < on_this_machine(Duration::from_secs(10)));
}

#[tokio::test]
async fn chaos_unpublished_notices_arrive_as_missed() {
    let Some(server) = OwnRedis::start(&[]) else { return };
    let (one, other) = processes(&server).await;
    let mut heard = other.notices().subscribe("sessions").await;
    // Nothing can be written for a while, but listeners notice nothing.
    let mut admin =
        redis::Client::open(server.url()).unwrap().get_multiplexed_async_connection().await.unwrap();
    let pause = (4 * GIVEN_UP_AFTER).as_millis().to_string();
    redis::cmd("CLIENT").arg("PAUSE").arg(pause).arg("WRITE").exec_async(&mut admin).await.unwrap();
    one.notices().publish("sessions", b"ended").await;
    assert!(!one.health().up && other.notices().are_heard());
    while heard.next().await.unwrap() != Notice::Missed {}
}

#[tokio::test]
async fn chaos_a_redis_that_is_away_is_not_asked() {
    let Some(server) = OwnRedis::start(&[]) else { return };
    let options = Options { response_timeout: Duration::from_millis(100), ..Options::default() };
    let backplane = Backplane::redis(&server.url().parse().unwrap(), options).unwrap();
    backplane.wait_until_up().await;
    let frozen = server.freeze();
    backplane.limits().check("guest", THREE_AN_HOUR, 1).await;
    let before = backplane.health();
    assert!(!before.up);
    let asked = tokio::time::Instant::now();
    for _ in 0..1_000 {
        backplane.limits().check("guest", THREE_AN_HOUR, 1).await;
        assert_eq!(backplane.sessions().get(ID).await, None);
    }
    let (took, after) = (asked.elapsed(), backplane.health());
    assert_eq!((after.requests, after.failures), (before.requests, before.failures));
    assert_eq!(after.skipped, before.skipped + 2_000);
    // If Redis were asked, each of them would have waited 100 ms.
    assert!(took < on_this_machine(Duration::from_secs(10)), "{took:?}");
    drop(frozen);
    backplane.wait_until_up().await;
}

#[tokio::test]
async fn chaos_a_full_redis_is_away_until_it_has_room() {
    let Some(server) = OwnRedis::start(&["--maxmemory", "1"]) else { return };
    let backplane = process(&server);
    let mut admin =
        redis::Client::open(server.url()).unwrap().get_multiplexed_async_connection().await.unwrap();
    assert!(matches!(backplane.locks().acquire("room").await, Err(LockError::Unavailable { .. })));
    redis::cmd("CONFIG").arg("SET").arg("maxmemory").arg(0).exec_async(&mut admin).await.unwrap();
    backplane.wait_until_up().await;
    backplane.locks().acquire_on("room", AT_ONCE).await.unwrap();
    redis::cmd("CONFIG").arg("SET").arg("maxmemory").arg(1).exec_async(&mut admin).await.unwrap();
    away(&backplane).await;
    assert!(backplane.limits().check("guest", THREE_AN_HOUR, 1).await.allowed);
    redis::cmd("CONFIG").arg("SET").arg("maxmemory").arg(0).exec_async(&mut admin).await.unwrap();
    backplane.wait_until_up().await;
}

#[tokio::test]
async fn chaos_a_redis_that_has_refused_us_is_asked_again() {
    let Some(server) = OwnRedis::start(&["--maxclients", "2"]) else { return };
    let crowd: Vec<_> =
        (0..2).map(|_| std::net::TcpStream::connect(("127.0.0.1", server.port())).unwrap()).collect();
    let backplane = process(&server);
    let mut heard = backplane.notices().subscribe("sessions").await;
    assert!(!backplane.health().up);
    drop(crowd);
    backplane.wait_until_up().await;
    assert_eq!(heard.next().await, Some(Notice::Missed));
}

#[tokio::test]
async fn scripts_that_redis_has_dropped_are_sent_again() {
    let Some(server) = OwnRedis::start(&[]) else { return };
    let (one, other) = processes(&server).await;
    let mut admin =
        redis::Client::open(server.url()).unwrap().get_multiplexed_async_connection().await.unwrap();
    for number in 0..3 {
        assert!(one.limits().check("guest", THREE_AN_HOUR, 1).await.allowed);
        let id = put_code(&one, number).await;
        one.locks().acquire("room").await.unwrap().release().await.unwrap();
        redis::cmd("SCRIPT").arg("FLUSH").exec_async(&mut admin).await.unwrap();
        assert_eq!(check(&other, id, RIGHT).await, Verdict::Right);
    }
    assert!(!other.limits().check("guest", THREE_AN_HOUR, 1).await.allowed);
    assert_eq!((one.health().failures, other.health().failures), (0, 0));
}

#[test]
fn a_url_that_is_none_is_refused_without_showing_it() {
    for wrong in
        ["redes://:secret@127.0.0.1", "valkey://:secret@127.0.0.1", "redis://", ":secret@127.0.0.1", ""]
    {
        let refused = wrong.parse::<RedisUrl>().unwrap_err();
        assert!(!refused.contains("secret"), "{wrong}");
    }
    let url: RedisUrl = "redis://:secret@127.0.0.1/2".parse().unwrap();
    assert!(!format!("{url:?}").contains("secret"));
}
