//! The contents of the API, each declared once: requests (the macro in [`declare`]), responses (the macro in
//! [`shape`]) and [problems](problem).
//!
//! The declaration of a request provides its type, its reader, its OpenAPI schema and its example, and everything
//! needed for an HTML form. This crate has no routes, no rules and no SQL. Start with [`requests::auth`] for requests
//! and [`view::auth`] for responses.

mod declare;
pub mod kind;
pub mod problem;
pub mod read;
pub mod reader;
pub mod request;
pub mod requests;
pub mod schema;
pub mod shape;
pub mod view;
