//! A separate server process, with its own memory, which can be stopped.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;

use anyhow::Context as _;
use rustix::process::{Pid, Signal, kill_process};
use store::Database;

/// The unit of processor times in Linux (`getconf CLK_TCK`).
const TICKS_PER_SECOND: f64 = 100.0;

/// The load comes from one address with few tokens, and uses its own host name.
const OPEN_TO_LOAD: [&str; 7] = [
    "http.trusted_hosts=holdfast,127.0.0.1",
    "limits.connections=1000000",
    "limits.connections_per_address=1000000",
    "rates.auth=off",
    "rates.write=off",
    "rates.read=off",
    "rates.anonymous=off",
];

pub struct Server {
    pub address: SocketAddr,
    child: Mutex<Child>,
}

impl Server {
    /// Starts `holdfast serve` on a free port and waits until it listens.
    pub fn start(database: &Database, lanes: usize) -> anyhow::Result<Self> {
        let url = match database {
            Database::Sqlite(path) => format!("sqlite:{}", path.display()),
            Database::Postgres(url) => url.clone(),
        };
        let program = std::env::current_exe().context("cannot find this executable")?;
        let mut child = Command::new(program)
            .args(["serve", "--port", "0", "--lanes", &lanes.to_string()])
            .args(OPEN_TO_LOAD.iter().flat_map(|setting| ["--set", setting]))
            .env("DATABASE_URL", url)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start a server")?;
        let output = BufReader::new(child.stdout.take().context("the server has no output")?);
        let address = output
            .lines()
            .map_while(Result::ok)
            .find_map(|line| line.strip_prefix("listening on http://")?.parse().ok());
        if let Some(address) = address {
            return Ok(Self { address, child: Mutex::new(child) });
        }
        anyhow::bail!("the server did not start: {}", child.wait()?)
    }

    /// The server's peak memory, in KiB.
    pub fn peak_rss_kib(&self) -> Option<u64> {
        let id = self.child.lock().ok()?.id();
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        line.split_whitespace().next()?.parse().ok()
    }

    /// The server's processor time, in seconds: the cost of the requests, independent of other load.
    pub fn cpu_seconds(&self) -> Option<f64> {
        let id = self.child.lock().ok()?.id();
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        let fields = stat.rsplit_once(')')?.1;
        let ticks: Vec<f64> =
            fields.split_whitespace().skip(11).take(2).filter_map(|field| field.parse().ok()).collect();
        Some(ticks.iter().sum::<f64>() / TICKS_PER_SECOND)
    }

    /// Stops the server and waits until it has exited.
    pub fn stop(&self) -> anyhow::Result<()> {
        let mut child = self.child.lock().map_err(|_| anyhow::anyhow!("a thread panicked"))?;
        if kill_process(Pid::from_child(&child), Signal::TERM).is_err() {
            child.kill()?;
        }
        child.wait()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Ok(mut child) = self.child.lock() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::OPEN_TO_LOAD;
    use crate::settings::table::ALL;

    #[test]
    fn what_opens_a_server_to_load_are_settings() {
        for setting in OPEN_TO_LOAD {
            let key = setting.split('=').next().unwrap();
            assert!(ALL.iter().any(|known| known.key == key), "{key}");
        }
    }
}
