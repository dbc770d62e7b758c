//! A PostgreSQL server of a test's own, for what must not happen to the one that all tests share.

use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use store::Database;
use tempfile::TempDir;
use testkit::skipped;

const BINARIES: &str = "HOLDFAST_TEST_POSTGRES_BIN";
/// Whom the server runs as; empty where it may be us.
const USER: &str = "HOLDFAST_TEST_POSTGRES_USER";

/// Stopped when it is dropped.
pub struct OwnServer {
    binaries: PathBuf,
    account: Option<(u32, u32)>,
    directory: TempDir,
    port: u16,
    settings: String,
}

impl OwnServer {
    /// Starts a server with these settings; where its programs are not known, says that the test is skipped.
    pub fn start(settings: &[&str]) -> Option<Self> {
        let (Some(binaries), Ok(user)) = (std::env::var_os(BINARIES), std::env::var(USER)) else {
            skipped("HOLDFAST_TEST_POSTGRES_BIN names no programs; `cargo xtask test` does");
            return None;
        };
        let account = (!user.is_empty()).then(|| (number_of("-u", &user), number_of("-g", &user)));
        let directory = tempfile::Builder::new().prefix("holdfast-server-").tempdir().unwrap();
        if let Some((user, group)) = account {
            chown(directory.path(), Some(user), Some(group)).unwrap();
        }
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let settings = settings.iter().flat_map(|setting| [" -c ", setting]).collect();
        let server = Self { binaries: binaries.into(), account, directory, port, settings };
        server.run(
            "initdb",
            &["-A", "trust", "-U", "holdfast", "-E", "UTF8", "--locale=C", "--no-sync", "-D", "data"],
        );
        server.start_again();
        Some(server)
    }

    pub fn database(&self) -> Database {
        Database::Postgres(format!("postgres://holdfast@127.0.0.1:{}/postgres", self.port))
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

    fn run(&self, program: &str, arguments: &[&str]) {
        let mut command = Command::new(self.binaries.join(program));
        command.args(arguments).current_dir(self.directory.path());
        if let Some((user, group)) = self.account {
            command.uid(user).gid(group);
        }
        // Not pipes of ours: the server would inherit them and hold them open.
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        assert!(command.status().unwrap().success(), "{program} {arguments:?}");
    }
}

impl Drop for OwnServer {
    fn drop(&mut self) {
        if self.directory.path().join("data").join("postmaster.pid").exists() {
            self.stop();
        }
    }
}

fn number_of(which: &str, user: &str) -> u32 {
    let told = Command::new("id").args([which, user]).output().unwrap();
    String::from_utf8_lossy(&told.stdout).trim().parse().unwrap()
}
