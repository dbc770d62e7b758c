//! The edges over real sockets: bytes in, bytes out. Nothing here needs what is for sale, so one SQLite file will do.

mod patience;
mod quotas;
mod requests;
mod tls;
mod wire;
