//! A separate PostgreSQL server for one test, for what must not happen to the shared one.

use std::fs::{self, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use rustix::process::Pid;
use store::Database;
use tempfile::TempDir;

use crate::process::{Frozen, children_of};
use crate::unavailable;

const BINARIES: &str = "HOLDFAST_TEST_POSTGRES_BIN";
/// The user that the server runs as; empty if it can be the current user.
const USER: &str = "HOLDFAST_TEST_POSTGRES_USER";

/// Stopped when it is dropped.
#[derive(Debug)]
pub struct OwnServer {
    binaries: PathBuf,
    account: Option<(u32, u32)>,
    directory: TempDir,
    port: u16,
    settings: String,
}

impl OwnServer {
    /// Starts a server with these settings. Without its programs, reports that the test is skipped.
    pub fn start(settings: &[&str]) -> Option<Self> {
        Self::start_with(settings, &[])
    }

    /// The same, with additional files in its directory, which only the server can read.
    pub fn start_with(settings: &[&str], files: &[(&str, String)]) -> Option<Self> {
        let (Some(binaries), Ok(user)) = (std::env::var_os(BINARIES), std::env::var(USER)) else {
            unavailable("HOLDFAST_TEST_POSTGRES_BIN names no programs; `cargo xtask test` does");
            return None;
        };
        let account = (!user.is_empty()).then(|| (number_of("-u", &user), number_of("-g", &user)));
        let directory = tempfile::Builder::new().prefix("holdfast-server-").tempdir();
        let directory = directory.expect("the system has a directory for temporary files");
        if let Some((user, group)) = account {
            chown(directory.path(), Some(user), Some(group))
                .expect("who may change accounts may give files away");
        }
        let settings = settings.iter().flat_map(|setting| [" -c ", setting]).collect();
        let server = Self { binaries: binaries.into(), account, directory, port: free_port(), settings };
        server.run(
            "initdb",
            &["-A", "trust", "-U", "holdfast", "-E", "UTF8", "--locale=C", "--no-sync", "-D", "data"],
        );
        for (name, content) in files {
            server.put(name, content);
        }
        server.start_again();
        Some(server)
    }

    fn put(&self, name: &str, content: &str) {
        let path = self.directory.path().join("data").join(name);
        let written = fs::write(&path, content)
            .and_then(|()| fs::set_permissions(&path, Permissions::from_mode(0o600)));
        written.expect("the server's directory can be written to");
        if let Some((user, group)) = self.account {
            chown(&path, Some(user), Some(group)).expect("who may change accounts may give files away");
        }
    }

    pub fn database(&self) -> Database {
        Database::Postgres(self.url())
    }

    pub fn url(&self) -> String {
        format!("postgres://holdfast@127.0.0.1:{}/postgres", self.port)
    }

    pub fn start_again(&self) {
        let sockets = self.directory.path().display();
        let options = format!(
            "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories='{sockets}'{}",
            self.port, self.settings
        );
        self.run("pg_ctl", &["start", "-s", "-w", "-D", "data", "-l", "log", "-o", &options]);
    }

    pub fn stop(&self) {
        self.run("pg_ctl", &["stop", "-s", "-w", "-m", "immediate", "-D", "data"]);
    }

    /// Suspends all its processes until the returned value is dropped: connections stay open, the system accepts new
    /// ones, and nothing responds.
    pub fn freeze(&self) -> Frozen {
        let pid_file = fs::read_to_string(self.pid_file()).expect("the server runs");
        let number = pid_file.lines().next().and_then(|line| line.trim().parse().ok());
        let postmaster = number.and_then(Pid::from_raw).expect("a server's file begins with its number");
        // The postmaster first, so that it starts no further processes.
        let mut frozen = Frozen::freeze(vec![postmaster]);
        frozen.freeze_too(children_of(postmaster));
        frozen
    }

    fn pid_file(&self) -> PathBuf {
        self.directory.path().join("data").join("postmaster.pid")
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let mut command = Command::new(self.binaries.join(program));
        command.args(arguments).current_dir(self.directory.path());
        if let Some((user, group)) = self.account {
            command.uid(user).gid(group);
        }
        // Not our pipes: the server would inherit them and keep them open.
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let done = command.status().is_ok_and(|status| status.success());
        assert!(done, "{program} {arguments:?} failed");
    }
}

impl Drop for OwnServer {
    fn drop(&mut self) {
        if self.pid_file().exists() {
            self.stop();
        }
    }
}

pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr());
    listener.expect("the system has a free port").port()
}

fn number_of(which: &str, user: &str) -> u32 {
    let told = Command::new("id").args([which, user]).output().expect("the system has the program `id`");
    String::from_utf8_lossy(&told.stdout).trim().parse().expect("the account of the tests' server exists")
}
