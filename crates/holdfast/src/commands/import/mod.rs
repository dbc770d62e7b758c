//! `holdfast import hotel-bookings`: replays a hotel's booking history, day by day, through the lanes that serve the
//! API. It reads everything before it writes anything. `holdfast verify` checks the result.

mod acts;
mod capacities;
mod fields;
mod hotel;
mod replay;
mod report;
mod rows;
mod tally;
mod zstd;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, bail, ensure};
use api::JsonRender;
use app::App;
use app::chance::SystemChance;
use store::Database;
use tempfile::TempDir;

use crate::cli::HotelBookings;
use crate::settings::Settings;
use capacities::Capacities;
use hotel::Hotel;
use replay::Replay;
use report::Report;
use rows::History;

/// With more concurrent commands a lane's queue could refuse some.
const CONCURRENCY_MAX: usize = 4_096;
/// Lanes of a concurrent replay on PostgreSQL, so that they compete for rows. One lane keeps the order of the
/// history.
const LANES_CONCURRENT: usize = 2;

pub fn run(asked: &HotelBookings, settings: &Settings) -> anyhow::Result<ExitCode> {
    ensure!(
        (1..=CONCURRENCY_MAX).contains(&asked.concurrency),
        "--concurrency must be from 1 to {CONCURRENCY_MAX}"
    );
    let capacities = capacities::read(&asked.capacities, &asked.capacity_set)?;
    let history = rows::read(&asked.file)?;
    let place = Place::of(asked.database.as_ref())?;
    let app = start(&place.database, asked.concurrency, settings)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let replayed = runtime.block_on(async {
        tokio::select! {
            report = import(&app, asked, &capacities, &history) => report,
            _ = tokio::signal::ctrl_c() => bail!("interrupted"),
        }
    });
    drop(app);
    println!("{}", replayed.map(|report| report.show(asked.json))?);
    Ok(ExitCode::SUCCESS)
}

/// The target of the replay.
struct Place {
    database: Database,
    /// Removed at the end, with its file.
    _directory: Option<TempDir>,
}

impl Place {
    fn of(asked: Option<&Database>) -> anyhow::Result<Self> {
        if let Some(database) = asked {
            return Ok(Self { database: database.clone(), _directory: None });
        }
        let directory = tempfile::Builder::new().prefix("holdfast-import-").tempdir();
        let directory = directory.context("cannot create a directory for a temporary database")?;
        let database = Database::Sqlite(directory.path().join("holdfast.db"));
        Ok(Self { database, _directory: Some(directory) })
    }
}

fn start(database: &Database, concurrency: usize, settings: &Settings) -> anyhow::Result<Arc<App>> {
    let lanes = if concurrency == 1 { 1 } else { LANES_CONCURRENT };
    let settings = app::Settings { database: database.clone(), lanes, ..settings.app("")? };
    App::start(settings, Arc::new(JsonRender)).with_context(|| format!("cannot use the database {database}"))
}

async fn import(
    app: &App,
    asked: &HotelBookings,
    capacities: &Capacities,
    history: &History,
) -> anyhow::Result<Report> {
    let mut chance = SystemChance::from_system();
    let name = format!("Imported hotel, {}", asked.capacity_set);
    let hotel = Hotel::open(app, &mut chance, name, capacities).await?;
    let stays = acts::stays(&history.rows, &mut chance, hotel.id_hint());
    let acts = acts::in_order(&stays, asked.order);
    let replay = Replay::new(app, &hotel, &acts);
    let began = Instant::now();
    let tally = match asked.concurrency {
        1 => replay.in_order().await,
        workers => replay.at_once(workers).await,
    };
    Ok(Report::new(tally?, history.skipped, began.elapsed()))
}
