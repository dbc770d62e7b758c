//! `holdfast verify`: exit code 0 if everything is consistent, otherwise 1 and the differences.

use std::process::ExitCode;

use anyhow::Context as _;
use serde_json::json;
use store::seam::Role;
use store::vault::Secrets;
use store::verify::Report;
use store::{Connection, Database, Vault};

use super::DEFAULT_FILE;
use crate::cli::Verify;
use crate::settings::Settings;

pub fn run(asked: &Verify, settings: &Settings) -> anyhow::Result<ExitCode> {
    let database = settings.database_or(DEFAULT_FILE);
    let mut report = verify(&database)?;
    report.found("audit log", audit(&database, settings)?);
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
        report.differences.iter().for_each(|difference| println!("difference: {difference}"));
        println!("{}", if report.is_ok() { "ok" } else { "NOT ok" });
    }
    Ok(if report.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Recounts a database in one snapshot.
pub fn verify(database: &Database) -> anyhow::Result<Report> {
    let mut connection =
        Connection::open(database, Role::Reader).with_context(|| format!("cannot read {database}"))?;
    connection.begin_snapshot()?;
    let report = store::verify::verify(&mut connection);
    connection.rollback();
    Ok(report?)
}

/// The differences in the audit log, which can only be checked with the secret.
fn audit(database: &Database, settings: &Settings) -> anyhow::Result<Vec<String>> {
    let mut connection = Connection::open(database, Role::Reader)?;
    connection.begin_snapshot()?;
    if !Vault::is_begun(&mut connection)? {
        return Ok(Vec::new());
    }
    let older = settings.older_secrets();
    let secrets = Secrets::new(settings.secret(), older.iter().map(Vec::as_slice))?;
    let vault = Vault::open(&mut connection, secrets, store::clock::system_now());
    let found = vault.and_then(|vault| store::audit::verify(&mut connection, &vault));
    connection.rollback();
    found.context("cannot check the audit log")
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
