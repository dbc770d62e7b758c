//! The HTTP server: accepts connections, serves them, and stops without interrupting requests.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tower::Layer as _;

use crate::middleware::activity::Cut;
use crate::middleware::connections::{Connections, Full, Place};
use crate::middleware::service::{Answering, Guarded, MiddlewareLayer, Peer};
use crate::middleware::stream::Watched;
use crate::middleware::{Middleware, plain};
use crate::tls::Tls;
use wire::problem::kinds::{self, Kind};

/// Connections that may wait to be accepted, because many buyers can come at once.
const BACKLOG: u32 = 4_096;
/// Size of a connection's buffer, and so the maximum size of a request's head, in bytes.
const BUFFER_BYTES_MAX: usize = 64 * 1024;
/// How long pending requests may take when the server stops, in milliseconds.
const DRAIN_MS_MAX: u64 = 10_000;
/// How long a refused client may take to read the response, in milliseconds.
const FAREWELL_MS_MAX: u64 = 1_000;
/// Clients that are told why their connection is not taken, at once; further ones are only cut.
const FAREWELLS_MAX: usize = 64;

/// Opens the listening socket.
pub fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// A router behind its middleware.
pub struct Server {
    router: Router,
    middleware: Arc<Middleware>,
    connections: Arc<Connections>,
    farewells: Arc<Semaphore>,
    tls: Option<Arc<Tls>>,
}

impl Server {
    pub fn new(router: Router, middleware: Arc<Middleware>) -> Self {
        let connections = Arc::new(Connections::new(middleware.connections, middleware.timeouts));
        Self {
            router,
            middleware,
            connections,
            farewells: Arc::new(Semaphore::new(FAREWELLS_MAX)),
            tls: None,
        }
    }

    /// Accepts TLS only.
    #[must_use]
    pub fn with_tls(self, tls: Arc<Tls>) -> Self {
        Self { tls: Some(tls), ..self }
    }

    /// Serves until `stop` completes, then finishes pending requests.
    pub async fn serve(self, listener: TcpListener, stop: impl Future<Output = ()>) {
        let connections = Arc::clone(&self.connections);
        let watchdog = tokio::spawn(async move { connections.watch().await });
        let certificate = self.tls.clone().map(|tls| tokio::spawn(async move { tls.watch().await }));
        let mut stop = std::pin::pin!(stop);
        loop {
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((stream, peer)) => self.welcome(stream, peer),
                    // Probably out of file descriptors: let connections end before accepting more.
                    Err(error) => {
                        tracing::warn!(%error, "cannot accept a connection");
                        tokio::time::sleep(Duration::from_millis(50)).await;
                    }
                },
                () = &mut stop => break,
            }
        }
        drop(listener);
        self.connections.stop();
        let drained = self.connections.all_ended();
        if tokio::time::timeout(Duration::from_millis(DRAIN_MS_MAX), drained).await.is_err() {
            tracing::warn!("closing connections that are still open");
        }
        watchdog.abort();
        certificate.inspect(JoinHandle::abort);
    }

    fn welcome(&self, stream: TcpStream, peer: SocketAddr) {
        let address = peer.ip().to_canonical();
        match self.connections.enter(address, self.middleware.proxies.trusts(address)) {
            Ok(place) => self.take(stream, address, place),
            Err(full) => self.turn_away(stream, full),
        }
    }

    fn take(&self, stream: TcpStream, address: std::net::IpAddr, place: Place) {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "cannot set TCP_NODELAY");
        }
        let secure = self.tls.is_some();
        let peer = Peer { address, secure, activity: Arc::clone(&place.activity) };
        let service =
            MiddlewareLayer { middleware: Arc::clone(&self.middleware), peer }.layer(self.router.clone());
        match self.tls.clone() {
            None => drop(tokio::spawn(converse(stream, place, service))),
            Some(tls) => drop(tokio::spawn(async move {
                if let Some(stream) = tls.accept(stream).await {
                    place.activity.progressed();
                    converse(stream, place, service).await;
                }
            })),
        }
    }

    /// There is no room: the client gets a response, unless too many are being sent already.
    fn turn_away(&self, stream: TcpStream, full: Full) {
        tracing::debug!(?full, "connection refused: limit reached");
        // Before a handshake no response can be sent.
        if self.tls.is_none()
            && let Ok(permit) = Arc::clone(&self.farewells).try_acquire_owned()
        {
            tokio::spawn(async move {
                farewell(stream, kinds::OVERLOADED).await;
                drop(permit);
            });
        }
    }
}

/// Serves one connection to its end.
async fn converse<T>(stream: T, place: Place, service: Guarded<Router>)
where
    T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let activity = Arc::clone(&place.activity);
    let watched = Watched::new(stream, Arc::clone(&activity));
    let mut http = http1::Builder::new();
    // The watchdog's timeout for heads replaces a timer for each request.
    http.header_read_timeout(None).max_buf_size(BUFFER_BYTES_MAX);
    let mut connection = http.serve_connection(TokioIo::new(watched), Served(service));
    let (mut known, mut stopping) = (false, false);
    let cut = std::future::poll_fn(|cx| {
        if !known {
            activity.wake_with(cx.waker());
            known = true;
        }
        if let Some(cut) = activity.cut() {
            return Poll::Ready(Some(cut));
        }
        if activity.is_stopping() && !stopping {
            stopping = true;
            Pin::new(&mut connection).graceful_shutdown();
        }
        Pin::new(&mut connection).poll(cx).map(|ended| {
            if let Err(error) = ended {
                tracing::debug!(%error, "connection ended with an error");
            }
            None
        })
    });
    let Some(cut) = cut.await else { return };
    tracing::debug!(?cut, "connection closed by a timeout");
    if cut == Cut::HeadTooSlow {
        // Boxed, so that not every connection reserves space for it.
        Box::pin(farewell(connection.into_parts().io.into_inner().into_inner(), kinds::REQUEST_TIMEOUT))
            .await;
    }
}

/// Sends a final response and reads for a moment: otherwise a client that is still sending would lose the response
/// when its connection is reset.
async fn farewell<T: AsyncRead + AsyncWrite + Unpin>(mut stream: T, kind: &'static Kind) {
    let telling = async {
        stream.write_all(plain::problem(kind)).await?;
        stream.shutdown().await?;
        let mut ignored = [0; 4_096];
        while stream.read(&mut ignored).await? > 0 {}
        std::io::Result::Ok(())
    };
    // Whether the client read it does not matter.
    let _ = tokio::time::timeout(Duration::from_millis(FAREWELL_MS_MAX), telling).await;
}

/// The service of one connection, in hyper's terms.
struct Served(Guarded<Router>);

impl hyper::service::Service<Request<Incoming>> for Served {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Answering<axum::routing::future::RouteFuture<Infallible>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        self.0.ask(request.map(Body::new))
    }
}
