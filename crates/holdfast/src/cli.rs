//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use store::Database;

use crate::settings::Override;

/// A reservation server for hotels, restaurants, events and shops.
#[derive(Parser)]
#[command(version)]
pub struct Cli {
    /// Settings file. Default: `holdfast.toml` in the working directory.
    #[arg(long, global = true, env = "HOLDFAST_CONFIG", value_name = "PATH")]
    pub config: Option<PathBuf>,
    /// Override one setting by its key. Can be repeated.
    #[arg(long = "set", global = true, value_name = "KEY=VALUE", value_parser = pair)]
    pub set: Vec<(String, String)>,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Start the server.
    Serve(Serve),
    /// Start a server with a demo catalogue and signed-in users.
    Demo(Serve),
    /// Migrate the database schema, or show its status.
    Migrate(Migrate),
    /// Recount the database and check that nothing was oversold or lost.
    Verify(Verify),
    /// Rotate or list the keys that seal personal data.
    Keys(Keys),
    /// Create an admin, or reset a password.
    Admin(Admin),
    /// Load a server over HTTP, then check its database.
    Stress(Stress),
    /// Replay booking histories of other systems.
    Import(Import),
    /// Check or show the settings.
    Config(Config),
}

#[derive(Args)]
pub struct Config {
    #[command(subcommand)]
    pub act: ConfigAct,
}

#[derive(Subcommand)]
pub enum ConfigAct {
    /// List every invalid or unknown setting. The exit code is 1 if there are any.
    Check,
    /// Print the documentation of all settings, as in `docs/settings.md`.
    Table,
    /// Show the value and source of each setting, with secrets masked.
    Show {
        /// Print one JSON object instead of lines.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Args)]
pub struct Where {
    /// `sqlite:PATH` or `postgres://USER@HOST/NAME`; also `DATABASE_URL`.
    #[arg(long)]
    pub database: Option<String>,
}

#[derive(Args)]
pub struct Serve {
    #[command(flatten)]
    pub place: Where,
    /// Port to listen on. 0 chooses a free port. Default: 8080.
    #[arg(long)]
    pub port: Option<String>,
    /// Address to listen on. Default: 127.0.0.1.
    #[arg(long)]
    pub host: Option<String>,
    /// Number of writer lanes on PostgreSQL. SQLite always has one.
    #[arg(long)]
    pub lanes: Option<String>,
}

#[derive(Args)]
pub struct Migrate {
    #[command(flatten)]
    pub place: Where,
    #[command(subcommand)]
    pub direction: Direction,
}

#[derive(Subcommand)]
pub enum Direction {
    /// Apply all pending migrations.
    Up,
    /// Revert the latest migrations.
    Down {
        /// Number of migrations to revert.
        #[arg(long, default_value_t = 1)]
        steps: usize,
    },
    /// Show which migrations are applied.
    Status,
}

#[derive(Args)]
pub struct Verify {
    #[command(flatten)]
    pub place: Where,
    /// Print one JSON object instead of lines.
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
pub struct Keys {
    #[command(flatten)]
    pub place: Where,
    #[command(subcommand)]
    pub act: KeysAct,
}

#[derive(Subcommand)]
pub enum KeysAct {
    /// Rewrap all keys under `SECRET_KEY`, opening them with `SECRET_KEYS_OLD`. You can interrupt and repeat it. On
    /// PostgreSQL, servers that have both secrets can keep running. On SQLite, stop the server first.
    Rotate,
    /// Show how many keys each secret wraps. An old secret without keys can be removed.
    Status,
}

#[derive(Args)]
pub struct Admin {
    #[command(subcommand)]
    pub act: AdminAct,
}

#[derive(Subcommand)]
pub enum AdminAct {
    /// Create an admin. The password is read from `ADMIN_PASSWORD` or from the terminal.
    Create {
        #[arg(long)]
        email: String,
        /// Print a token for choosing the password later, instead of reading one now.
        #[arg(long)]
        reset_link: bool,
    },
    /// Print a token for resetting the password of any account.
    ResetLink {
        #[arg(long)]
        email: String,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Scenario {
    /// All buyers book the same offering.
    Hot,
    /// Buyers book random ones of 10,000 offerings.
    Spread,
    /// Buyers book stays of four nights in random ones of 2,500 room types.
    Stay,
    /// More buyers than units. Each buyer sends a preview before the measurement starts.
    Sellout,
    /// The same request is parsed, checked and answered without the database: the upper bound.
    Echo,
}

#[derive(Args)]
pub struct Stress {
    pub scenario: Scenario,
    /// Database of the server it starts. Default: a temporary SQLite file.
    #[arg(long)]
    pub database: Option<Database>,
    /// Load this server instead of starting one, such as `http://127.0.0.1:8080`. The buyers are signed in through
    /// `--database`, with the server's `SECRET_KEY`, or all use `--token`.
    #[arg(long)]
    pub url: Option<String>,
    /// Bearer token with permission to add a catalogue and to book, for `--url` without `--database`.
    #[arg(long)]
    pub token: Option<String>,
    /// Number of connections. Each sends one request after the other.
    #[arg(long, default_value_t = 256)]
    pub connections: usize,
    /// Duration in seconds. `sellout` ends with its last buyer instead.
    #[arg(long, default_value_t = 10)]
    pub seconds: u64,
    /// Number of buyers in `sellout`.
    #[arg(long, default_value_t = 20_000)]
    pub buyers: u64,
    /// Number of units in `sellout`.
    #[arg(long, default_value_t = 1_000)]
    pub units: u64,
    /// Number of bookings to store before the measurement.
    #[arg(long, default_value_t = 0)]
    pub stored: u64,
    /// Number of writer lanes of the server it starts.
    #[arg(long, default_value_t = 2)]
    pub lanes: usize,
    /// Number of threads of the load generator.
    #[arg(long, default_value_t = 1)]
    pub threads: usize,
    /// Print one JSON object to standard output.
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
pub struct Import {
    #[command(subcommand)]
    pub what: ImportWhat,
}

#[derive(Subcommand)]
pub enum ImportWhat {
    /// The Hotel Booking Demand data set: one booking per row, replayed day by day.
    HotelBookings(HotelBookings),
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum ReplayOrder {
    /// Within a day, all bookings, then all cancellations.
    BookFirst,
    /// Within a day, cancellations of earlier bookings, then bookings, then cancellations of that day's bookings.
    CancelFirst,
}

#[derive(Args)]
pub struct HotelBookings {
    /// The rows, as CSV or CSV compressed with zstd.
    pub file: PathBuf,
    /// JSON file with the units of each room type, at `capacities.<set>.<room type>`.
    #[arg(long)]
    pub capacities: PathBuf,
    /// Name of the capacity set to use.
    #[arg(long)]
    pub capacity_set: String,
    #[arg(long, value_enum)]
    pub order: ReplayOrder,
    /// Database to replay into. Default: a temporary SQLite file.
    #[arg(long)]
    pub database: Option<Database>,
    /// Number of concurrent commands. 1 replays in the exact order of the history.
    #[arg(long, default_value_t = 1)]
    pub concurrency: usize,
    /// Print one JSON object to standard output.
    #[arg(long)]
    pub json: bool,
}

impl Cli {
    /// The settings given on the command line.
    pub fn overrides(&self) -> Vec<Override> {
        let mut given: Vec<(&'static str, &str, &str)> =
            self.set.iter().map(|(key, value)| ("--set", key.as_str(), value.as_str())).collect();
        let place = match &self.command {
            Command::Serve(serve) | Command::Demo(serve) => {
                let options = [("--port", "port", &serve.port), ("--host", "host", &serve.host)];
                for (flag, key, value) in options.into_iter().chain([("--lanes", "lanes", &serve.lanes)]) {
                    given.extend(value.as_deref().map(|value| (flag, key, value)));
                }
                Some(&serve.place)
            }
            Command::Migrate(migrate) => Some(&migrate.place),
            Command::Verify(verify) => Some(&verify.place),
            Command::Keys(keys) => Some(&keys.place),
            Command::Admin(_) | Command::Stress(_) | Command::Import(_) | Command::Config(_) => None,
        };
        let database = place.and_then(|place| place.database.as_deref());
        given.extend(database.map(|value| ("--database", "database.url", value)));
        let owned = |(flag, key, value): (_, &str, &str)| Override {
            flag,
            key: key.to_owned(),
            value: value.to_owned(),
        };
        given.into_iter().map(owned).collect()
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("must be KEY=VALUE")?;
    Ok((key.trim().to_owned(), value.trim().to_owned()))
}
