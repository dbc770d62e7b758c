//! `cargo xtask test`: what must hold before a change lands, the cheap checks first.

use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::servers::{Found, Servers};
use crate::steps::{run as run_command, step};
use crate::{clients, fuzz, project, python, tidy};

/// Prints nothing after the test runner, so that its summary closes the output; unless tests were skipped, which must
/// not pass unseen.
pub fn run(arguments: &[String]) -> Result<ExitCode> {
    let options = Options::parse(arguments);
    if !options.quick {
        step("format", || run_command(&mut project::cargo(&["fmt", "--all", "--check"])))?;
    }
    step("tidy", tidy::check)?;
    if !options.quick {
        step("licences, bans, sources", check_dependencies)?;
    }
    let found = Found::find_or_install()?;
    let python = step("mail server: find", || python::MAIL_SERVER.find_or_install())?;
    if !options.quick {
        step("clippy", clippy)?;
    }
    step("build", || run_command(&mut project::cargo(&["build", "--workspace"])))?;
    let servers = found.start()?;
    if !options.quick {
        step("API: clients", || clients::Tools::find_or_install()?.check())?;
        step("API: fuzz", || fuzz_api(&servers))?;
    }
    run_tests(&options, &servers, &python)
}

#[derive(Debug, PartialEq)]
struct Options {
    quick: bool,
    runner_arguments: Vec<String>,
}

impl Options {
    fn parse(arguments: &[String]) -> Self {
        let (quick, runner_arguments): (Vec<_>, Vec<_>) =
            arguments.iter().cloned().partition(|word| word == "--quick");
        Self { quick: !quick.is_empty(), runner_arguments }
    }

    /// cargo takes `--workspace` to outweigh `-p`, so it may only stand where no package is named.
    fn names_package(&self) -> bool {
        self.runner_arguments.iter().any(|word| word.starts_with("-p") || word.starts_with("--package"))
    }
}

fn check_dependencies() -> Result<()> {
    if project::has_cargo_tool("deny") {
        return run_command(&mut project::cargo(&["deny", "check", "licenses", "bans", "sources"]));
    }
    eprintln!("not checked: cargo-deny is not installed");
    Ok(())
}

fn clippy() -> Result<()> {
    run_command(&mut project::cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))
}

/// Before the tests, so that their summary still closes the output.
fn fuzz_api(servers: &Servers) -> Result<()> {
    fuzz::check(&python::FUZZER.find_or_install()?, servers.postgres(), &fuzz::Options::default())
}

fn run_tests(options: &Options, servers: &Servers, python: &Path) -> Result<ExitCode> {
    eprintln!("── tests");
    let mut runner = test_runner();
    if !options.names_package() {
        runner.arg("--workspace");
    }
    let skips = tempfile::NamedTempFile::new().context("cannot make a temporary file")?;
    let status = runner
        .args(&options.runner_arguments)
        .envs(servers.environment())
        .env(python::VARIABLE, python)
        .env("HOLDFAST_TEST_SKIPS", skips.path())
        .status()
        .context("cannot start the test runner")?;
    tell_skips(&std::fs::read_to_string(skips.path()).context("cannot read the skipped tests")?);
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn tell_skips(skips: &str) {
    let count = skips.lines().count();
    if count > 0 {
        eprintln!("── {count} tests were skipped:\n{skips}");
    }
}

fn test_runner() -> Command {
    if project::has_cargo_tool("nextest") {
        project::cargo(&["nextest", "run"])
    } else {
        project::cargo(&["test", "--no-fail-fast"])
    }
}

#[cfg(test)]
mod tests {
    use super::Options;

    fn options(words: &[&str]) -> Options {
        Options::parse(&words.iter().map(ToString::to_string).collect::<Vec<_>>())
    }

    #[test]
    fn only_quick_is_ours() {
        let given = options(&["hold", "--quick", "-E", "test(x)"]);
        assert!(given.quick);
        assert_eq!(given.runner_arguments, ["hold", "-E", "test(x)"]);
    }

    #[test]
    fn a_named_package_replaces_the_workspace() {
        assert!(options(&["-p", "store"]).names_package());
        assert!(options(&["--package=store"]).names_package());
        assert!(!options(&["store"]).names_package());
    }
}
