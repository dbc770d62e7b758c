//! A directory of our own with packages of npm.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::steps::run_quietly;
use crate::{packages, project};

/// The versions that are meant. openapi-typescript works with TypeScript 5.
const MANIFEST: &str = r#"{
  "private": true,
  "dependencies": { "openapi-typescript": "7.13.0", "typescript": "5.9.3" }
}
"#;

pub struct Node {
    home: PathBuf,
}

impl Node {
    /// Node and the packages; what is missing is installed, the packages in the target directory.
    pub fn find_or_install() -> Result<Self> {
        if !is_in_search_path("node") || !is_in_search_path("npm") {
            packages::install("Node and npm were", "npm")?;
        }
        let home = project::target_directory().join("node");
        let installed = home.join("installed.json");
        if fs::read_to_string(&installed).is_ok_and(|manifest| manifest == MANIFEST) {
            return Ok(Self { home });
        }
        fs::create_dir_all(&home).with_context(|| format!("cannot create {}", home.display()))?;
        fs::write(home.join("package.json"), MANIFEST)?;
        run_quietly(Command::new("npm").args(["install", "--no-audit", "--no-fund"]).current_dir(&home))?;
        // Written last, so that an installation that was broken off is made again.
        fs::write(installed, MANIFEST)?;
        Ok(Self { home })
    }

    /// One of the packages' programs, such as `typescript/bin/tsc`.
    pub fn command(&self, program: &str, directory: &Path) -> Command {
        let mut command = Command::new("node");
        command.arg(self.home.join("node_modules").join(program)).current_dir(directory);
        command
    }
}

fn is_in_search_path(program: &str) -> bool {
    let search_path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&search_path).any(|directory| directory.join(program).is_file())
}
