//! A process of ours that ends when we do, however we end.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};

/// Waits for the end of its input, which comes when we close it and also when we die, and only then ends the process.
const KEEPER: &str = r#"cat >/dev/null; kill -9 "$1"; rm -rf "$2""#;

/// Runs until it is dropped.
pub struct Kept {
    process: Child,
    keeper: Child,
}

impl Kept {
    /// The directory goes with the process. The keeper has a process group of its own, so that a Ctrl-C meant for us
    /// passes it by; the process should have one, too.
    pub fn new(process: Child, directory: &Path) -> Result<Self> {
        let mut keeper = Command::new("sh");
        keeper.args(["-c", KEEPER, "keeper", &process.id().to_string()]).arg(directory);
        keeper.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        let keeper = keeper.spawn().context("cannot start the process that clears up after a server")?;
        Ok(Self { process, keeper })
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        // Waiting closes the keeper's input first, and the process's number is its own until it was waited for. Nothing
        // better than silence is left to do if one of them fails.
        let _ = self.keeper.wait();
        let _ = self.process.wait();
    }
}
