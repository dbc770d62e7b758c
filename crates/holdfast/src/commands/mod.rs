//! The commands, one file each.

mod demo;
mod import;
mod migrate;
mod serve;
mod stress;
mod token;
mod verify;

use std::process::ExitCode;

use store::Database;

use crate::cli::{Cli, Command, ImportWhat, Where};
use crate::telemetry;

pub fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    telemetry::start()?;
    match cli.command {
        Command::Serve(asked) => serve::run(&asked),
        Command::Demo(asked) => demo::run(&asked),
        Command::Migrate(asked) => migrate::run(&asked),
        Command::Verify(asked) => verify::run(&asked),
        Command::Token(asked) => token::run(&asked),
        Command::Stress(asked) => stress::run(&asked),
        Command::Import(asked) => match asked.what {
            ImportWhat::HotelBookings(asked) => import::run(&asked),
        },
    }
}

impl Where {
    /// The database asked for, or the file `fallback` in the working directory.
    fn or(&self, fallback: &str) -> Database {
        self.database.clone().unwrap_or_else(|| Database::Sqlite(fallback.into()))
    }
}

/// The file `serve` and its companions use where no database is named.
const DEFAULT_FILE: &str = "holdfast.db";
