//! Commands decided against a working set.

mod deferred;
mod holds;
mod orders;
mod recipes;
mod release;
mod sale;
mod seats;
mod telling;
mod transitions;
mod update;
