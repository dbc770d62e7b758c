//! Whether the server can serve, and what it counts.

use std::sync::Arc;

use app::App;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::json;
use crate::problem::Problem;
use crate::view::answers::Health;

pub async fn health(State(app): State<Arc<App>>) -> Result<Response, Problem> {
    app::health::check(&app).await?;
    Ok(json(StatusCode::OK, &Health { status: "ok", version: env!("CARGO_PKG_VERSION") }))
}

pub async fn metrics(State(app): State<Arc<App>>) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], app.metrics.text()).into_response()
}
