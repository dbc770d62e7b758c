//! An HTTP/1.1 load generator that uses little processor time of the server under test.
//!
//! One request is one exchange on a kept-alive connection: no pipelining, and the whole response is read and judged
//! before the next request is written. A generator thread is one `epoll` loop over plain sockets. In the steady state
//! an exchange costs one `write`, one `read` and a share of one wait, and allocates nothing.
//!
//! It deliberately knows nothing about its requests: a [`Workload`] writes requests and judges responses. It supports
//! no TLS, no HTTP/2 and no open-loop pacing: each connection sends as fast as it is answered.
//!
//! Start with [`Load`] and [`run`].

mod chunked;
mod client;
mod connection;
mod generator;
mod head;
mod histogram;
mod load;
mod malformed;
mod opening;
mod record;
mod response;
mod run;
mod supply;

pub use load::{Load, Stop, Verdict, Workload};
pub use opening::allow_open_files;
pub use record::{Progress, Tally};
pub use run::run;
