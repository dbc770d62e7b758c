//! Every server that tests use, started together.

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::steps::{run_with, step};
use crate::{postgres, redis};

/// The programs, found or installed.
pub struct Found {
    postgres: postgres::Binaries,
    redis: redis::Binaries,
}

/// They run until this is dropped.
pub struct Servers {
    postgres: postgres::Server,
    redis: redis::Server,
}

/// `cargo xtask servers -- COMMAND…`; the exit code is the command's.
pub fn run(arguments: &[String]) -> Result<ExitCode> {
    let words = arguments.strip_prefix(&["--".to_owned()]).unwrap_or(arguments);
    let Some((program, rest)) = words.split_first() else {
        bail!("usage: cargo xtask servers -- COMMAND…")
    };
    let servers = Found::find_or_install()?.start()?;
    run_with(program, rest, servers.environment())
}

impl Found {
    pub fn find_or_install() -> Result<Self> {
        let postgres = step("PostgreSQL: find", postgres::Binaries::find_or_install)?;
        let redis = step("Redis: find", redis::Binaries::find_or_install)?;
        Ok(Self { postgres, redis })
    }

    pub fn start(self) -> Result<Servers> {
        let postgres = step("PostgreSQL: start", || postgres::Server::start(self.postgres))?;
        let redis = step("Redis: start", || redis::Server::start(self.redis))?;
        Ok(Servers { postgres, redis })
    }
}

impl Servers {
    pub fn postgres(&self) -> &postgres::Server {
        &self.postgres
    }

    /// What tests look for.
    pub fn environment(&self) -> Vec<(&'static str, OsString)> {
        let mut variables = self.postgres.environment();
        variables.extend(self.redis.environment());
        variables
    }
}
