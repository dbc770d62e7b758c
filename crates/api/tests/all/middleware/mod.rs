//! The middleware over real sockets: bytes in, bytes out. Nothing here needs what is for sale, so one SQLite file will do.

mod quotas;
mod requests;
mod timeouts;
mod tls;
mod wire;
