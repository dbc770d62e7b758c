//! JSON over HTTP under `/api/v1`: requests read into commands, answers written down, refusals told as problems.
//!
//! What is deliberately absent: rules and SQL. A handler extracts, calls one use case and shows the outcome. Start at
//! [`router::router`].

mod caller;
pub mod client;
mod form;
mod idempotency;
pub mod middleware;
mod openapi;
mod route;
pub mod router;
pub mod routes;
pub mod server;
pub mod tls;
mod view;

pub use openapi::document as openapi_document;
pub use wire::view::booking::JsonRender;
