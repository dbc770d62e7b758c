//! `holdfast verify`: exit code 0 where everything adds up, 1 and the differences where not.

use std::process::ExitCode;

use anyhow::Context as _;
use serde_json::json;
use store::seam::Role;
use store::verify::Report;
use store::{Connection, Database};

use super::DEFAULT_FILE;
use crate::cli::Verify;
use crate::settings::Settings;

pub fn run(asked: &Verify, settings: &Settings) -> anyhow::Result<ExitCode> {
    let report = verify(&settings.database_or(DEFAULT_FILE))?;
    if asked.json {
        println!("{}", as_json(&report));
    } else {
        println!(
            "{} bookings, {} lines, {} claims, {} history rows, {} events, {} keys, {} jobs",
            report.bookings,
            report.lines,
            report.claims,
            report.history,
            report.events,
            report.keys,
            report.jobs
        );
        report.differences.iter().for_each(|difference| println!("differs: {difference}"));
        println!("{}", if report.is_ok() { "ok" } else { "NOT ok" });
    }
    Ok(if report.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Recounts a database as it stands at one moment.
pub fn verify(database: &Database) -> anyhow::Result<Report> {
    let mut connection =
        Connection::open(database, Role::Reader).with_context(|| format!("cannot read {database}"))?;
    connection.begin_snapshot()?;
    let report = store::verify::verify(&mut connection);
    connection.rollback();
    Ok(report?)
}

fn as_json(report: &Report) -> serde_json::Value {
    json!({
        "ok": report.is_ok(),
        "bookings": report.bookings,
        "lines": report.lines,
        "claims": report.claims,
        "history": report.history,
        "events": report.events,
        "keys": report.keys,
        "jobs": report.jobs,
        "oversold": report.oversold,
        "differences": report.differences,
    })
}
