//! `cargo xtask bare`: the README's two commands on a Debian that has a C compiler, git and Rust, and nothing else.
//!
//! The root directory is made by debootstrap and removed afterwards. What it has of this machine is the Rust toolchain
//! and the packages of Cargo that were fetched before, both read-only, and how registries are reached.

mod load;
mod options;
mod readme;
mod root;

use std::process::ExitCode;

use anyhow::{Result, ensure};

use crate::steps::step;
use crate::user::is_root;
use load::Load;
use options::Options;
use root::Root;

pub fn run(arguments: &[String]) -> Result<ExitCode> {
    let options = Options::parse(arguments)?;
    ensure!(is_root()?, "only root can make a root directory and enter it");
    let root = step("bare Debian: make", Root::make)?;
    let _load = Load::start(options.load);
    if !options.command.is_empty() {
        return root.run(&options.command);
    }
    step("cargo run --release -- demo", || readme::demo(&root))?;
    step("cargo xtask test", || root.run(&["cargo", "xtask", "test"].map(str::to_owned)))
}
