//! `cargo xtask bench`: what the release build sells per second, on both databases.
//!
//! The load itself is `holdfast stress`; here it is only repeated, in alternation so that a slow minute of the machine
//! falls on all scenarios alike, and the medians are written down.

mod measurement;
mod options;
mod readme;
mod report;
mod scenario;
mod target;

use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::project;
use crate::steps::{run as run_command, run_quietly, step};
use measurement::Measurement;
use options::Options;
use scenario::{ONCE, REPEATED, Scenario};
use target::{Database, Target};

/// A row of the table.
pub struct Summary {
    pub scenario: &'static str,
    pub database: &'static str,
    pub measured: Measurement,
}

/// Fails when a database was found wrong afterwards, whatever its speed.
pub fn run(arguments: &[String]) -> Result<ExitCode> {
    let options = Options::parse(arguments)?;
    step("build", || run_command(&mut project::cargo(&["build", "--release", "--package", "holdfast"])))?;
    let targets = match &options.database {
        Some(url) => vec![Target::Given(url.clone())],
        None => Target::both()?,
    };
    let summaries = measure_all(&options, &targets)?;
    let report = report::markdown(&summaries, &options);
    println!("{report}");
    if options.write {
        readme::write(&project::root().join("README.md"), &report)?;
    }
    let sound = summaries.iter().all(|summary| summary.measured.is_sound());
    Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The runs of one scenario on one database.
struct Series<'a> {
    scenario: &'a Scenario,
    target: &'a Target,
    /// Where the scenario keeps one from run to run.
    kept: Option<Database>,
    runs: Vec<Measurement>,
}

fn measure_all(options: &Options, targets: &[Target]) -> Result<Vec<Summary>> {
    let mut repeated = series(&REPEATED, targets);
    let mut once = series(&ONCE, targets);
    fill_those_kept(&mut repeated)?;
    for round in 1..=options.rounds {
        measure_each(&mut repeated, options.seconds, &format!("round {round} of {}", options.rounds))?;
    }
    measure_each(&mut once, options.seconds, "once")?;
    repeated.iter().chain(&once).map(summary).collect()
}

fn series<'a>(scenarios: &'a [Scenario], targets: &'a [Target]) -> Vec<Series<'a>> {
    let pairs = scenarios.iter().flat_map(|scenario| targets.iter().map(move |target| (scenario, target)));
    pairs.map(|(scenario, target)| Series { scenario, target, kept: None, runs: Vec::new() }).collect()
}

fn measure_each(series: &mut [Series<'_>], seconds: u32, which: &str) -> Result<()> {
    for Series { scenario, target, kept, runs } in series {
        let name = format!("{}, {}, {which}", scenario.name, target.name());
        runs.push(step(&name, || match kept {
            Some(database) => measure(scenario, database, seconds),
            None => measure(scenario, &target.database("stress")?, seconds),
        })?);
    }
    Ok(())
}

/// Fills the databases that are kept before anything is measured, so that no run shares the disk with it.
fn fill_those_kept(series: &mut [Series<'_>]) -> Result<()> {
    for Series { scenario, target, kept, .. } in series {
        let Some(stored) = scenario.stored else { continue };
        let name = format!("{}, {}, filling", scenario.name, target.name());
        let database = target.database("stress_full")?;
        let mut stress = stress(scenario, &database);
        step(&name, || run_quietly(stress.args(["--stored", stored, "--seconds", "1"])).map(drop))?;
        *kept = Some(database);
    }
    Ok(())
}

fn stress(scenario: &Scenario, database: &Database) -> Command {
    let mut stress = Command::new(project::target_directory().join("release/holdfast"));
    stress.arg("stress").args(scenario.arguments).args(["--json", "--database", &database.url]);
    stress
}

fn measure(scenario: &Scenario, database: &Database, seconds: u32) -> Result<Measurement> {
    let mut stress = stress(scenario, database);
    if scenario.timed {
        stress.args(["--seconds", &seconds.to_string()]);
    }
    let output = run_quietly(&mut stress)?;
    Measurement::parse(&String::from_utf8_lossy(&output.stdout))
}

fn summary(series: &Series<'_>) -> Result<Summary> {
    let (scenario, database) = (series.scenario.name, series.target.name());
    let measured = Measurement::median(&series.runs);
    let measured = measured.with_context(|| format!("{scenario} was not measured on {database}"))?;
    Ok(Summary { scenario, database, measured })
}
