//! A `postgres` server of our own: found or installed, started fresh, gone afterwards.

mod account;
mod binaries;
mod keeper;
mod server;

use std::process::ExitCode;

use anyhow::{Result, bail};

pub use binaries::Binaries;
pub use server::Server;

use crate::steps::{run_with, step};

/// `cargo xtask postgres -- COMMAND…`; the exit code is the command's.
pub fn run(arguments: &[String]) -> Result<ExitCode> {
    let words = arguments.strip_prefix(&["--".to_owned()]).unwrap_or(arguments);
    let Some((program, rest)) = words.split_first() else {
        bail!("usage: cargo xtask postgres -- COMMAND…")
    };
    let binaries = step("PostgreSQL: find", Binaries::find_or_install)?;
    let server = step("PostgreSQL: start", || Server::start(binaries))?;
    run_with(program, rest, server.environment())
}
