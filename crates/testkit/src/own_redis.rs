//! A separate Redis server for one test, which can be killed.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tempfile::TempDir;

use crate::own_server::free_port;
use crate::process::{Frozen, process_of};
use crate::unavailable;

const BINARIES: &str = "HOLDFAST_TEST_REDIS_BIN";
/// Another process may take the port after it was chosen and before the server opens it.
const START_ATTEMPTS_MAX: usize = 3;
const READY: &str = "Ready to accept connections";

/// Stores nothing on disk, so that a kill loses everything. Killed when it is dropped.
#[derive(Debug)]
pub struct OwnRedis {
    program: PathBuf,
    directory: TempDir,
    port: u16,
    settings: Vec<String>,
    process: Mutex<Option<Child>>,
}

impl OwnRedis {
    /// Starts a server with these additional settings, as on its command line. Without its program, reports that the
    /// test is skipped.
    pub fn start(settings: &[&str]) -> Option<Self> {
        let mut server = Self::stopped(settings)?;
        let started = (0..START_ATTEMPTS_MAX).any(|_| {
            server.port = free_port();
            server.try_start()
        });
        assert!(started, "redis-server {settings:?} does not start");
        Some(server)
    }

    /// A server that has a port but is not running.
    pub fn stopped(settings: &[&str]) -> Option<Self> {
        let Some(binaries) = std::env::var_os(BINARIES) else {
            unavailable("HOLDFAST_TEST_REDIS_BIN names no program; `cargo xtask test` does");
            return None;
        };
        let directory = tempfile::Builder::new().prefix("holdfast-redis-").tempdir();
        Some(Self {
            program: PathBuf::from(binaries).join("redis-server"),
            directory: directory.expect("the system has a directory for temporary files"),
            port: free_port(),
            settings: settings.iter().map(ToString::to_string).collect(),
            process: Mutex::default(),
        })
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns when connections are accepted.
    pub fn start_again(&self) {
        assert!(self.try_start(), "redis-server does not start on its port");
    }

    pub fn kill(&self) {
        if let Some(mut process) = self.process().take() {
            // A server that has already exited is also stopped.
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    /// Suspends it until the returned value is dropped: connections stay open, the system accepts new ones, and
    /// nothing responds.
    pub fn freeze(&self) -> Frozen {
        let process = self.process().as_ref().map(process_of);
        Frozen::freeze(vec![process.expect("the server runs")])
    }

    fn try_start(&self) -> bool {
        let mut command = Command::new(&self.program);
        command.args(["--bind", "127.0.0.1", "--port", &self.port.to_string(), "--daemonize", "no"]);
        command.args(["--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction", "--dir"]);
        command.arg(self.directory.path()).args(&self.settings);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().expect("HOLDFAST_TEST_REDIS_BIN holds redis-server");
        let output = process.stdout.take().expect("the output was asked for");
        let ready = BufReader::new(output).lines().map_while(Result::ok).any(|line| line.contains(READY));
        *self.process() = Some(process);
        if !ready {
            self.kill();
        }
        ready
    }

    fn process(&self) -> MutexGuard<'_, Option<Child>> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for OwnRedis {
    fn drop(&mut self) {
        self.kill();
    }
}
