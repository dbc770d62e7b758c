use crate::cli::Stress;
use std::process::ExitCode;
pub fn run(_: &Stress) -> anyhow::Result<ExitCode> {
    anyhow::bail!("not yet")
}
