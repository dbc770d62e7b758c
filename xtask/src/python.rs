//! A Python of the tests' own, with the programs that they need of it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::packages;
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
/// What generates a client from the OpenAPI document.
pub const CLIENT_GENERATOR: Package = Package { name: "openapi-python-client", version: "0.29.1" };
pub const TYPE_CHECKER: Package = Package { name: "mypy", version: "2.4.1" };
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

    fn install(&self, home: &Path, python: &Path) -> Result<()> {
        // A Python without its installer is left behind where the distribution splits the two.
        if !home.join("bin").join("pip").exists() && make_home(home).is_err() {
            packages::install("Python and its `venv` were", "python3-venv")?;
            make_home(home)?;
        }
        let exactly = format!("{}=={}", self.name, self.version);
        run_quietly(Command::new(python).args(["-m", "pip", "install", "--quiet", &exactly])).map(drop)
    }

    fn is_in(&self, python: &Path) -> bool {
        let asked = Command::new(python).args(["-c", HAS, self.name, self.version]).output();
        asked.is_ok_and(|output| output.status.success())
    }
}

fn make_home(home: &Path) -> Result<()> {
    run_quietly(Command::new("python3").args(["-m", "venv", "--clear"]).arg(home)).map(drop)
}
