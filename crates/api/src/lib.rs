//! JSON over HTTP under `/api/v1`: reads requests into commands and writes responses and problems.
//!
//! Deliberately absent: rules and SQL. A handler extracts, calls one use case and returns the result. Start with
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
