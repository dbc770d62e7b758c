//! Where things are in the checkout.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The workspace's root. Asked of the environment first, because two checkouts may share one target directory and
/// then run each other's binary.
pub fn root() -> PathBuf {
    let package = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let package = PathBuf::from(package);
    package.parent().map_or(package.clone(), Path::to_path_buf)
}

pub fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    command.args(arguments).current_dir(root());
    command
}

/// Whether `cargo NAME` exists on this machine.
pub fn has_cargo_tool(name: &str) -> bool {
    cargo(&[name, "--version"]).output().is_ok_and(|output| output.status.success())
}

/// Real data sets that may lie beside the checkout; tests that want them pass over themselves where they are absent.
pub fn sample_data() -> Option<PathBuf> {
    root().join("../shared/data").canonicalize().ok()
}

/// Where cargo puts what it builds, which the developer may have moved.
pub fn target_directory() -> PathBuf {
    root().join(env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| OsString::from("target")))
}
