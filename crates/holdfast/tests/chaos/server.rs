//! The program as a separate process, which can be killed.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus, Output, Stdio};

use serde_json::Value;
use tempfile::NamedTempFile;

use super::shop::SECRET;

/// The program, with only the given environment.
pub fn holdfast() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_holdfast"));
    for variable in ["DATABASE_URL", "HOLDFAST_ENV", "HOLDFAST_LANES", "HOLDFAST_LOG"] {
        command.env_remove(variable);
    }
    command.env("SECRET_KEY", SECRET).stdin(Stdio::null());
    command
}

/// `holdfast serve` on a free port. It is killed when this is dropped.
pub struct Server {
    pub address: SocketAddr,
    child: Child,
    log: NamedTempFile,
}

impl Server {
    /// Starts it and waits until it listens.
    pub fn start(url: &str) -> Self {
        Self::start_with(url, &[])
    }

    /// The same, with these settings.
    pub fn start_with(url: &str, settings: &[(&str, &str)]) -> Self {
        let log = NamedTempFile::new().unwrap();
        let mut child = holdfast()
            .args(["serve", "--port", "0", "--database", url])
            .envs(settings.iter().copied())
            .stdout(Stdio::piped())
            .stderr(log.reopen().unwrap())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let address = lines.find_map(|line| line.strip_prefix("listening on http://")?.parse().ok());
        let Some(address) = address else {
            let status = child.wait();
            panic!("the server did not start: {status:?}\n{}", read(&log));
        };
        Self { address, child, log }
    }

    /// SIGKILL, and the wait until the process is gone.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM: asks the program to exit, without waiting.
    pub fn ask_to_stop(&self) {
        testkit::ask_to_stop(&self.child);
    }

    pub fn wait(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    pub fn stop(&mut self) {
        self.ask_to_stop();
        let status = self.wait();
        assert!(status.success(), "{status}\n{}", self.log());
    }

    pub fn log(&self) -> String {
        read(&self.log)
    }

    pub fn assert_no_panic(&self) {
        let log = self.log();
        assert!(!log.contains("panicked"), "{log}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read(log: &NamedTempFile) -> String {
    let mut text = String::new();
    log.reopen().unwrap().read_to_string(&mut text).unwrap();
    text
}

/// Recounts a database with `holdfast verify`, which must find no differences, and returns the number of bookings.
pub fn verified_bookings(url: &str) -> usize {
    let output = holdfast().args(["verify", "--json", "--database", url]).output().unwrap();
    let report: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", said(&output)));
    assert!(output.status.success() && report["ok"] == true && report["oversold"] == 0, "{report:#}");
    usize::try_from(report["bookings"].as_u64().unwrap()).unwrap()
}

/// What a program printed on standard error.
pub fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
