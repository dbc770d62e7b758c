use backplane::notices::{Notice, Subscription};
use bytes::Bytes;
use testkit::on_both_backplanes;

async fn message(subscription: &mut Subscription) -> Bytes {
    match subscription.next().await {
        Some(Notice::Message(message)) => message,
        other => panic!("{other:?}"),
    }
}

on_both_backplanes! {
    async fn what_is_published_is_heard_by_all_in_its_order(plane: &TestBackplane) {
        let (here, there) = (plane.backplane(), plane.elsewhere().await);
        let mut near = here.notices().subscribe("sessions").await;
        let mut far = there.notices().subscribe("sessions").await;
        for text in ["one", "", "three"] {
            here.notices().publish("sessions", text.as_bytes()).await;
        }
        for text in ["one", "", "three"] {
            assert_eq!(message(&mut near).await, text);
            assert_eq!(message(&mut far).await, text);
        }
    }

    async fn another_channel_is_not_heard(plane: &TestBackplane) {
        let (here, there) = (plane.backplane(), plane.elsewhere().await);
        let mut sessions = there.notices().subscribe("sessions").await;
        let mut catalogue = there.notices().subscribe("catalogue").await;
        here.notices().publish("catalogue", b"new").await;
        here.notices().publish("sessions", b"ended").await;
        assert_eq!(message(&mut sessions).await, "ended");
        assert_eq!(message(&mut catalogue).await, "new");
    }

    async fn a_slow_listener_receives_missed(plane: &TestBackplane) {
        let mut slow = plane.backplane().notices().subscribe("sessions").await;
        for number in 0..2_000_u32 {
            plane.backplane().notices().publish("sessions", &number.to_be_bytes()).await;
        }
        assert_eq!(slow.next().await, Some(Notice::Missed));
        // And hears what is left from there on.
        let mut last = 0;
        while last != 1_999 {
            last = u32::from_be_bytes(message(&mut slow).await[..].try_into().unwrap());
        }
    }

    async fn a_later_listener_hears_what_comes_later(plane: &TestBackplane) {
        let first = plane.backplane().notices().subscribe("sessions").await;
        plane.backplane().notices().publish("sessions", b"before").await;
        drop(first);
        plane.backplane().notices().publish("sessions", b"to nobody").await;
        let mut later = plane.backplane().notices().subscribe("sessions").await;
        plane.backplane().notices().publish("sessions", b"after").await;
        assert_eq!(message(&mut later).await, "after");
    }
}
