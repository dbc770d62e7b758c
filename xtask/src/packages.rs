//! The distribution's packages, where we may install them.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail, ensure};

use crate::steps::run;
use crate::user::is_root;

/// Installs a package of Debian and its kin, or fails with what to run; `what` is missing.
pub fn install(what: &str, package: &str) -> Result<()> {
    let command = format!("apt-get install --no-install-recommends {package}");
    let Some(prefix) = administrator()? else { bail!("{what} not found; run `sudo {command}`") };
    ensure!(Path::new("/usr/bin/apt-get").exists(), "{what} not found; install the server's package");
    eprintln!("not found; running `{command}`");
    apt_get(prefix, &["update", "--quiet=2"])?;
    apt_get(prefix, &["install", "--quiet=2", "--yes", "--no-install-recommends", package])
}

/// Stops what the distribution has started because it was installed. Where nothing was started nothing is stopped.
pub fn stop_service(name: &str) -> Result<()> {
    let stop = ["service", name, "stop"];
    let mut words = administrator()?.into_iter().flatten().chain(&stop);
    if let Some(program) = words.next() {
        let _ = Command::new(program).args(words).output();
    }
    Ok(())
}

/// The words that make a command an administrator's, or nothing where we are none.
fn administrator() -> Result<Option<&'static [&'static str]>> {
    if is_root()? {
        return Ok(Some(&[]));
    }
    let may = Command::new("sudo").args(["-n", "true"]).output().is_ok_and(|output| output.status.success());
    Ok(may.then_some(&["sudo", "-n"]))
}

fn apt_get(prefix: &[&str], arguments: &[&str]) -> Result<()> {
    let mut words =
        prefix.iter().chain(&["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]).chain(arguments);
    let Some(program) = words.next() else { bail!("no program to run") };
    run(Command::new(program).args(words))
}
