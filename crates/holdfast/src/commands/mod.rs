//! The commands, one file each.

mod admin;
mod config;
mod demo;
mod import;
mod keys;
mod migrate;
mod serve;
mod stress;
mod verify;

use std::process::ExitCode;

use crate::cli::{Cli, Command, ImportWhat};
use crate::settings::table::ALL;
use crate::settings::{Purpose, Settings, Sources, Wrong};
use crate::telemetry;

pub fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let directory = std::env::current_dir()?;
    // A variable that is not UTF-8 cannot be a setting.
    let environment = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let sources = Sources::gather(ALL, &directory, cli.config.as_deref(), environment, cli.overrides());
    if let Command::Config(asked) = &cli.command {
        return Ok(config::run(asked, &sources));
    }
    let settings = Settings::load(&sources, purpose(&cli.command)).map_err(|wrong| refusal(&wrong))?;
    telemetry::start(&settings);
    match cli.command {
        Command::Serve(_) => serve::run(&settings),
        Command::Demo(_) => demo::run(&settings),
        Command::Migrate(asked) => migrate::run(&asked, &settings),
        Command::Verify(asked) => verify::run(&asked, &settings),
        Command::Keys(asked) => keys::run(&asked, &settings),
        Command::Admin(asked) => admin::run(&asked, &settings),
        Command::Stress(asked) => stress::run(&asked, &settings),
        Command::Import(asked) => match asked.what {
            ImportWhat::HotelBookings(asked) => import::run(&asked, &settings),
        },
        Command::Config(_) => Ok(ExitCode::SUCCESS),
    }
}

fn purpose(command: &Command) -> Purpose {
    match command {
        Command::Serve(_) | Command::Demo(_) | Command::Admin(_) | Command::Config(_) => Purpose::Serve,
        Command::Migrate(_)
        | Command::Verify(_)
        | Command::Keys(_)
        | Command::Stress(_)
        | Command::Import(_) => Purpose::Tend,
    }
}

fn refusal(wrong: &[Wrong]) -> anyhow::Error {
    let lines: Vec<String> = wrong.iter().map(Wrong::to_string).collect();
    anyhow::anyhow!("invalid settings:\n  {}", lines.join("\n  "))
}

/// The database file of `serve` and similar commands if no database is configured.
const DEFAULT_FILE: &str = "holdfast.db";
