//! The HTTP server: accepts connections, serves them, and stops without cutting anybody off.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use axum::routing::future::RouteFuture;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tower::Service as _;

use crate::client::ClientAddress;

/// Connections that may wait to be accepted: a thousand buyers come in one moment.
const BACKLOG: u32 = 4_096;
/// How long a client may take over a request's head, in milliseconds.
const HEADER_MS_MAX: u64 = 10_000;
/// Bytes of a connection's buffer, and so of a request's head.
const BUFFER_BYTES_MAX: usize = 64 * 1024;
/// How long requests under way may take to finish when the server stops, in milliseconds.
const DRAIN_MS_MAX: u64 = 10_000;

/// Opens the listening socket.
pub fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Serves until `stop` completes, then finishes what is under way.
pub async fn serve(listener: TcpListener, router: Router, stop: impl Future<Output = ()>) {
    let graceful = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => serve_one(stream, peer, router.clone(), &graceful),
                // Out of file descriptors, most likely: let connections end before accepting more.
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            },
            () = &mut stop => break,
        }
    }
    drop(listener);
    if tokio::time::timeout(Duration::from_millis(DRAIN_MS_MAX), graceful.shutdown()).await.is_err() {
        tracing::warn!("connections were still open and are cut");
    }
}

fn serve_one(stream: TcpStream, peer: SocketAddr, router: Router, graceful: &GracefulShutdown) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "cannot switch off Nagle's algorithm");
    }
    let service = Served { router, client: ClientAddress::new(peer.ip()) };
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_millis(HEADER_MS_MAX))
        .max_buf_size(BUFFER_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), service);
    let connection = graceful.watch(connection);
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection ended");
        }
    });
}

/// The router behind one connection: every request carries the address of its client.
struct Served {
    router: Router,
    client: ClientAddress,
}

impl hyper::service::Service<Request<Incoming>> for Served {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = RouteFuture<Infallible>;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        request.extensions_mut().insert(self.client);
        self.router.clone().call(request.map(Body::new))
    }
}
