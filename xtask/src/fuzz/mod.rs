//! `cargo xtask fuzz-api`: the running server is sent what its OpenAPI document allows and what it forbids, as nobody
//! and as each role, and its answers are held to the document.
//!
//! schemathesis makes the requests and the judgements; here it is given a server, somebody to be, and words that mean
//! something. Each pass has a server and a database of its own, so that any can be repeated alone.

mod hints;
mod options;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, anyhow, ensure};

use crate::demo::Demo;
use crate::steps::{run as run_command, run_quietly, step};
use crate::{postgres, project, python};
pub use options::Options;

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

/// All passes are made before a finding fails.
pub fn check(python: &Path, server: &postgres::Server, options: &Options) -> Result<()> {
    eprintln!("seed {}", options.seed);
    let mut failed = Vec::new();
    for pass in passes(options) {
        let name = pass.name();
        let outcome = step(&name, || {
            let database = pass.on_postgres.then(|| server.empty_database("fuzz")).transpose()?;
            pass.make(python, database.as_deref(), options.seed)
        });
        if let Err(error) = outcome {
            eprintln!("{error:#}");
            failed.push(name);
        }
    }
    ensure!(
        failed.is_empty(),
        "findings: {}\nagain with `cargo xtask fuzz-api --seed {} --seconds {}`; the curls above want the port and a \
         token of a `holdfast demo`",
        failed.join("; "),
        options.seed,
        options.seconds
    );
    Ok(())
}

/// What is asked of one server.
struct Pass {
    caller: &'static str,
    on_postgres: bool,
    /// How long chance may go on; where it is not said, the edges of every field are tried instead, each once.
    seconds: Option<u32>,
}

/// The edges of the fields are those of the document, whoever calls and whatever the database: they are tried once, as
/// somebody who may do everything.
fn passes(options: &Options) -> Vec<Pass> {
    let pass = |caller, on_postgres, seconds| Pass { caller, on_postgres, seconds };
    let edges = options.callers().last().map(|caller| pass(caller, false, None));
    let on_sqlite = options.callers().map(|caller| pass(caller, false, Some(options.seconds)));
    let on_postgres = options.callers().map(|caller| pass(caller, true, Some(options.seconds.div_ceil(2))));
    edges.into_iter().chain(on_sqlite).chain(on_postgres).collect()
}

impl Pass {
    fn name(&self) -> String {
        let database = if self.on_postgres { "PostgreSQL" } else { "SQLite" };
        let what = if self.seconds.is_some() { "chance" } else { "edges" };
        format!("{what} as {} on {database}", self.caller)
    }

    fn make(&self, python: &Path, database: Option<&str>, seed: u32) -> Result<()> {
        let demo = Demo::start(database)?;
        let fuzzer = Fuzzer { python, demo: &demo, token: demo.token(self.caller), seed };
        fuzzer.configure()?;
        if fuzzer.token.is_none() {
            return fuzzer.run(self.seconds, &[]);
        }
        fuzzer.run(self.seconds, &["--exclude-path-regex", ENDS_THE_SESSION])?;
        if documents(LOGOUT)? {
            let seconds = self.seconds.map(|seconds| seconds.div_ceil(5));
            fuzzer.run(seconds, &["--include-path-regex", ENDS_THE_SESSION])?;
        }
        Ok(())
    }
}

/// schemathesis, and whom it calls as whom.
struct Fuzzer<'a> {
    python: &'a Path,
    demo: &'a Demo,
    token: Option<&'a str>,
    seed: u32,
}

impl Fuzzer<'_> {
    fn configure(&self) -> Result<()> {
        let text = hints::configuration(self.token.map(|_| TOKEN))?;
        std::fs::write(self.configuration(), text).context("cannot write the fuzzer's configuration")
    }

    fn configuration(&self) -> PathBuf {
        self.demo.directory().join("schemathesis.toml")
    }

    fn run(&self, seconds: Option<u32>, filter: &[&str]) -> Result<()> {
        let mut command = Command::new(self.python);
        command.args(["-m", "schemathesis.cli", "--config-file"]).arg(self.configuration());
        command.args(["run", &format!("{}/openapi.json", self.demo.url), "--checks", &CHECKS.join(",")]);
        command.args(["--seed", &self.seed.to_string(), "--max-examples", EXAMPLES_MAX]);
        command.args(["--workers", WORKERS, "--continue-on-failure", "--no-color"]);
        command.args(["--generation-database", "none"]).args(filter);
        match seconds {
            Some(seconds) => {
                command.args(["--phases", "examples,fuzzing,stateful", "--max-time", &seconds.to_string()])
            }
            None => command.args(["--phases", "coverage"]),
        };
        command.current_dir(self.demo.directory()).envs(self.token.map(|token| (TOKEN, token)));
        let told = run_quietly(&mut command).map_err(|error| anyhow!("{error:#}{}", self.demo.log()))?;
        let told = String::from_utf8_lossy(&told.stdout);
        eprintln!("{}", told.lines().find(|line| line.contains(" generated")).unwrap_or_default().trim());
        Ok(())
    }
}

/// Whether the document has this path. Asked to send nothing at all, the fuzzer would fail.
fn documents(path: &str) -> Result<bool> {
    let document = project::root().join("docs/openapi.json");
    let text = std::fs::read_to_string(document).context("cannot read docs/openapi.json")?;
    let document: serde_json::Value = serde_json::from_str(&text)?;
    Ok(document.get("paths").is_some_and(|paths| paths.get(path).is_some()))
}
