//! The developer's commands: `cargo xtask COMMAND`.
//!
//! One place for what would otherwise be shell scripts, so that a fresh machine needs Rust and nothing else:
//! `test` brings its own servers. Deliberately not part of the product: it depends on none of its crates, and
//! drives `cargo` and the `holdfast` binary from outside. Start at [`dispatch`].
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "printing is what a developer's command is for"
)]

mod bare;
mod bench;
mod clients;
mod demo;
mod fuzz;
mod kept;
mod migration;
mod node;
mod packages;
mod port;
mod postgres;
mod project;
mod python;
mod redis;
mod servers;
mod steps;
mod test;
mod tidy;
mod user;

use std::process::ExitCode;

use anyhow::{Result, bail};

const USAGE: &str = "\
usage: cargo xtask COMMAND

  test [--quick] [ARGUMENTS…]   every check, then every test, with a PostgreSQL and a Redis of its own;
                                --quick leaves out format, licences, clippy and fuzzing the API;
                                other arguments go to the test runner (a name, -p store, …)
  tidy                          the house rules that no compiler checks
  bare [--load N] [-- COMMAND…] the README's two commands, or another, on a fresh Debian with nothing but a C
                                compiler, git and Rust; N threads keep the processors busy meanwhile
  bench [--rounds N] [--seconds N] [--database URL] [--write]
                                measure the release build; --write puts the tables into README.md
  fuzz-api [--seed N] [--seconds N] [--caller NAME]
                                send the running server what its OpenAPI document allows and forbids
  clients                       generate a Python and a TypeScript client from the running server, check and use them
  new-migration NAME            the next number's four files: up and down, for both databases
  postgres -- COMMAND…          run a command with a PostgreSQL started and named in its environment
  servers -- COMMAND…           the same with a Redis besides";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    dispatch(&arguments).unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

fn dispatch(arguments: &[String]) -> Result<ExitCode> {
    let Some((command, rest)) = arguments.split_first() else { bail!("no command\n\n{USAGE}") };
    match command.as_str() {
        "test" => test::run(rest),
        "tidy" => tidy::run(),
        "bare" => bare::run(rest),
        "bench" => bench::run(rest),
        "clients" => clients::run(rest),
        "fuzz-api" => fuzz::run(rest),
        "new-migration" => migration::run(rest),
        "postgres" => postgres::run(rest),
        "servers" => servers::run(rest),
        "help" | "--help" | "-h" => {
            println!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        other => bail!("unknown command `{other}`\n\n{USAGE}"),
    }
}
