//! A Redis server of our own: found or installed, started fresh, gone afterwards.

mod binaries;
mod server;

pub use binaries::Binaries;
pub use server::Server;
