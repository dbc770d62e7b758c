use std::time::Duration;

use backplane::limits::{Decision, Limit};
use testkit::on_both_backplanes;

use crate::eventually::eventually;

const THREE_AN_HOUR: Limit = Limit::new(3, Duration::from_hours(1));
const TWENTY_A_SECOND: Limit = Limit::new(20, Duration::from_secs(1)).with_burst(1);

on_both_backplanes! {
    async fn the_quota_is_for_all_processes_together(plane: &TestBackplane) {
        let (here, there) = (plane.backplane(), plane.elsewhere().await);
        let first = here.limits().check("guest", THREE_AN_HOUR, 1).await;
        assert_eq!((first.allowed, first.limit, first.remaining, first.retry_after), (true, 3, 2, None));
        assert_eq!(first.reset_after, Duration::from_mins(20));
        assert_eq!(there.limits().check("guest", THREE_AN_HOUR, 2).await.remaining, 0);
        let refused = here.limits().check("guest", THREE_AN_HOUR, 1).await;
        assert!(!refused.allowed);
        let retry_after = refused.retry_after.unwrap();
        assert!(retry_after <= Duration::from_mins(20) && retry_after > Duration::from_mins(19), "{retry_after:?}");
        assert!(there.limits().check("another", THREE_AN_HOUR, 1).await.allowed);
        // The same key under another limit has a separate count.
        assert!(there.limits().check("guest", THREE_AN_HOUR.with_burst(4), 4).await.allowed);
    }

    async fn it_fills_up_with_time(plane: &TestBackplane) {
        let limits = plane.backplane().limits();
        assert!(limits.check("guest", TWENTY_A_SECOND, 1).await.allowed);
        eventually(|| limits.check("guest", TWENTY_A_SECOND, 1), |decision| decision.allowed).await;
    }

    async fn what_is_refused_costs_nothing(plane: &TestBackplane) {
        let limits = plane.backplane().limits();
        assert_eq!(limits.check("guest", THREE_AN_HOUR, 4).await.retry_after, None);
        for _ in 0..10 {
            assert!(!limits.check("guest", THREE_AN_HOUR, 4).await.allowed);
        }
        let decision = limits.check("guest", THREE_AN_HOUR, 3).await;
        assert_eq!((decision.allowed, decision.remaining), (true, 0));
    }

    async fn all_are_charged_or_none(plane: &TestBackplane) {
        let limits = plane.backplane().limits();
        limits.check("number", THREE_AN_HOUR, 2).await;
        let allowed = limits.check_all(&[("first", THREE_AN_HOUR), ("number", THREE_AN_HOUR)]).await;
        assert!(Decision::all_allowed(&allowed));
        assert_eq!((allowed[0].remaining, allowed[1].remaining), (2, 0));
        let turned = limits.check_all(&[("number", THREE_AN_HOUR), ("second", THREE_AN_HOUR)]).await;
        assert_eq!((turned[0].allowed, turned[1].allowed, turned[1].remaining), (false, true, 3));
        let refused = limits.check_all(&[("second", THREE_AN_HOUR), ("number", THREE_AN_HOUR)]).await;
        assert_eq!((refused[0].allowed, refused[0].remaining, refused[1].allowed), (true, 3, false));
        assert_eq!(Decision::tightest(&refused), Some(&refused[1]));
        assert_eq!(limits.check("second", THREE_AN_HOUR, 3).await.remaining, 0);
        assert!(limits.check_all(&[]).await.is_empty());
    }

    async fn many_at_once_share_the_quota_exactly(plane: &TestBackplane) {
        let there = plane.elsewhere().await;
        let limit = Limit::new(50, Duration::from_hours(24));
        let mut tasks = tokio::task::JoinSet::new();
        for number in 0..200 {
            let asked = if number % 2 == 0 { plane.backplane().clone() } else { there.clone() };
            tasks.spawn(async move { asked.limits().check("on sale", limit, 1).await.allowed });
        }
        let allowed = tasks.join_all().await.into_iter().filter(|allowed| *allowed).count();
        assert_eq!(allowed, 50);
    }
}
