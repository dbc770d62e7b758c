//! Fault tests: the process is killed, the database is stopped, frozen, locked, full or disconnected during a commit,
//! or the server is overloaded. In each case confirmed responses are true, keys reveal the outcome of the others, and
//! the server recovers by itself.
//!
//! Start with [`kill`]. [`crowd`] is the load, [`settle`] the check afterwards, [`shop`] the catalogue.

mod audit;
mod commit_cut;
mod crowd;
mod disk;
mod house;
mod http;
mod kill;
mod large;
mod messages;
mod overload;
mod postgres;
mod processes;
mod redis;
mod rotation;
mod server;
mod settle;
mod shop;
