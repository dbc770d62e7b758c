//! Disasters: the process killed, the database stopped, frozen, locked, full or cut off in the middle of a commit, more
//! buyers than can be served. Whatever happens, what was answered is true, what was not is told by its key, and the
//! server goes on by itself when the disaster is over.
//!
//! Start at [`kill`]. [`crowd`] is the load, [`settle`] the account afterwards, [`shop`] what is for sale.

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
