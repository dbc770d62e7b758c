//! The middleware over real sockets. Nothing here depends on the catalogue, so SQLite is sufficient.

mod quotas;
mod requests;
mod timeouts;
mod tls;
mod wire;
