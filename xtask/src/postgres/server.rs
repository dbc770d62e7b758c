//! The server itself: a fresh cluster in a temporary directory, on a port nobody has.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use super::account::Account;
use super::binaries::Binaries;
use super::keeper::Keeper;
use crate::port::free_port;
use crate::project;
use crate::steps::{run, run_quietly};

const START_TIMEOUT_SECONDS: &str = "30";
/// Another process may take the port after it was chosen and before the server opens it.
const START_ATTEMPTS_MAX: usize = 3;

/// As durable as in production, because the tests and measurements are about commits that last.
const SETTINGS: [&str; 7] = [
    "listen_addresses=127.0.0.1",
    "fsync=on",
    "synchronous_commit=on",
    "max_connections=400",
    "shared_buffers=2GB",
    "max_wal_size=4GB",
    // A server that has run for a while has log files to write into again; zeroing new ones is no part of selling.
    "min_wal_size=2GB",
];

/// Runs until it is dropped; its directory goes with it.
pub struct Server {
    binaries: Binaries,
    account: Account,
    directory: PathBuf,
    port: u16,
    /// Held for its drop.
    _keeper: Keeper,
}

impl Server {
    pub fn start(binaries: Binaries) -> Result<Self> {
        let account = Account::choose()?;
        let temporary = tempfile::Builder::new().prefix("holdfast-postgres-").tempdir()?;
        account.give(temporary.path())?;
        let keeper = Keeper::watch(&account, binaries.directory(), temporary.path())?;
        let directory = temporary.keep();
        let mut server = Self { binaries, account, directory, port: 0, _keeper: keeper };
        server.create_cluster()?;
        server.launch_on_free_port()?;
        Ok(server)
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://holdfast@127.0.0.1:{}/{database}", self.port)
    }

    /// A database of this name with nothing in it, whatever it held.
    pub fn empty_database(&self, name: &str) -> Result<String> {
        run_quietly(self.client("dropdb").args(["--if-exists", "--force", name]))?;
        run_quietly(self.client("createdb").arg(name))?;
        Ok(self.url(name))
    }

    /// What tests look for. The programs and the user are named for those tests that start a server of their own.
    pub fn environment(&self) -> Vec<(&'static str, OsString)> {
        let mut variables = vec![
            ("HOLDFAST_TEST_POSTGRES", self.url("postgres").into()),
            ("HOLDFAST_TEST_POSTGRES_BIN", self.binaries.directory().into()),
            ("HOLDFAST_TEST_POSTGRES_USER", self.account.name().into()),
        ];
        variables.extend(project::sample_data().map(|data| ("HOLDFAST_TEST_DATA", data.into())));
        variables
    }

    fn create_cluster(&self) -> Result<()> {
        let mut initdb = self.account.command(self.program("initdb"), &self.directory);
        initdb.args(["-A", "trust", "-U", "holdfast", "-E", "UTF8", "--locale=C", "--no-sync", "-D", "data"]);
        run_quietly(&mut initdb).map(drop)
    }

    fn launch_on_free_port(&mut self) -> Result<()> {
        let mut outcome = Ok(());
        for _ in 0..START_ATTEMPTS_MAX {
            self.port = free_port()?;
            outcome = self.launch();
            if outcome.is_ok() {
                break;
            }
        }
        outcome.with_context(|| self.log())
    }

    /// `pg_ctl` returns once connections are accepted, so nobody has to poll. Its output must not be a pipe of ours:
    /// the server would inherit it and hold it open.
    fn launch(&self) -> Result<()> {
        let mut start = self.account.command(self.program("pg_ctl"), &self.directory);
        start.args(["start", "-s", "-w", "-t", START_TIMEOUT_SECONDS, "-D", "data", "-l", "log"]);
        start.args(["-o", &options(self.port, &self.directory)]);
        run(start.stdin(Stdio::null()).stdout(Stdio::null()))
    }

    fn log(&self) -> String {
        let log = fs::read_to_string(self.directory.join("log")).unwrap_or_default();
        format!("PostgreSQL did not start; its log:\n{log}")
    }

    fn client(&self, program: &str) -> Command {
        let mut command = self.account.command(self.program(program), &self.directory);
        command.args(["-h", "127.0.0.1", "-U", "holdfast", "-p", &self.port.to_string()]);
        command
    }

    fn program(&self, name: &str) -> PathBuf {
        self.binaries.directory().join(name)
    }
}

/// One string, which `pg_ctl` hands to a shell.
fn options(port: u16, socket_directory: &Path) -> String {
    let settings: Vec<String> = SETTINGS.iter().map(|setting| format!("-c {setting}")).collect();
    format!("-p {port} -c unix_socket_directories='{}' {}", socket_directory.display(), settings.join(" "))
}
