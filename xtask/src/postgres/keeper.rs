//! The process that clears up after the server, whatever becomes of us.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Stdio};

use anyhow::{Context, Result};

use super::account::Account;

/// Waits for the end of its input, which comes when we close it and also when we die, be it by Ctrl-C or SIGKILL:
/// one way to stop the server, so that the rare case is the common one.
const SCRIPT: &str = r#"cat >/dev/null; "$1/pg_ctl" stop -s -m immediate -D "$2/data"; rm -rf "$2""#;

pub struct Keeper {
    process: Child,
}

impl Keeper {
    /// In a process group of its own, so that a Ctrl-C meant for us passes it by.
    pub fn watch(account: &Account, binaries: &Path, directory: &Path) -> Result<Self> {
        let process = account
            .command("sh", Path::new("/"))
            .args(["-c", SCRIPT, "keeper"])
            .args([binaries, directory])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .context("cannot start the process that clears up after PostgreSQL")?;
        Ok(Self { process })
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        // Waiting closes the input first. Nothing better than silence is left to do if it fails.
        let _ = self.process.wait();
    }
}
