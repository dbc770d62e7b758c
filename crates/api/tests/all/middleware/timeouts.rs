//! Slow and silent clients, clients that do not read, and many clients at once.

use std::time::Duration;

use api::middleware::MiddlewareSettings;
use testkit::STATE_WAIT_MAX;
use tokio::net::TcpSocket;

use super::wire::{Wire, run};

fn hasty() -> MiddlewareSettings {
    let mut settings = MiddlewareSettings::default();
    settings.timeouts.head_ms_max = 150;
    settings.timeouts.idle_ms_max = 150;
    settings.timeouts.write_ms_max = 150;
    settings.body.ms_max = 150;
    settings
}

#[test]
fn a_head_that_does_not_come_is_answered_with_408() {
    run(hasty(), async |wire| {
        let mut dawdler = wire.open().await;
        dawdler.send(b"GET /health HTTP/1.1\r\nhost: h").await;
        dawdler.receive().await.refused(408, "request-timeout");
        assert_eq!(dawdler.ended().await, "");
        assert_eq!(wire.open().await.ended().await, "", "who says nothing is told nothing");
    });
}

/// Sending byte by byte does not extend the timeout.
#[test]
fn a_head_that_drips_is_cut_off_too() {
    run(hasty(), async |wire| {
        let mut dripper = wire.open().await;
        let mut ticks = tokio::time::interval(Duration::from_millis(20));
        let mut sent: Vec<u8> = b"GET /health HTTP/1.1\r\nx-long: ".to_vec();
        loop {
            ticks.tick().await;
            if tokio::io::AsyncWriteExt::write_all(&mut dripper.stream, &sent).await.is_err() {
                break;
            }
            sent = b"y".to_vec();
        }
        let said = dripper.ended().await;
        assert!(said.is_empty() || said.starts_with("HTTP/1.1 408"), "{said}");
    });
}

#[test]
fn a_body_that_does_not_come_is_answered_with_408() {
    run(hasty(), async |wire| {
        let head =
            format!("POST /api/v1/bookings HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n", wire.token);
        let mut dawdler = wire.open().await;
        dawdler.send(format!("{head}content-length: 100\r\n\r\n{{").as_bytes()).await;
        dawdler.receive().await.refused(408, "request-timeout");
    });
}

#[test]
fn an_idle_connection_is_closed_and_a_busy_one_is_not() {
    run(hasty(), async |wire| {
        let mut idle = wire.open().await;
        let mut busy = wire.open().await;
        let health = b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n";
        idle.send(health).await;
        assert_eq!(idle.receive().await.status, 200);
        let closing = tokio::spawn(idle.ended());
        while !closing.is_finished() {
            busy.send(health).await;
            assert_eq!(busy.receive().await.status, 200);
        }
        assert_eq!(closing.await.unwrap(), "");
    });
}

/// A client that sends requests and reads no responses is disconnected, however much is waiting for it.
#[test]
fn responses_that_are_not_read_are_not_kept() {
    run(hasty(), async |wire| {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4_096).unwrap();
        let mut deaf = socket.connect(wire.address).await.unwrap();
        let request = b"GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nhost: x\r\n\r\n".repeat(50);
        let writing =
            async { while tokio::io::AsyncWriteExt::write_all(&mut deaf, &request).await.is_ok() {} };
        tokio::time::timeout(STATE_WAIT_MAX, writing).await.expect("the server cuts the connection");
    });
}

async fn silent(wire: &Wire, count: usize) -> Vec<super::wire::Connection> {
    let mut open = Vec::new();
    for _ in 0..count {
        let mut connection = wire.open().await;
        connection.send(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n").await;
        assert_eq!(connection.receive().await.status, 200);
        open.push(connection);
    }
    open
}

#[test]
fn more_connections_than_one_address_may_have_are_turned_away() {
    let mut settings = MiddlewareSettings::default();
    settings.connections.per_address_max = 3;
    run(settings, async |wire| {
        let mut open = silent(wire, 3).await;
        let refused = wire.get("/health", &["host: x"]).await;
        refused.refused(503, "overloaded");
        assert_eq!(refused.header("retry-after"), Some("1"));
        drop(open.pop());
        // The server notices the end later.
        loop {
            let again = wire.get("/health", &["host: x"]).await;
            if again.status == 200 {
                break;
            }
            again.refused(503, "overloaded");
        }
    });
}

#[test]
fn more_connections_than_there_is_room_for_are_turned_away_but_a_proxy_may_have_many() {
    let mut settings = MiddlewareSettings::default();
    settings.connections.connections_max = 5;
    settings.connections.per_address_max = 1;
    settings.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    run(settings, async |wire| {
        let _open = silent(wire, 5).await;
        wire.get("/health", &["host: x"]).await.refused(503, "overloaded");
    });
}
