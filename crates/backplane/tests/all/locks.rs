use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use backplane::locks::{LockError, Lost, Terms};
use testkit::{on_both_backplanes, on_this_machine};

use crate::eventually::eventually;

/// Tries once.
const AT_ONCE: Terms = Terms { patience: Duration::ZERO, ttl: Duration::from_mins(2) };
/// Expires almost immediately.
const BRIEF: Terms = Terms { patience: Duration::ZERO, ttl: Duration::from_millis(30) };

on_both_backplanes! {
    async fn one_holds_it_and_the_next_has_it_after_the_release(plane: &TestBackplane) {
        let (here, there) = (plane.backplane(), plane.elsewhere().await);
        let held = here.locks().acquire("room 101").await.unwrap();
        assert!(held.left() > Duration::from_secs(110) && held.left() <= Duration::from_mins(2));
        let refused = there.locks().acquire_on("room 101", AT_ONCE).await;
        assert!(matches!(refused, Err(LockError::NotAcquired { .. })), "{refused:?}");
        // Another name is another lock.
        let other = there.locks().acquire_on("room 102", AT_ONCE).await.unwrap();
        let fence = held.fence();
        held.release().await.unwrap();
        let next = there.locks().acquire_on("room 101", AT_ONCE).await.unwrap();
        assert!(next.fence() > fence);
        other.release().await.unwrap();
    }

    async fn a_lock_that_expired_under_its_holder_is_the_next_ones(plane: &TestBackplane) {
        let (here, there) = (plane.backplane(), plane.elsewhere().await);
        let mut late = here.locks().acquire_on("room", BRIEF).await.unwrap();
        let next = there.locks().acquire("room").await.unwrap();
        // What the late holder writes now carries a smaller number.
        assert!(late.fence() < next.fence());
        assert_eq!(late.left(), Duration::ZERO);
        assert_eq!(late.extend().await, Err(Lost::Expired));
        assert_eq!(late.release().await, Err(Lost::Expired));
        // And has not taken it from the next holder.
        assert!(here.locks().acquire_on("room", AT_ONCE).await.is_err());
        assert_eq!(next.release().await, Ok(()));
    }

    async fn a_lock_that_is_extended_outlives_its_first_length(plane: &TestBackplane) {
        let locks = plane.backplane().locks();
        let terms = Terms { ttl: Duration::from_secs(2), ..AT_ONCE };
        let mut held = locks.acquire_on("room", terms).await.unwrap();
        let left = eventually(async || held.left(), |left| *left < Duration::from_millis(1_900)).await;
        held.extend().await.unwrap();
        assert!(held.left() > left);
        assert!(locks.acquire_on("room", AT_ONCE).await.is_err());
    }

    async fn a_lock_that_is_dropped_is_released(plane: &TestBackplane) {
        let (here, there) = (plane.backplane(), plane.elsewhere().await);
        drop(here.locks().acquire("room").await.unwrap());
        let next = there.locks().acquire("room").await.unwrap();
        assert!(next.waited() < on_this_machine(Duration::from_secs(1)));
    }

    async fn a_caller_that_stops_waiting_does_not_keep_the_lock(plane: &TestBackplane) {
        let locks = plane.backplane().locks();
        for _ in 0..20 {
            // Usually cancelled after the request was sent and before the response.
            let asked = locks.acquire_on("room", AT_ONCE);
            let _ = tokio::time::timeout(Duration::ZERO, asked).await;
        }
        locks.acquire("room").await.unwrap().release().await.unwrap();
    }

    async fn patience_ends(plane: &TestBackplane) {
        let locks = plane.backplane().locks();
        let _held = locks.acquire("room").await.unwrap();
        let terms = Terms { patience: Duration::from_millis(120), ..Terms::default() };
        let refused = locks.acquire_on("room", terms).await;
        let Err(LockError::NotAcquired { waited }) = refused else { panic!("{refused:?}") };
        assert!(waited >= Duration::from_millis(120) && waited < on_this_machine(Duration::from_secs(1)), "{waited:?}");
    }

    async fn of_sixty_four_tasks_one_at_a_time_has_it(plane: &TestBackplane) {
        let there = plane.elsewhere().await;
        let busy = Arc::new(AtomicBool::new(false));
        let fence = Arc::new(AtomicU64::new(0));
        let mut tasks = tokio::task::JoinSet::new();
        for number in 0..64 {
            let backplane = if number % 2 == 0 { plane.backplane().clone() } else { there.clone() };
            let (busy, fence) = (Arc::clone(&busy), Arc::clone(&fence));
            tasks.spawn(async move {
                // Some are refused many times; none gives up, however slow the machine is.
                let held = loop {
                    match backplane.locks().acquire("room").await {
                        Ok(held) => break held,
                        Err(LockError::NotAcquired { .. }) => {}
                        Err(error) => panic!("{error}"),
                    }
                };
                assert!(!busy.swap(true, Ordering::SeqCst), "two hold it");
                assert!(fence.swap(held.fence(), Ordering::SeqCst) < held.fence());
                tokio::task::yield_now().await;
                busy.store(false, Ordering::SeqCst);
                held.release().await.unwrap();
            });
        }
        tasks.join_all().await;
    }
}
