//! `holdfast stress`: loads a separate server over HTTP, and recounts its database afterwards.

mod exchange;
mod report;
mod scenario;
mod server;
mod workload;

use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, bail};
use bench::{Load, Stop, Tally, run as load};
use store::Database;

use self::report::Report;
use self::scenario::House;
use self::server::Server;
use self::workload::Buyers;
use super::verify::verify;
use crate::cli::{Scenario, Stress};
use crate::settings::Settings;

/// Requests before the measurement, to warm up connections, caches and allocators.
const WARM_UP_REQUESTS: u64 = 2_000;

pub fn run(asked: &Stress, settings: &Settings) -> anyhow::Result<ExitCode> {
    bench::allow_open_files();
    let (place, tokens) = Place::new(asked, settings)?;
    let house = scenario::furnish(place.address, asked, tokens)?;
    let before = place.stored()?;
    let number_base = house.prefill(asked, before, place.address)?;
    let stored = place.stored()?;
    eprintln!("measuring {} with {} connections", house.name(), asked.connections);
    let buyers = Buyers::new(&house, number_base);
    let warm_up = Stop::Requests(WARM_UP_REQUESTS);
    if asked.scenario == Scenario::Sellout {
        // What is to sell out is not booked before the measurement. Buyers send previews instead.
        let looking = house.looking();
        send(asked, place.address, warm_up, &Buyers::new(&looking, number_base).warming_up())?;
    } else {
        send(asked, place.address, warm_up, &buyers.warming_up())?;
    }
    let cpu_before = place.server.as_ref().and_then(Server::cpu_seconds);
    let tally = measure(asked, place.address, &buyers)?;
    let cpu_after = place.server.as_ref().and_then(Server::cpu_seconds);
    let cpu_seconds = cpu_before.zip(cpu_after).map(|(before, after)| after - before);
    let peak_rss_kib = place.server.as_ref().and_then(Server::peak_rss_kib);
    let (database, checked) = place.close()?;
    let after = checked.as_ref().map(verify).transpose()?;
    let report = Report { asked, house: &house, tally, stored, after, database, peak_rss_kib, cpu_seconds };
    report.print();
    Ok(if report.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn measure(asked: &Stress, address: SocketAddr, buyers: &Buyers<'_>) -> anyhow::Result<Tally> {
    let stop = match asked.scenario {
        Scenario::Sellout => Stop::Requests(asked.buyers),
        Scenario::Hot | Scenario::Spread | Scenario::Stay | Scenario::Echo => {
            Stop::After(Duration::from_secs(asked.seconds))
        }
    };
    send(asked, address, stop, buyers)
}

fn send(asked: &Stress, address: SocketAddr, stop: Stop, buyers: &Buyers<'_>) -> anyhow::Result<Tally> {
    let mut sending = Load::new(address, asked.connections, stop, buyers);
    sending.threads = asked.threads;
    load(&sending, |progress| {
        let answered = progress.sold + progress.refused + progress.errors;
        eprintln!("  {:.0} s: {answered} responses, {} errors", progress.seconds, progress.errors);
    })
}

/// The target of the load: our own server, or an existing one.
struct Place {
    address: SocketAddr,
    server: Option<Server>,
    /// The database to recount, if known.
    database: Option<Database>,
    shown: String,
    _directory: Option<tempfile::TempDir>,
}

impl Place {
    /// The target, and the tokens of the buyers.
    fn new(asked: &Stress, settings: &Settings) -> anyhow::Result<(Self, Vec<String>)> {
        if let Some(url) = &asked.url {
            let host = url.strip_prefix("http://").context("--url must be like http://127.0.0.1:8080")?;
            let address =
                host.trim_end_matches('/').parse().context("--url must name an address and a port")?;
            let database = asked.database.clone();
            let tokens = match (&asked.token, &database) {
                (Some(token), _) => vec![token.clone()],
                (None, Some(database)) => scenario::sign_in(database, asked.connections, settings)?,
                (None, None) => {
                    bail!("--url requires --database, to sign the buyers in, or --token")
                }
            };
            return Ok((
                Self { address, server: None, database, shown: url.clone(), _directory: None },
                tokens,
            ));
        }
        let directory = tempfile::tempdir().context("cannot create a temporary directory")?;
        let database =
            asked.database.clone().unwrap_or_else(|| Database::Sqlite(directory.path().join("stress.db")));
        let tokens = scenario::sign_in(&database, asked.connections, settings)?;
        let server = Server::start(&database, asked.lanes)?;
        let (address, shown) = (server.address, database.kind().to_owned());
        let place = Self {
            address,
            server: Some(server),
            database: Some(database),
            shown,
            _directory: Some(directory),
        };
        Ok((place, tokens))
    }

    /// The stored bookings; 0 if the database is unknown.
    fn stored(&self) -> anyhow::Result<u64> {
        match &self.database {
            Some(database) => scenario::stored_bookings(database),
            None => Ok(0),
        }
    }

    /// Stops our server, so that everything is on disk before it is counted.
    fn close(&self) -> anyhow::Result<(String, Option<Database>)> {
        if let Some(server) = &self.server {
            server.stop()?;
        }
        Ok((self.shown.clone(), self.database.clone()))
    }
}

impl House {
    /// Fills the database up to `--stored` bookings, and returns the number of the next request.
    fn prefill(&self, asked: &Stress, before: u64, address: SocketAddr) -> anyhow::Result<u64> {
        let missing = asked.stored.saturating_sub(before);
        if missing == 0 {
            return Ok(0);
        }
        eprintln!("storing {missing} bookings first");
        let tally = send(asked, address, Stop::Requests(missing), &Buyers::new(self, 0))?;
        anyhow::ensure!(tally.errors == 0, "storing failed: {:?}", tally.error_samples);
        // Stored data is synced first, so that its writing is not measured.
        std::process::Command::new("sync").status().context("cannot run sync")?;
        Ok(missing)
    }
}
