//! Running things one after another, saying which and how long.

use std::ffi::OsString;
use std::process::{Command, ExitCode, Output};
use std::time::Instant;

use anyhow::{Context, Result, ensure};

/// Announces an act and its duration. On standard error, as cargo does, so that the lines keep their order.
pub fn step<T>(name: &str, act: impl FnOnce() -> Result<T>) -> Result<T> {
    eprintln!("── {name}");
    let began = Instant::now();
    let result = act();
    let outcome = if result.is_ok() { "done" } else { "failed" };
    eprintln!("── {name}: {outcome} in {:.1} s", began.elapsed().as_secs_f64());
    result
}

/// Runs a command that talks to the developer itself.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start `{}`", shown(command)))?;
    ensure!(status.success(), "`{}` failed: {status}", shown(command));
    Ok(())
}

/// Runs the developer's own command with these variables set; the exit code is the command's.
pub fn run_with(
    program: &str,
    arguments: &[String],
    environment: impl IntoIterator<Item = (&'static str, OsString)>,
) -> Result<ExitCode> {
    let status = Command::new(program).args(arguments).envs(environment).status();
    let code = status.with_context(|| format!("cannot start `{program}`"))?.code();
    let code = code.and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

/// Runs a command whose words matter only when it fails.
pub fn run_quietly(command: &mut Command) -> Result<Output> {
    let output = command.output().with_context(|| format!("cannot start `{}`", shown(command)))?;
    ensure!(
        output.status.success(),
        "`{}` failed: {}\n{}{}",
        shown(command),
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(output)
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
