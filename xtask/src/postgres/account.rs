//! The operating system's user the server runs as: `postgres` refuses to run as root, as one is in many containers.

use std::ffi::OsStr;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::user::{is_root, number_from_id};

/// In order of preference, where we are root.
const SUBSTITUTES: [&str; 2] = ["postgres", "nobody"];

#[derive(Clone)]
pub enum Account {
    Ours,
    Other { name: &'static str, user: u32, group: u32 },
}

impl Account {
    pub fn choose() -> Result<Self> {
        if !is_root()? {
            return Ok(Self::Ours);
        }
        let Some(other) = SUBSTITUTES.into_iter().find_map(Self::named) else {
            bail!("PostgreSQL does not run as root, and there is no user named {}", SUBSTITUTES.join(" or "))
        };
        Ok(other)
    }

    fn named(name: &'static str) -> Option<Self> {
        let user = number_from_id(&["-u", name]).ok()?;
        let group = number_from_id(&["-g", name]).ok()?;
        Some(Self::Other { name, user, group })
    }

    /// Empty where the server runs as the developer.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Ours => "",
            Self::Other { name, .. } => name,
        }
    }

    /// A command run as this account, in a directory it can read.
    pub fn command(&self, program: impl AsRef<OsStr>, directory: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(directory);
        if let Self::Other { user, group, .. } = *self {
            command.uid(user).gid(group);
        }
        command
    }

    pub fn give(&self, path: &Path) -> Result<()> {
        match *self {
            Self::Ours => Ok(()),
            Self::Other { user, group, .. } => chown(path, Some(user), Some(group))
                .with_context(|| format!("cannot give {} to {}", path.display(), self.name())),
        }
    }
}
