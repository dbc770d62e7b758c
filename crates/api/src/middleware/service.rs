//! The middleware as one layer around all requests and responses.

use std::convert::Infallible;
use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use axum::body::Body;
use axum::http::{HeaderValue, Method, Request, Response};
use axum::response::IntoResponse as _;
use pin_project_lite::pin_project;
use tower::{Layer, Service};
use tracing::Span;

use super::activity::Activity;
use super::request_id::X_REQUEST_ID;
use super::security::{self, Shape};
use super::{Known, Middleware, log};
use crate::client::ClientAddress;
use wire::problem::{Problem, kinds};

/// Applies the middleware to a service, for requests of one connection.
#[derive(Clone)]
pub struct MiddlewareLayer {
    pub middleware: Arc<Middleware>,
    pub peer: Peer,
}

/// The other end of a connection.
#[derive(Clone)]
pub struct Peer {
    pub address: IpAddr,
    /// Whether it uses TLS.
    pub secure: bool,
    /// The activity of its connection.
    pub activity: Arc<Activity>,
}

impl<S> Layer<S> for MiddlewareLayer {
    type Service = Guarded<S>;

    fn layer(&self, inner: S) -> Guarded<S> {
        Guarded { inner, middleware: Arc::clone(&self.middleware), peer: self.peer.clone() }
    }
}

#[derive(Clone)]
pub struct Guarded<S> {
    inner: S,
    middleware: Arc<Middleware>,
    peer: Peer,
}

impl<S> Service<Request<Body>> for Guarded<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Answering<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let (about, answer) = self.receive(&mut request);
        let inner = answer.map_or_else(|| Inner::asked(self.inner.call(request)), Inner::answered);
        self.answering(about, inner)
    }
}

impl<S> Guarded<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone,
{
    /// Like [`Service::call`], for a service that is always ready and can be shared.
    pub fn ask(&self, mut request: Request<Body>) -> Answering<S::Future> {
        let (about, answer) = self.receive(&mut request);
        let inner = answer.map_or_else(|| Inner::asked(self.inner.clone().call(request)), Inner::answered);
        self.answering(about, inner)
    }
}

impl<S> Guarded<S> {
    /// Prepares a request, and returns the response if no handler is needed.
    fn receive(&self, request: &mut Request<Body>) -> (About, Option<Response<Body>>) {
        let (middleware, activity) = (&self.middleware, &self.peer.activity);
        let way = middleware.proxies.way(self.peer.address, self.peer.secure, request.headers());
        let id = middleware.ids.of(request.headers());
        let about = About {
            span: log::span(request.method(), request.uri().path(), &id),
            reads: request.method() == Method::GET || request.method() == Method::HEAD,
            shape: Shape::of(request.uri().path()),
            id,
            origin: middleware.cors.allowed(request.headers()),
            secure: way.secure,
            number: activity.begin(),
            began: Began::now(activity),
        };
        let client = ClientAddress::new(way.client).0;
        let answer = about.span.in_scope(|| middleware.answer(request, client, activity));
        if answer.is_none() {
            let (activity, middleware) = (Arc::clone(activity), Arc::clone(middleware));
            request.extensions_mut().insert(Known { client, activity, middleware });
        }
        (about, answer)
    }

    fn answering<F>(&self, about: About, inner: Inner<F>) -> Answering<F> {
        Answering {
            inner,
            about,
            middleware: Arc::clone(&self.middleware),
            activity: Arc::clone(&self.peer.activity),
        }
    }
}

/// The data kept from a request for its response.
struct About {
    span: Span,
    id: HeaderValue,
    /// Whether the request changes nothing.
    reads: bool,
    shape: Shape,
    /// The request's origin, if its pages may read the response.
    origin: Option<HeaderValue>,
    secure: bool,
    began: Began,
    /// Counted by the connection's activity.
    number: u64,
}

/// When a request started: exact to the millisecond if every request is logged, otherwise by the watchdog's time,
/// which is sufficient for slow requests and costs nothing.
enum Began {
    Coarse(u64),
    Exact(Instant),
}

impl Began {
    fn now(activity: &Activity) -> Self {
        if log::is_wanted() { Self::Exact(Instant::now()) } else { Self::Coarse(activity.now_ms()) }
    }

    fn took_ms(&self, activity: &Activity) -> u64 {
        match self {
            Self::Coarse(began) => activity.now_ms().saturating_sub(*began),
            Self::Exact(began) => u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        }
    }
}

impl About {
    /// A handler that timed out: a read has done nothing, anything else may have.
    fn late(&self) -> Response<Body> {
        let problem = if self.reads {
            Problem::overloaded().detail("the request timed out")
        } else {
            Problem::outcome_unknown()
        };
        problem.into_response()
    }

    fn apply_headers(&self, middleware: &Middleware, activity: &Activity, response: &mut Response<Body>) {
        let status = response.status();
        let headers = response.headers_mut();
        security::apply_headers(headers, self.shape, self.secure);
        headers.insert(X_REQUEST_ID, self.id.clone());
        middleware.cors.apply_headers(headers, self.origin.clone());
        middleware.counters.apply_headers(headers, activity.allowance());
        log::ended(status, self.began.took_ms(activity));
    }
}

pin_project! {
    #[project = InnerProjection]
    enum Inner<F> {
        Answered { answer: Option<Response<Body>> },
        Asked { #[pin] future: F },
    }
}

impl<F> Inner<F> {
    fn asked(future: F) -> Self {
        Self::Asked { future }
    }

    fn answered(answer: Response<Body>) -> Self {
        Self::Answered { answer: Some(answer) }
    }
}

pin_project! {
    /// A response being produced.
    pub struct Answering<F> {
        #[pin]
        inner: Inner<F>,
        about: About,
        middleware: Arc<Middleware>,
        activity: Arc<Activity>,
    }
}

impl<F> Future for Answering<F>
where
    F: Future<Output = Result<Response<Body>, Infallible>>,
{
    type Output = Result<Response<Body>, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let _inside = this.about.span.enter();
        let is_late = || this.activity.is_late(this.about.number);
        let mut response = match this.inner.project() {
            InnerProjection::Answered { answer } => {
                answer.take().unwrap_or_else(|| Problem::new(kinds::INTERNAL).into_response())
            }
            InnerProjection::Asked { future } => match future.poll(cx) {
                Poll::Pending if is_late() => this.about.late(),
                polled => {
                    let Ok(response) = ready!(polled);
                    response
                }
            },
        };
        this.about.apply_headers(this.middleware, this.activity, &mut response);
        this.activity.answered();
        Poll::Ready(Ok(response))
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use axum::extract::FromRequestParts as _;
    use http_body_util::BodyExt as _;
    use tower::{ServiceExt as _, service_fn};

    use super::*;
    use crate::middleware::MiddlewareSettings;
    use crate::middleware::activity::CoarseClock;
    use wire::problem::internal;

    fn layer(settings: MiddlewareSettings, activity: Arc<Activity>) -> MiddlewareLayer {
        let peer = Peer { address: Ipv4Addr::LOCALHOST.into(), secure: false, activity };
        MiddlewareLayer { middleware: Arc::new(Middleware::new(settings, 1)), peer }
    }

    /// Responds with the client's address.
    async fn whoami(request: Request<Body>) -> Result<Response<Body>, Infallible> {
        let (mut parts, _) = request.into_parts();
        let ClientAddress(address) = ClientAddress::from_request_parts(&mut parts, &()).await?;
        Ok(address.to_string().into_response())
    }

    async fn client(settings: MiddlewareSettings) -> Vec<u8> {
        let request =
            Request::get("/").header("x-forwarded-for", "6.6.6.6, 198.51.100.7").body(Body::empty());
        let service = layer(settings, Arc::default()).layer(service_fn(whoami));
        let Ok(response) = service.oneshot(request.unwrap()).await;
        response.into_body().collect().await.unwrap().to_bytes().to_vec()
    }

    #[tokio::test]
    async fn a_handler_learns_the_clients_address_from_a_trusted_proxy_only() {
        assert_eq!(client(MiddlewareSettings::default()).await, b"127.0.0.1");
        let trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
        assert_eq!(
            client(MiddlewareSettings { trusted_proxies, ..MiddlewareSettings::default() }).await,
            b"198.51.100.7"
        );
    }

    /// The response to a request whose handler never ends.
    fn late(method: Method) -> u16 {
        let (clock, settings) = (CoarseClock::default(), MiddlewareSettings::default());
        let timeouts = settings.timeouts;
        let activity = Arc::new(Activity::new(&clock));
        let never = |_| std::future::pending::<Result<Response<Body>, Infallible>>();
        let mut service = layer(settings, Arc::clone(&activity)).layer(service_fn(never));
        let request = Request::builder().method(method).body(Body::empty()).unwrap();
        let mut answering = std::pin::pin!(service.call(request));
        let mut nobody = Context::from_waker(std::task::Waker::noop());
        for now_ms in [0, timeouts.request_ms_max] {
            clock.set(now_ms);
            activity.look(&timeouts);
            assert!(answering.as_mut().poll(&mut nobody).is_pending());
        }
        clock.set(timeouts.request_ms_max + 1);
        activity.look(&timeouts);
        match answering.as_mut().poll(&mut nobody) {
            Poll::Ready(Ok(response)) => response.status().as_u16(),
            Poll::Pending => 0,
        }
    }

    #[test]
    fn a_handler_that_does_not_end_is_answered_for() {
        assert_eq!((late(Method::GET), late(Method::POST)), (503, 503));
    }

    /// What is logged for a request whose handler fails, as JSON.
    fn log_of_a_fault() -> Vec<serde_json::Value> {
        let file = tempfile::NamedTempFile::new().unwrap();
        let written = file.reopen().unwrap();
        let subscriber = tracing_subscriber::fmt().json().with_current_span(false);
        let subscriber =
            subscriber.with_max_level(tracing::Level::WARN).with_writer(Arc::new(written)).finish();
        let fails = async |_| Ok::<_, Infallible>(internal(&"the disk is gone").into_response());
        let request = Request::get("/api/v1/bookings/bkg_1?name=Ada").header("x-request-id", "a-1");
        tracing::subscriber::with_default(subscriber, || {
            let service = layer(MiddlewareSettings::default(), Arc::default()).layer(service_fn(fails));
            let answered = service.oneshot(request.body(Body::empty()).unwrap());
            let Ok(response) = futures_util::FutureExt::now_or_never(answered).unwrap();
            assert_eq!(response.status(), 500);
        });
        let text = std::fs::read_to_string(file.path()).unwrap();
        assert!(!text.contains("Ada") && !text.contains("bkg_1"), "{text}");
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn every_line_logged_about_a_request_carries_its_id() {
        crate::middleware::log::know_routes(crate::routes::paths());
        let lines = log_of_a_fault();
        let message = |line: &serde_json::Value| line["fields"]["message"].as_str().unwrap().to_owned();
        assert_eq!(lines.iter().map(message).collect::<Vec<_>>(), ["request failed", "request ended"]);
        for line in lines {
            let span = &line["spans"][0];
            assert_eq!((&span["id"], &span["method"]), (&"a-1".into(), &"GET".into()), "{line}");
            assert_eq!(span["route"], "/api/v1/bookings/{id}", "{line}");
        }
    }
}
