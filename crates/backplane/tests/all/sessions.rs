use std::time::Duration;

use backplane::sessions::FORGOTTEN_FOR;
use testkit::on_both_backplanes;
use uuid::Uuid;

use crate::eventually::eventually;

const TTL: Duration = Duration::from_mins(5);
const ID: Uuid = Uuid::from_u128(1);

on_both_backplanes! {
    async fn a_session_is_found_until_it_is_forgotten(plane: &TestBackplane) {
        let (here, there) = (plane.backplane(), plane.elsewhere().await);
        assert_eq!(here.sessions().get(ID).await, None);
        here.sessions().put(ID, b"alice", TTL).await;
        here.sessions().put(Uuid::from_u128(2), b"", TTL).await;
        assert_eq!(there.sessions().get(ID).await, Some(b"alice".to_vec()));
        here.sessions().put(ID, b"alice again", TTL).await;
        assert_eq!(there.sessions().get(ID).await, Some(b"alice again".to_vec()));
        there.sessions().forget(ID).await;
        assert_eq!(here.sessions().get(ID).await, None);
        assert_eq!(here.sessions().get(Uuid::from_u128(2)).await, Some(Vec::new()));
    }

    async fn a_slow_reader_does_not_bring_a_forgotten_session_back(plane: &TestBackplane) {
        let (here, there) = (plane.backplane(), plane.elsewhere().await);
        here.sessions().forget(ID).await;
        there.sessions().put(ID, b"as it was", TTL).await;
        assert_eq!(here.sessions().get(ID).await, None);
        assert!(FORGOTTEN_FOR < TTL);
    }

    async fn it_expires(plane: &TestBackplane) {
        let sessions = plane.backplane().sessions();
        sessions.put(ID, b"brief", Duration::from_millis(1)).await;
        eventually(|| sessions.get(ID), Option::is_none).await;
        sessions.put(ID, b"long", TTL).await;
        assert_eq!(sessions.get(ID).await, Some(b"long".to_vec()));
    }
}
