//! A server with its middleware on a socket, and a minimal HTTP/1.1 client that can misbehave.

use std::net::SocketAddr;
use std::sync::Arc;

use api::middleware::{Middleware, MiddlewareSettings};
use api::server::{Server, listen};
use api::tls::Tls;
use serde_json::Value;
use testkit::{STATE_WAIT_MAX, TestDatabase};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

use crate::client::Caller;
use crate::world::World;

pub struct Wire {
    pub address: SocketAddr,
    /// A guest's token.
    pub token: String,
}

/// Runs a test against a server with these middleware, and stops it.
pub fn run(settings: MiddlewareSettings, test: impl AsyncFnOnce(&Wire)) {
    run_with(settings, None, test);
}

/// The same over TLS, where there is a certificate.
pub fn run_with(settings: MiddlewareSettings, tls: Option<Arc<Tls>>, test: impl AsyncFnOnce(&Wire)) {
    let database = TestDatabase::sqlite();
    let world = World::new(&database);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let listener = listen(([127, 0, 0, 1], 0).into()).unwrap();
        let address = listener.local_addr().unwrap();
        let router = api::router::limited_router(Arc::clone(&world.app), &settings.body);
        let server = Server::new(router, Arc::new(Middleware::new(settings, 7)));
        let server = match tls {
            Some(tls) => server.with_tls(tls),
            None => server,
        };
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(server.serve(listener, async {
            let _ = stopped.await;
        }));
        test(&Wire { address, token: world.token(Caller::Guest).unwrap().to_owned() }).await;
        stop.send(()).unwrap();
        tokio::time::timeout(STATE_WAIT_MAX, serving).await.expect("it stops").unwrap();
    });
}

impl Wire {
    pub async fn open(&self) -> Connection {
        Connection { stream: TcpStream::connect(self.address).await.unwrap(), received: Vec::new() }
    }

    /// One request on a separate connection, as written, and its response.
    pub async fn ask(&self, request: &str) -> Reply {
        let mut connection = self.open().await;
        connection.send(request.as_bytes()).await;
        connection.receive().await
    }

    /// A `GET` with these header lines.
    pub async fn get(&self, path: &str, lines: &[&str]) -> Reply {
        self.ask(&format!("GET {path} HTTP/1.1\r\n{}\r\n\r\n", lines.join("\r\n"))).await
    }
}

pub struct Connection {
    pub stream: TcpStream,
    received: Vec<u8>,
}

impl Connection {
    pub async fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    /// The next answer.
    pub async fn receive(&mut self) -> Reply {
        loop {
            if let Some((reply, length)) = Reply::parse(&self.received) {
                self.received.drain(..length);
                return reply;
            }
            assert!(
                self.read().await > 0,
                "the connection ended: {}",
                String::from_utf8_lossy(&self.received)
            );
        }
    }

    /// Waits until the server closes the connection, and returns what it sent before.
    pub async fn ended(mut self) -> String {
        while self.read().await > 0 {}
        String::from_utf8_lossy(&self.received).into_owned()
    }

    async fn read(&mut self) -> usize {
        let mut bytes = vec![0; 16 * 1_024];
        let read = tokio::time::timeout(STATE_WAIT_MAX, self.stream.read(&mut bytes))
            .await
            .expect("something happens");
        // A reset counts as closed.
        let count = read.unwrap_or(0);
        self.received.extend_from_slice(&bytes[..count]);
        count
    }
}

#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    head: String,
    pub body: String,
}

impl Reply {
    fn parse(received: &[u8]) -> Option<(Self, usize)> {
        let end = received.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
        let head = String::from_utf8(received[..end].to_vec()).unwrap();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap();
        let mut reply = Self { status, head, body: String::new() };
        let length: usize = reply.header("content-length").map_or(0, |length| length.parse().unwrap());
        reply.body = String::from_utf8(received.get(end..end + length)?.to_vec()).unwrap();
        Some((reply, end + length))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (known, value) = line.split_once(':')?;
            known.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// Checks a problem of this kind.
    pub fn refused(&self, status: u16, kind: &str) {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self:?}");
        let body: Value = serde_json::from_str(&self.body).unwrap();
        assert_eq!(body["type"], format!("/problems/{kind}"), "{self:?}");
        assert_eq!(body["status"], status);
    }
}
