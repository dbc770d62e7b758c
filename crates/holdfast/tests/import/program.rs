//! The program's import, and its output.

use std::path::Path;
use std::process::{Command, Output};

use serde::Deserialize;
use testkit::TestDatabase;

pub const ORDERS: [&str; 2] = ["book_first", "cancel_first"];

/// The whole of the JSON object.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    pub accepted: usize,
    pub rejected: usize,
    pub cancelled: usize,
    pub skipped: usize,
    pub seconds: f64,
    pub bookings_per_s: f64,
    pub rejected_rows_sha256: String,
}

pub fn holdfast() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_holdfast"));
    command.env_remove("DATABASE_URL").env_remove("HOLDFAST_ENV").env_remove("SECRET_KEY");
    command
}

/// A history and a set of capacities to replay.
#[derive(Clone, Copy)]
pub struct Import<'a> {
    pub file: &'a Path,
    pub capacities: &'a Path,
    pub set: &'a str,
    pub order: &'a str,
}

impl Import<'_> {
    pub fn command(self) -> Command {
        let mut command = holdfast();
        command.args(["import", "hotel-bookings"]).arg(self.file).arg("--capacities").arg(self.capacities);
        command.args(["--capacity-set", self.set, "--order", self.order]);
        command
    }

    pub fn replay(self, database: &TestDatabase, concurrency: usize) -> Outcome {
        let mut command = self.command();
        command.args(["--json", "--database", &database.url(), "--concurrency", &concurrency.to_string()]);
        serde_json::from_slice(&succeeded(&mut command).stdout).expect("one JSON object")
    }
}

pub fn succeeded(command: &mut Command) -> Output {
    let output = command.output().expect("the program can be started");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

/// Recounts the database and returns the number of bookings.
pub fn verified_bookings(database: &TestDatabase) -> usize {
    let output = succeeded(holdfast().args(["verify", "--json", "--database", &database.url()]));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("one JSON object");
    assert_eq!((&report["ok"], &report["oversold"]), (&true.into(), &0.into()), "{report}");
    usize::try_from(report["bookings"].as_u64().expect("a number")).expect("bookings that were just made")
}
