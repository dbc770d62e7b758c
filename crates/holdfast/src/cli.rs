//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use store::Database;

use crate::settings::Override;

/// A reservation server: sells whatever there is only so much of, exactly once.
#[derive(Parser)]
#[command(version)]
pub struct Cli {
    /// File of settings, instead of `holdfast.toml` in the working directory.
    #[arg(long, global = true, env = "HOLDFAST_CONFIG", value_name = "PATH")]
    pub config: Option<PathBuf>,
    /// One setting, by its name in the file; may be given several times.
    #[arg(long = "set", global = true, value_name = "KEY=VALUE", value_parser = pair)]
    pub set: Vec<(String, String)>,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Serve the API.
    Serve(Serve),
    /// Serve a demo catalogue from an embedded database, ready to try.
    Demo(Serve),
    /// Bring the schema up or down, or show where it stands.
    Migrate(Migrate),
    /// Recount everything and prove that nothing was sold twice or lost.
    Verify(Verify),
    /// Look after the keys that personal data is sealed under.
    Keys(Keys),
    /// Make an admin, or let one choose a new password.
    Admin(Admin),
    /// Load a server over real HTTP and check the database afterwards.
    Stress(Stress),
    /// Replay what happened elsewhere.
    Import(Import),
    /// Check the settings, or show what counts.
    Config(Config),
}

#[derive(Args)]
pub struct Config {
    #[command(subcommand)]
    pub act: ConfigAct,
}

#[derive(Subcommand)]
pub enum ConfigAct {
    /// Name everything that is wrong or unknown; exit code 1 where something is.
    Check,
    /// Print the table of all settings, as in `docs/settings.md`.
    Table,
    /// Show each setting and where it comes from, secrets masked.
    Show {
        /// One JSON object instead of lines.
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
    /// Port to listen on; 0 takes a free one, 8080 where nothing says otherwise.
    #[arg(long)]
    pub port: Option<String>,
    /// Address to listen on; 127.0.0.1 where nothing says otherwise.
    #[arg(long)]
    pub host: Option<String>,
    /// Writer lanes on PostgreSQL; SQLite always has one.
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
    /// Apply everything that is not applied yet.
    Up,
    /// Undo the newest migrations.
    Down {
        /// How many.
        #[arg(long, default_value_t = 1)]
        steps: usize,
    },
    /// Show what is applied.
    Status,
}

#[derive(Args)]
pub struct Verify {
    #[command(flatten)]
    pub place: Where,
    /// One JSON object instead of lines.
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
    /// Wrap all keys anew under `SECRET_KEY`, opening them with `SECRET_KEYS_OLD`. May be ended and run again. Beside
    /// running servers on PostgreSQL, once they know both secrets; on SQLite the server must be stopped.
    Rotate,
    /// Show how many keys lie under each secret, so that one knows when an old one may go.
    Status,
}

#[derive(Args)]
pub struct Admin {
    #[command(subcommand)]
    pub act: AdminAct,
}

#[derive(Subcommand)]
pub enum AdminAct {
    /// Make an admin; the password comes from `ADMIN_PASSWORD` or is typed in.
    Create {
        #[arg(long)]
        email: String,
        /// Print a token with which the password is chosen, instead of asking for one.
        #[arg(long)]
        reset_link: bool,
    },
    /// Print a token with which the password of any account is chosen anew.
    ResetLink {
        #[arg(long)]
        email: String,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Scenario {
    /// Everybody buys the same thing.
    Hot,
    /// 10,000 things, bought at random.
    Spread,
    /// Stays of four nights over 2,500 room types.
    Stay,
    /// More buyers than units. Before the clock starts they have a look (a preview), as they do.
    Sellout,
    /// The same request parsed, checked and answered without the store: the ceiling.
    Echo,
}

#[derive(Args)]
pub struct Stress {
    pub scenario: Scenario,
    /// The database of the server it starts; a temporary SQLite file if not given.
    #[arg(long)]
    pub database: Option<Database>,
    /// Load this server instead of starting one, such as `http://127.0.0.1:8080`. Its buyers are signed in through
    /// `--database`, with its `SECRET_KEY`, or all use `--token`.
    #[arg(long)]
    pub url: Option<String>,
    /// The bearer of somebody who may add a catalogue and sell from it, for `--url` without a database.
    #[arg(long)]
    pub token: Option<String>,
    /// Connections that send one request after the other.
    #[arg(long, default_value_t = 256)]
    pub connections: usize,
    /// How long, in seconds; `sellout` ends with its last buyer instead.
    #[arg(long, default_value_t = 10)]
    pub seconds: u64,
    /// Buyers of `sellout`.
    #[arg(long, default_value_t = 20_000)]
    pub buyers: u64,
    /// Units of `sellout`.
    #[arg(long, default_value_t = 1_000)]
    pub units: u64,
    /// Bookings to store before measuring.
    #[arg(long, default_value_t = 0)]
    pub stored: u64,
    /// Writer lanes of the server it starts.
    #[arg(long, default_value_t = 2)]
    pub lanes: usize,
    /// Threads of the load generator.
    #[arg(long, default_value_t = 1)]
    pub threads: usize,
    /// One JSON object on standard output.
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
    /// Hotel Booking Demand data: one booking a row, replayed day by day.
    HotelBookings(HotelBookings),
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum ReplayOrder {
    /// Inside a day, all bookings, then all cancellations.
    BookFirst,
    /// Inside a day, cancellations of earlier bookings, then bookings, then cancellations of that day's bookings.
    CancelFirst,
}

#[derive(Args)]
pub struct HotelBookings {
    /// The rows, as CSV or CSV compressed with zstd.
    pub file: PathBuf,
    /// Units of each room type, at `capacities.<set>.<room type>`.
    #[arg(long)]
    pub capacities: PathBuf,
    /// Which of the sets.
    #[arg(long)]
    pub capacity_set: String,
    #[arg(long, value_enum)]
    pub order: ReplayOrder,
    /// Where to replay; a temporary SQLite file if not given.
    #[arg(long)]
    pub database: Option<Database>,
    /// Commands under way at once. 1 replays in the exact order of the history.
    #[arg(long, default_value_t = 1)]
    pub concurrency: usize,
    /// One JSON object on standard output.
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
    let (key, value) = text.split_once('=').ok_or("it must be KEY=VALUE")?;
    Ok((key.trim().to_owned(), value.trim().to_owned()))
}
