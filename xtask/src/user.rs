//! Users of the operating system.

use std::process::Command;

use anyhow::{Context, Result};

use crate::steps::run_quietly;

pub fn is_root() -> Result<bool> {
    Ok(number_from_id(&["-u"])? == 0)
}

pub fn number_from_id(arguments: &[&str]) -> Result<u32> {
    let output = run_quietly(Command::new("id").args(arguments))?;
    String::from_utf8_lossy(&output.stdout).trim().parse().context("`id` did not answer with a number")
}
