//! A Python of the tests' own, with the servers that they talk to.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::project;
use crate::steps::run_quietly;

/// The mail server of the tests.
const PACKAGES: [&str; 1] = ["aiosmtpd==1.4.6"];
const MODULES: &str = "import aiosmtpd.smtp";
/// Where tests look for it.
pub const VARIABLE: &str = "HOLDFAST_TEST_AIOSMTPD";

/// The Python, made in the target directory where it is not there yet. `None` where that cannot be done: the tests that
/// need it say that they are skipped, and are counted.
pub fn find_or_install() -> Option<PathBuf> {
    let home = project::target_directory().join("python");
    let python = home.join("bin").join("python");
    if has_modules(&python) {
        return Some(python);
    }
    match install(&home, &python) {
        Ok(()) => Some(python),
        Err(error) => {
            eprintln!("tests with a mail server will be skipped: {error:#}");
            None
        }
    }
}

fn install(home: &Path, python: &Path) -> Result<()> {
    run_quietly(Command::new("python3").args(["-m", "venv"]).arg(home))?;
    run_quietly(Command::new(python).args(["-m", "pip", "install", "--quiet"]).args(PACKAGES))?;
    Ok(())
}

fn has_modules(python: &Path) -> bool {
    Command::new(python).args(["-c", MODULES]).output().is_ok_and(|output| output.status.success())
}
