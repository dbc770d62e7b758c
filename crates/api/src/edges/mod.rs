//! The edges: what stands between the network and a handler, one concern a file. What is deliberately absent: who calls
//! and what they may (that is `caller` and the use cases).

pub mod host;
pub mod network;
pub mod origin;
pub mod proxies;
pub mod rate;
