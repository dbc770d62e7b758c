//! The router: every documented route, the pages of the documentation, and the responses for other requests.

use std::sync::Arc;

use app::App;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::response::{IntoResponse as _, Response};
use tower_http::catch_panic::CatchPanicLayer;
use wire::problem::{Problem, internal, kinds};

use crate::middleware::{BodyLimits, log};
use crate::openapi;
use crate::routes::{self, dev_inbox};

/// Every route of the server, with the usual limits.
pub fn router(app: Arc<App>) -> Router {
    limited_router(app, &BodyLimits::default())
}

/// Every route of the server.
pub fn limited_router(app: Arc<App>, limits: &BodyLimits) -> Router {
    log::know_routes(routes::paths());
    routes::all()
        .into_iter()
        .fold(Router::new(), |router, route| router.route(route.path, route.handler))
        .layer(DefaultBodyLimit::max(limits.bytes_max))
        .merge(openapi::pages())
        .merge(dev_inbox::routes())
        .fallback(|| async { Problem::not_found("page") })
        .method_not_allowed_fallback(|| async { Problem::new(kinds::METHOD_NOT_ALLOWED) })
        .layer(CatchPanicLayer::custom(panicked))
        .with_state(app)
}

/// A panic is a fault of the server, answered like any other.
fn panicked(_: Box<dyn std::any::Any + Send + 'static>) -> Response {
    internal(&"a handler panicked").into_response()
}
