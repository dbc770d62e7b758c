//! `cargo xtask tidy`: the house rules that neither the compiler nor clippy checks.
//!
//! Each rule is a pure function from the checkout's files to findings, in a file of its own.

mod circles;
mod floors;
mod forbidden;
mod language;
mod literals;
mod migrations;
mod names;
mod paths;
mod source;
mod sql;
mod text;

use std::process::ExitCode;

use anyhow::{Result, ensure};

use crate::project;
use source::{Finding, Source};

type Rule = fn(&[Source]) -> Vec<Finding>;

const RULES: [Rule; 12] = [
    text::lengths,
    text::line_ends,
    forbidden::marks,
    paths::machine_paths,
    names::vague_names,
    names::crate_openings,
    sql::outside_store,
    sql::too_many_dialects,
    floors::dependencies,
    migrations::pairs,
    circles::circles,
    language::phrases,
];

pub fn run() -> Result<ExitCode> {
    check()?;
    println!("tidy");
    Ok(ExitCode::SUCCESS)
}

/// Prints what is found, and fails if anything is.
pub fn check() -> Result<()> {
    let sources = source::read_all(&project::root())?;
    let findings = findings(&sources);
    for finding in &findings {
        println!("{finding}");
    }
    ensure!(findings.is_empty(), "{} places are not tidy", findings.len());
    Ok(())
}

fn findings(sources: &[Source]) -> Vec<Finding> {
    let mut findings: Vec<Finding> = RULES.iter().flat_map(|rule| rule(sources)).collect();
    findings.sort();
    findings
}
