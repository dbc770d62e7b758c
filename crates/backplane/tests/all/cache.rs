use std::time::Duration;

use backplane::Backplane;
use backplane::cache::{Lookup, Ticket, VALUE_BYTES_MAX};
use bytes::Bytes;
use testkit::on_both_backplanes;

use crate::eventually::eventually;

const TTL: Duration = Duration::from_mins(5);

async fn hit(backplane: &Backplane, namespace: &str, key: &str) -> Option<Bytes> {
    match backplane.cache().get(namespace, key).await {
        Lookup::Hit(value) => Some(value),
        Lookup::Miss(_) => None,
    }
}

async fn miss(backplane: &Backplane, namespace: &str, key: &str) -> Ticket {
    match backplane.cache().get(namespace, key).await {
        Lookup::Hit(value) => panic!("{value:?}"),
        Lookup::Miss(ticket) => ticket,
    }
}

async fn put(backplane: &Backplane, namespace: &str, key: &str, value: &'static str) {
    let ticket = miss(backplane, namespace, key).await;
    backplane.cache().put(ticket, Bytes::from(value), TTL).await;
}

on_both_backplanes! {
    async fn what_was_put_is_found_by_all(plane: &TestBackplane) {
        let (here, there) = (plane.backplane(), plane.elsewhere().await);
        put(here, "events", "page 1", "one").await;
        put(here, "events", "page 2", "").await;
        assert_eq!(hit(&there, "events", "page 1").await, Some(Bytes::from("one")));
        assert_eq!(hit(&there, "events", "page 2").await, Some(Bytes::new()));
        assert_eq!(hit(&there, "venues", "page 1").await, None);
    }

    async fn names_that_read_the_same_together_are_not_the_same(plane: &TestBackplane) {
        put(plane.backplane(), "a:b", "c", "one").await;
        put(plane.backplane(), "a", "b:c", "two").await;
        assert_eq!(hit(plane.backplane(), "a:b", "c").await, Some(Bytes::from("one")));
    }

    async fn a_namespace_is_invalidated_as_a_whole_and_alone(plane: &TestBackplane) {
        let (here, there) = (plane.backplane(), plane.elsewhere().await);
        put(here, "events", "page 1", "one").await;
        put(here, "events", "page 2", "two").await;
        put(here, "venues", "page 1", "three").await;
        there.cache().invalidate("events").await;
        assert_eq!(hit(here, "events", "page 1").await, None);
        assert_eq!(hit(here, "events", "page 2").await, None);
        assert_eq!(hit(here, "venues", "page 1").await, Some(Bytes::from("three")));
        put(here, "events", "page 1", "four").await;
        assert_eq!(hit(&there, "events", "page 1").await, Some(Bytes::from("four")));
    }

    async fn one_entry_is_forgotten_alone(plane: &TestBackplane) {
        let (here, there) = (plane.backplane(), plane.elsewhere().await);
        put(here, "events", "page 1", "one").await;
        put(here, "events", "page 2", "two").await;
        there.cache().forget("events", "page 1").await;
        assert_eq!(hit(here, "events", "page 1").await, None);
        assert_eq!(hit(here, "events", "page 2").await, Some(Bytes::from("two")));
        put(here, "events", "page 1", "three").await;
        assert_eq!(hit(here, "events", "page 1").await, Some(Bytes::from("three")));
    }

    async fn a_slow_reader_does_not_bring_back_what_was_changed(plane: &TestBackplane) {
        let (here, there) = (plane.backplane(), plane.elsewhere().await);
        let before = miss(here, "events", "page 1").await;
        there.cache().invalidate("events").await;
        here.cache().put(before, Bytes::from("stale"), TTL).await;
        assert_eq!(hit(here, "events", "page 1").await, None);
        let before = miss(here, "events", "page 1").await;
        there.cache().forget("events", "page 1").await;
        here.cache().put(before, Bytes::from("stale"), TTL).await;
        assert_eq!(hit(here, "events", "page 1").await, None);
        // Forgotten twice, with a look-up between.
        let between = miss(here, "events", "page 1").await;
        there.cache().forget("events", "page 1").await;
        here.cache().put(between, Bytes::from("stale"), TTL).await;
        assert_eq!(hit(here, "events", "page 1").await, None);
    }

    async fn it_expires_and_what_is_too_large_is_not_kept(plane: &TestBackplane) {
        let cache = plane.backplane().cache();
        let ticket = miss(plane.backplane(), "events", "brief").await;
        cache.put(ticket, Bytes::from("brief"), Duration::from_millis(1)).await;
        eventually(|| hit(plane.backplane(), "events", "brief"), Option::is_none).await;
        let ticket = miss(plane.backplane(), "events", "large").await;
        cache.put(ticket, Bytes::from(vec![0; VALUE_BYTES_MAX + 1]), TTL).await;
        assert_eq!(hit(plane.backplane(), "events", "large").await, None);
        let ticket = miss(plane.backplane(), "events", "large").await;
        cache.put(ticket, Bytes::from(vec![0; VALUE_BYTES_MAX]), TTL).await;
        assert_eq!(hit(plane.backplane(), "events", "large").await.map(|value| value.len()), Some(VALUE_BYTES_MAX));
    }
}
