//! Finding the program `redis-server`, and installing it where it is missing and we may.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::packages;

const PROGRAM: &str = "redis-server";

#[derive(Debug)]
pub struct Binaries {
    directory: PathBuf,
}

impl Binaries {
    pub fn find_or_install() -> Result<Self> {
        if let Some(found) = Self::find() {
            return Ok(found);
        }
        packages::install("redis-server was", PROGRAM)?;
        // The package starts one for everybody on the machine.
        packages::stop_service(PROGRAM)?;
        let Some(found) = Self::find() else {
            bail!("Redis was installed, but {PROGRAM} is not in the search path")
        };
        Ok(found)
    }

    pub fn directory(&self) -> &Path {
        &self.directory
    }

    pub fn program(&self) -> PathBuf {
        self.directory.join(PROGRAM)
    }

    fn find() -> Option<Self> {
        let search_path = env::var_os("PATH").unwrap_or_default();
        let directory = env::split_paths(&search_path).find(|directory| directory.join(PROGRAM).is_file())?;
        Some(Self { directory })
    }
}
