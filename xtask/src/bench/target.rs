//! The databases that are measured.

use anyhow::Result;
use tempfile::TempDir;

use crate::postgres::{Binaries, Server};
use crate::steps::step;

pub enum Target {
    Sqlite,
    Postgres(Server),
    /// The developer's own, which we do not empty.
    Given(String),
}

/// A database for one run, or for all runs of a scenario.
pub struct Database {
    pub url: String,
    /// Held for its drop.
    _directory: Option<TempDir>,
}

impl Target {
    pub fn both() -> Result<Vec<Self>> {
        let binaries = step("PostgreSQL: find", Binaries::find_or_install)?;
        let server = step("PostgreSQL: start", || Server::start(binaries))?;
        Ok(vec![Self::Sqlite, Self::Postgres(server)])
    }

    pub fn name(&self) -> &'static str {
        match self {
            Self::Postgres(_) => "PostgreSQL",
            Self::Given(url) if url.starts_with("postgres") => "PostgreSQL",
            Self::Sqlite | Self::Given(_) => "SQLite",
        }
    }

    /// An empty database of this name.
    pub fn database(&self, name: &str) -> Result<Database> {
        match self {
            Self::Sqlite => {
                let directory = TempDir::with_prefix("holdfast-sqlite-")?;
                let url = format!("sqlite://{}", directory.path().join("stress.db").display());
                Ok(Database { url, _directory: Some(directory) })
            }
            Self::Postgres(server) => Ok(Database { url: server.empty_database(name)?, _directory: None }),
            Self::Given(url) => Ok(Database { url: url.clone(), _directory: None }),
        }
    }
}
