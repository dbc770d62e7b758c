//! What the API says, each thing declared once: requests (the macro in [`declare`]), answers (the macro in [`shape`]) and
//! [problems](problem).
//!
//! The declaration of a request gives its type, its reader, its OpenAPI schema and its example, and says enough to make an
//! HTML form. Here are no routes, no rules and no SQL. Start at [`requests::auth`] for requests and at [`view::auth`] for
//! answers.

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
