use std::time::Duration;

use backplane::Backplane;
use backplane::codes::{Challenge, TRIES_MAX, Verdict};
use testkit::on_both_backplanes;
use uuid::Uuid;

use crate::eventually::eventually;

const TTL: Duration = Duration::from_mins(5);
const PHONE: [u8; 32] = [1; 32];
const LAPTOP: [u8; 32] = [2; 32];
const RIGHT: [u8; 32] = [3; 32];
const WRONG: [u8; 32] = [4; 32];
const NUMBER: [u8; 32] = [5; 32];
const CHALLENGE: Challenge = Challenge { digest: RIGHT, bound_to: PHONE, subject: NUMBER };

async fn check(backplane: &Backplane, id: Uuid, digest: [u8; 32]) -> Verdict {
    backplane.codes().check(id, PHONE, digest).await
}

on_both_backplanes! {
    async fn a_right_code_is_right_once(plane: &TestBackplane) {
        let (here, there) = (plane.backplane(), plane.elsewhere().await);
        let id = Uuid::from_u128(1);
        here.codes().put(id, CHALLENGE, TTL).await;
        assert_eq!(check(&there, id, RIGHT).await, Verdict::Right);
        assert_eq!(check(&there, id, RIGHT).await, Verdict::Gone);
        assert_eq!(check(here, id, RIGHT).await, Verdict::Gone);
        here.codes().put(Uuid::from_u128(2), CHALLENGE, TTL).await;
        assert_eq!(check(here, Uuid::from_u128(2), RIGHT).await, Verdict::Right);
        assert_eq!(check(&there, Uuid::from_u128(2), RIGHT).await, Verdict::Gone);
    }

    async fn five_wrong_answers_kill_it_wherever_they_are_given(plane: &TestBackplane) {
        let (here, there) = (plane.backplane(), plane.elsewhere().await);
        let id = Uuid::from_u128(1);
        here.codes().put(id, CHALLENGE, TTL).await;
        for left in (0..TRIES_MAX).rev() {
            let asked = if left % 2 == 0 { here } else { &there };
            assert_eq!(check(asked, id, WRONG).await, Verdict::Wrong { tries_left: left });
        }
        assert_eq!(check(here, id, RIGHT).await, Verdict::Gone);
        assert_eq!(check(&there, id, RIGHT).await, Verdict::Gone);
    }

    async fn another_device_costs_no_try_and_learns_nothing(plane: &TestBackplane) {
        let codes = plane.backplane().codes();
        let id = Uuid::from_u128(1);
        codes.put(id, CHALLENGE, TTL).await;
        for digest in [RIGHT, WRONG].repeat(10) {
            assert_eq!(codes.check(id, LAPTOP, digest).await, Verdict::WrongDevice);
        }
        assert_eq!(check(plane.backplane(), id, WRONG).await, Verdict::Wrong { tries_left: TRIES_MAX - 1 });
        assert_eq!(check(plane.backplane(), id, RIGHT).await, Verdict::Right);
    }

    async fn a_newer_one_replaces_the_older_of_the_same_device_only(plane: &TestBackplane) {
        let (here, there) = (plane.backplane(), plane.elsewhere().await);
        let [older, newer, laptops, others] = [1, 2, 3, 4].map(Uuid::from_u128);
        here.codes().put(older, CHALLENGE, TTL).await;
        here.codes().put(laptops, Challenge { bound_to: LAPTOP, ..CHALLENGE }, TTL).await;
        here.codes().put(others, Challenge { subject: [9; 32], ..CHALLENGE }, TTL).await;
        there.codes().put(newer, CHALLENGE, TTL).await;
        assert_eq!(check(&there, older, RIGHT).await, Verdict::Gone);
        assert_eq!(check(here, older, RIGHT).await, Verdict::Gone);
        assert_eq!(check(here, newer, RIGHT).await, Verdict::Right);
        assert_eq!(there.codes().check(laptops, LAPTOP, RIGHT).await, Verdict::Right);
        assert_eq!(check(&there, others, RIGHT).await, Verdict::Right);
    }

    async fn of_many_right_answers_at_once_one_is(plane: &TestBackplane) {
        let there = plane.elsewhere().await;
        for round in 0..20 {
            let id = Uuid::from_u128(round);
            plane.backplane().codes().put(id, CHALLENGE, TTL).await;
            let mut tasks = tokio::task::JoinSet::new();
            for number in 0..8 {
                let asked = if number % 2 == 0 { plane.backplane().clone() } else { there.clone() };
                tasks.spawn(async move { check(&asked, id, RIGHT).await });
            }
            let verdicts = tasks.join_all().await;
            assert_eq!(verdicts.iter().filter(|verdict| **verdict == Verdict::Right).count(), 1, "{verdicts:?}");
            assert_eq!(verdicts.iter().filter(|verdict| **verdict == Verdict::Gone).count(), 7, "{verdicts:?}");
        }
    }

    async fn it_expires_and_what_was_never_there_is_gone(plane: &TestBackplane) {
        let codes = plane.backplane().codes();
        assert_eq!(codes.check(Uuid::from_u128(7), PHONE, RIGHT).await, Verdict::Gone);
        codes.put(Uuid::from_u128(1), CHALLENGE, Duration::from_millis(1)).await;
        // Another device costs no attempt, so it can ask until the challenge expires.
        let gone = |verdict: &Verdict| *verdict == Verdict::Gone;
        eventually(|| codes.check(Uuid::from_u128(1), LAPTOP, RIGHT), gone).await;
        assert_eq!(check(plane.backplane(), Uuid::from_u128(1), RIGHT).await, Verdict::Gone);
    }
}
