//! The root directory, and how a command is run in it.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use crate::steps::run_quietly;
use crate::{packages, project};

const RELEASE: &str = "bookworm";
const PACKAGES: &str = "build-essential,ca-certificates,git";
const ENTER: &str = include_str!("enter.sh");
/// Where the checkout is, seen from inside.
const CHECKOUT: &str = "/src/holdfast";
/// How this machine reaches registries: files of the system, and of the user.
const SYSTEM_FILES: [&str; 9] = [
    "/etc/apt/apt.conf.d",
    "/etc/apt/sources.list",
    "/etc/apt/sources.list.d",
    "/etc/hosts",
    "/etc/pip.conf",
    "/etc/npmrc",
    "/etc/resolv.conf",
    "/etc/ssl/certs",
    "/usr/local/share/ca-certificates",
];
const USER_FILES: [&str; 2] = [".config/pip", ".npmrc"];
/// What the variables that say the same begin or end with.
const PREFIXES: [&str; 7] =
    ["CARGO_HTTP", "CARGO_NET", "CARGO_REGISTRIES", "CARGO_SOURCE", "NPM_", "PIP_", "npm_"];
const SUFFIXES: [&str; 5] = ["_PROXY", "_proxy", "_CA_BUNDLE", "_CA_CERTS", "SSL_CERT_FILE"];

/// Removed when it is dropped.
pub struct Root {
    directory: TempDir,
    toolchain: PathBuf,
    registry: PathBuf,
}

impl Root {
    pub fn make() -> Result<Self> {
        if !Path::new("/usr/sbin/debootstrap").exists() {
            packages::install("debootstrap was", "debootstrap")?;
        }
        run_quietly(&mut project::cargo(&["fetch", "--locked"]))?;
        let parent = project::target_directory();
        let directory = tempfile::Builder::new().prefix("bare-").tempdir_in(parent)?;
        let root = Self { directory, toolchain: toolchain()?, registry: cargo_home()?.join("registry") };
        root.install()?;
        root.configure()?;
        root.clone_checkout()?;
        Ok(root)
    }

    /// The checkout, seen from outside.
    pub fn checkout(&self) -> PathBuf {
        self.inside(CHECKOUT)
    }

    /// A command in the checkout, in namespaces of its own.
    pub fn command(&self, words: &[String]) -> Command {
        let mut command = Command::new("unshare");
        command.args(["--mount", "--pid", "--fork", "--kill-child", "sh", "-c", ENTER, "enter.sh"]);
        command.arg(self.directory.path()).arg(&self.toolchain).arg(&self.registry);
        command.args(["sh", "-c", "cd \"$0\" && exec \"$@\"", CHECKOUT]).args(words);
        command.env_clear().envs(registries()).env("HOME", "/root").env("CARGO_HOME", "/opt/cargo");
        command.env("PATH", "/opt/rust/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        // What was fetched is shared and cannot be written to.
        command.env("CARGO_NET_OFFLINE", "true");
        command
    }

    pub fn run(&self, words: &[String]) -> Result<ExitCode> {
        let status = self.command(words).status().context("cannot start `unshare`")?;
        ensure!(status.success(), "`{}` failed on the bare machine: {status}", words.join(" "));
        Ok(ExitCode::SUCCESS)
    }

    fn install(&self) -> Result<()> {
        let mut install = Command::new("debootstrap");
        install.args(["--variant=minbase", &format!("--include={PACKAGES}"), RELEASE]);
        install.arg(self.directory.path()).args(mirror()?);
        run_quietly(&mut install).map(drop)
    }

    fn configure(&self) -> Result<()> {
        let home = home()?;
        let of_system = SYSTEM_FILES.iter().map(|path| (PathBuf::from(path), self.inside(path)));
        let of_user = USER_FILES.iter().map(|path| (home.join(path), self.inside("/root").join(path)));
        let of_cargo = (cargo_home()?.join("config.toml"), self.inside("/opt/cargo/config.toml"));
        for (from, to) in of_system.chain(of_user).chain([of_cargo]) {
            copy(&from, &to)?;
        }
        Ok(())
    }

    fn clone_checkout(&self) -> Result<()> {
        let mut clone = Command::new("git");
        clone.args(["clone", "--quiet", "--no-hardlinks"]).arg(project::root()).arg(self.checkout());
        run_quietly(&mut clone).map(drop)
    }

    fn inside(&self, path: &str) -> PathBuf {
        self.directory.path().join(path.trim_start_matches('/'))
    }
}

/// The address of the distribution's packages, where this machine has one; debootstrap knows another.
fn mirror() -> Result<Option<String>> {
    let format = "$(CREATED_BY) $(CODENAME) $(REPO_URI)";
    let told = run_quietly(Command::new("apt-get").args(["indextargets", "--format", format]))?;
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    let wanted = format!("Packages {RELEASE} ");
    Ok(told.lines().find_map(|line| line.strip_prefix(wanted.as_str())).map(str::to_owned))
}

fn toolchain() -> Result<PathBuf> {
    let told = run_quietly(Command::new("rustc").args(["--print", "sysroot"]).current_dir(project::root()))?;
    Ok(PathBuf::from(String::from_utf8_lossy(&told.stdout).trim()))
}

fn cargo_home() -> Result<PathBuf> {
    match env::var_os("CARGO_HOME") {
        Some(home) => Ok(home.into()),
        None => Ok(home()?.join(".cargo")),
    }
}

fn home() -> Result<PathBuf> {
    env::var_os("HOME").map(PathBuf::from).context("HOME is not set")
}

fn registries() -> impl Iterator<Item = (OsString, OsString)> {
    env::vars_os().filter(|(name, _)| {
        let name = name.to_string_lossy();
        let begins = PREFIXES.iter().any(|prefix| name.starts_with(prefix));
        begins || SUFFIXES.iter().any(|suffix| name.ends_with(suffix))
    })
}

/// A file or directory, with the files that its links point to; nothing where there is none.
fn copy(from: &Path, to: &Path) -> Result<()> {
    if !from.exists() {
        return Ok(());
    }
    let parent = to.parent().context("a path inside has a parent")?;
    fs::create_dir_all(parent).with_context(|| format!("cannot create {}", parent.display()))?;
    run_quietly(Command::new("cp").args(["-rL", "--remove-destination", "-T"]).args([from, to])).map(drop)
}
