//! `cargo xtask fuzz-api`: the running server is sent what its OpenAPI document allows and what it forbids, as nobody
//! and as each role, and its answers are held to the document.
//!
//! schemathesis makes the requests and the judgements; here it is given a server, somebody to be, and words that mean
//! something. Each pass has a server and a database of its own, so that any can be repeated alone.

mod demo;
mod hints;
mod options;

use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, ensure};

use crate::steps::{run as run_command, run_quietly, step};
use crate::{postgres, project, python};
use demo::Demo;
pub use options::Options;

/// Who calls, by the words in which `holdfast demo` greets them.
const CALLERS: [&str; 4] = ["nobody", "guest", "business", "admin"];

/// All but `positive_data_acceptance`, for no schema says what exists, is open or is free, and
/// `object_level_authorization`, which wants two callers at once.
const CHECKS: [&str; 12] = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "missing_required_header",
    "unsupported_method",
    "allow_header_conformance",
    "use_after_free",
    "ensure_resource_availability",
    "ignored_auth",
];
/// Requests that are made up for an operation before the next one has its turn.
const EXAMPLES_MAX: &str = "10";
const WORKERS: &str = "2";
const TOKEN: &str = "HOLDFAST_FUZZ_TOKEN";
/// What ends the caller's own session: sent by nobody, and by those signed in only when all else was tried.
const ENDS_THE_SESSION: &str = "^/api/v1/auth/(logout|logout-all|deactivate|password/change|sessions/[^/]+)$";

const LOGOUT: &str = "/api/v1/auth/logout";

/// `cargo xtask fuzz-api`.
pub fn run(arguments: &[String]) -> Result<ExitCode> {
    let options = Options::parse(arguments)?;
    let python = step("schemathesis: find", || python::FUZZER.find_or_install())?;
    step("build", || run_command(&mut project::cargo(&["build", "--workspace"])))?;
    let binaries = step("PostgreSQL: find", postgres::Binaries::find_or_install)?;
    let server = step("PostgreSQL: start", || postgres::Server::start(binaries))?;
    check(&python, &server, &options)?;
    Ok(ExitCode::SUCCESS)
}

/// Every caller on SQLite, then, more shortly, on PostgreSQL. All are heard before the first finding fails.
pub fn check(python: &Path, server: &postgres::Server, options: &Options) -> Result<()> {
    eprintln!("seed {}", options.seed);
    let mut failed = Vec::new();
    for (database, seconds) in [("SQLite", options.seconds), ("PostgreSQL", options.seconds.div_ceil(3))] {
        for caller in options.callers() {
            let url = (database == "PostgreSQL").then(|| server.empty_database("fuzz")).transpose()?;
            let options = Options { seconds, ..options.clone() };
            let pass =
                step(&format!("{caller}, {database}"), || pass(python, url.as_deref(), caller, &options));
            if let Err(error) = pass {
                eprintln!("{error:#}");
                failed.push(format!("{caller} on {database}"));
            }
        }
    }
    ensure!(
        failed.is_empty(),
        "findings as {}; again with `cargo xtask fuzz-api --seed {}`",
        failed.join(", "),
        options.seed
    );
    Ok(())
}

fn pass(python: &Path, database: Option<&str>, caller: &str, options: &Options) -> Result<()> {
    let demo = Demo::start(database)?;
    let token = demo.token(caller);
    let configuration = demo.directory().join("schemathesis.toml");
    std::fs::write(&configuration, hints::configuration(token.map(|_| TOKEN))?)
        .context("cannot write the fuzzer's configuration")?;
    let fuzz = |filter: &[&str], seconds: u32| -> Result<()> {
        let mut command = Command::new(python);
        command.args(["-m", "schemathesis.cli", "--config-file"]).arg(&configuration);
        command.args(["run", &format!("{}/openapi.json", demo.url), "--checks", &CHECKS.join(",")]);
        command.args(["--seed", &options.seed.to_string(), "--max-time", &seconds.to_string()]);
        command.args(["--max-examples", EXAMPLES_MAX, "--workers", WORKERS, "--continue-on-failure"]);
        command.args(["--no-color", "--generation-database", "none"]).args(filter);
        command.current_dir(demo.directory()).envs(token.map(|token| (TOKEN, token)));
        let told = run_quietly(&mut command).with_context(|| format!("the server's log:\n{}", demo.log()))?;
        let told = String::from_utf8_lossy(&told.stdout);
        eprintln!("{}", told.lines().find(|line| line.contains(" generated")).unwrap_or_default().trim());
        Ok(())
    };
    if token.is_none() {
        return fuzz(&[], options.seconds);
    }
    fuzz(&["--exclude-path-regex", ENDS_THE_SESSION], options.seconds)?;
    if documents(LOGOUT)? {
        fuzz(&["--include-path-regex", ENDS_THE_SESSION], options.seconds.div_ceil(5))?;
    }
    Ok(())
}

/// Whether the document has this path. Asked to send nothing at all, the fuzzer would fail.
fn documents(path: &str) -> Result<bool> {
    let document = project::root().join("docs/openapi.json");
    let text = std::fs::read_to_string(document).context("cannot read docs/openapi.json")?;
    let document: serde_json::Value = serde_json::from_str(&text)?;
    Ok(document.get("paths").is_some_and(|paths| paths.get(path).is_some()))
}
