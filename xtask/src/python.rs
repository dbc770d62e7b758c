//! A Python of the tests' own, with the programs that they need of it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::project;
use crate::steps::run_quietly;

/// A package of the Python index, in the version that is meant.
pub struct Package {
    name: &'static str,
    version: &'static str,
}

/// The mail server of the tests.
pub const MAIL_SERVER: Package = Package { name: "aiosmtpd", version: "1.4.6" };
/// What makes requests out of the OpenAPI document.
pub const FUZZER: Package = Package { name: "schemathesis", version: "4.32.5" };
/// Where tests look for the Python with the mail server.
pub const VARIABLE: &str = "HOLDFAST_TEST_AIOSMTPD";

const HAS: &str = "import sys, importlib.metadata as m; sys.exit(m.version(sys.argv[1]) != sys.argv[2])";

impl Package {
    /// A Python that has it, made in the target directory where it is not there yet.
    pub fn find_or_install(&self) -> Result<PathBuf> {
        let home = project::target_directory().join("python");
        let python = home.join("bin").join("python");
        if !self.is_in(&python) {
            self.install(&home, &python)?;
        }
        Ok(python)
    }

    /// As [`Package::find_or_install`], where what needs it can be left out, but not without a word.
    pub fn find_or_tell(&self, left_out: &str) -> Option<PathBuf> {
        self.find_or_install().map_err(|error| eprintln!("{left_out}: {error:#}")).ok()
    }

    fn install(&self, home: &Path, python: &Path) -> Result<()> {
        if !python.exists() {
            run_quietly(Command::new("python3").args(["-m", "venv"]).arg(home))?;
        }
        let exactly = format!("{}=={}", self.name, self.version);
        run_quietly(Command::new(python).args(["-m", "pip", "install", "--quiet", &exactly])).map(drop)
    }

    fn is_in(&self, python: &Path) -> bool {
        let asked = Command::new(python).args(["-c", HAS, self.name, self.version]).output();
        asked.is_ok_and(|output| output.status.success())
    }
}
