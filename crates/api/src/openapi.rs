//! The OpenAPI document and the page that shows it.

use std::sync::Arc;

use app::App;
use axum::Router;

/// The document as JSON.
pub fn document() -> String {
    String::new()
}

pub fn routes() -> Router<Arc<App>> {
    Router::new()
}
