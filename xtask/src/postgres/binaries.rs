//! Finding the programs of the `postgres` server, and installing them where they are missing and we may.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::packages;

const PROGRAMS: [&str; 3] = ["initdb", "pg_ctl", "postgres"];
/// Debian keeps each version in a directory of its own, outside the search path.
const DEBIAN: &str = "/usr/lib/postgresql";

#[derive(Debug)]
pub struct Binaries {
    directory: PathBuf,
}

impl Binaries {
    pub fn find_or_install() -> Result<Self> {
        if let Some(found) = Self::find() {
            return Ok(found);
        }
        packages::install(&format!("PostgreSQL's {} were", PROGRAMS.join(", ")), "postgresql")?;
        let Some(found) = Self::find() else {
            bail!("PostgreSQL was installed, but {} are not where they are looked for", PROGRAMS.join(", "))
        };
        Ok(found)
    }

    pub fn directory(&self) -> &Path {
        &self.directory
    }

    fn find() -> Option<Self> {
        let search_path = env::var_os("PATH").unwrap_or_default();
        let directory = env::split_paths(&search_path)
            .filter_map(|directory| home_of(&directory))
            .chain(versions_newest_first(Path::new(DEBIAN)))
            .find(|directory| holds_all(directory))?;
        Some(Self { directory })
    }
}

/// Where the programs really are: a link in the search path stands for the directory it points to.
fn home_of(directory: &Path) -> Option<PathBuf> {
    let program = directory.join("initdb").canonicalize().ok()?;
    program.parent().map(Path::to_path_buf)
}

fn holds_all(directory: &Path) -> bool {
    PROGRAMS.iter().all(|program| directory.join(program).is_file())
}

fn versions_newest_first(parent: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(parent) else { return Vec::new() };
    let mut versions: Vec<u32> =
        entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
    versions.sort_unstable_by(|one, other| other.cmp(one));
    versions.into_iter().map(|version| parent.join(version.to_string()).join("bin")).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{holds_all, versions_newest_first};

    #[test]
    fn the_newest_version_comes_first() {
        let parent = tempfile::tempdir().unwrap();
        for version in ["9", "15", "17", "readme"] {
            fs::create_dir(parent.path().join(version)).unwrap();
        }
        let found = versions_newest_first(parent.path());
        assert_eq!(found, ["17", "15", "9"].map(|version| parent.path().join(version).join("bin")));
    }

    #[test]
    fn a_client_alone_is_not_enough() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("pg_ctl"), "").unwrap();
        assert!(!holds_all(directory.path()));
    }
}
