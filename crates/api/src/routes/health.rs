//! Health, metrics, and the documentation of problems.

use std::sync::Arc;

use app::App;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use wire::problem::Problem;
use wire::problem::kinds::{self, Kind};
use wire::view::answers::{Health, ProblemKind};

use super::extract::{Segment, json};
use crate::route::{READ, Route};

pub fn all() -> Vec<Route> {
    vec![
        Route::get("/health", health)
            .named("getHealth", "Server", "Check the server's health")
            .gives::<Health>(200, "The server is healthy.")
            .refuses(READ),
        Route::get("/metrics", metrics)
            .named("getMetrics", "Server", "Retrieve metrics for Prometheus")
            .gives_text(200, "Metrics."),
        Route::get("/problems/{kind}", problem_kind)
            .named("getProblem", "Server", "Retrieve a problem's documentation")
            .segment("kind", "The last segment of a problem's `type`.", "unavailable")
            .gives::<ProblemKind>(200, "The problem's documentation.")
            .refuses(&[kinds::NOT_FOUND]),
    ]
}

pub async fn health(State(app): State<Arc<App>>) -> Result<Response, Problem> {
    app::health::check(&app).await?;
    Ok(json(StatusCode::OK, &Health { status: "ok", version: env!("CARGO_PKG_VERSION") }))
}

pub async fn metrics(State(app): State<Arc<App>>) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], app.metrics.text()).into_response()
}

async fn problem_kind(Segment(kind): Segment) -> Result<Response, Problem> {
    let kind: &Kind = Kind::find(&kind).ok_or_else(|| Problem::not_found("kind of problem"))?;
    Ok(json(StatusCode::OK, &ProblemKind::from(kind)))
}
