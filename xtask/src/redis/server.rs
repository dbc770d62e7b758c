//! The server itself: with nothing in it, in a temporary directory, on a port nobody has.

use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};

use super::binaries::Binaries;
use crate::kept::Kept;
use crate::port::free_port;

/// Another process may take the port after it was chosen and before the server opens it.
const START_ATTEMPTS_MAX: usize = 3;
/// What the server says when it does.
const READY: &str = "Ready to accept connections";

/// Runs until it is dropped; its directory goes with it.
pub struct Server {
    binaries: Binaries,
    port: u16,
    /// Held for its drop.
    _process: Kept,
}

impl Server {
    pub fn start(binaries: Binaries) -> Result<Self> {
        let directory = tempfile::Builder::new().prefix("holdfast-redis-").tempdir()?;
        let mut outcome = launch(&binaries, directory.path());
        for _ in 1..START_ATTEMPTS_MAX {
            if outcome.is_err() {
                outcome = launch(&binaries, directory.path());
            }
        }
        let (port, process) = outcome?;
        let process = Kept::new(process, &directory.keep())?;
        Ok(Self { binaries, port, _process: process })
    }

    /// What tests look for. The programs are named for those tests that start a server of their own.
    pub fn environment(&self) -> Vec<(&'static str, OsString)> {
        vec![
            ("HOLDFAST_TEST_REDIS", format!("redis://127.0.0.1:{}", self.port).into()),
            ("HOLDFAST_TEST_REDIS_BIN", self.binaries.directory().into()),
        ]
    }
}

/// A port and the server that accepts connections there.
fn launch(binaries: &Binaries, directory: &Path) -> Result<(u16, Child)> {
    let port = free_port()?;
    let mut command = Command::new(binaries.program());
    command.args(["--bind", "127.0.0.1", "--port", &port.to_string(), "--daemonize", "no"]);
    command.args(["--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction", "--dir"]);
    command.arg(directory).stdin(Stdio::null()).stdout(Stdio::piped()).process_group(0);
    let mut process = command.spawn().context("cannot start redis-server")?;
    let output = process.stdout.take().context("the output was asked for")?;
    let mut told = String::new();
    for line in BufReader::new(output).lines().map_while(Result::ok) {
        if line.contains(READY) {
            return Ok((port, process));
        }
        told.push_str(&line);
        told.push('\n');
    }
    let _ = process.wait();
    bail!("Redis did not start; it said:\n{told}")
}
