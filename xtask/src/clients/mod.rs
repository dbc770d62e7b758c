//! `cargo xtask clients`: what others make of the OpenAPI document. A client in Python and types for TypeScript are
//! generated from the running server's document without a warning and pass a strict type checker; then a program books
//! with the Python client.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, anyhow, bail, ensure};

use crate::demo::Demo;
use crate::node::Node;
use crate::steps::{run as run_command, run_quietly, step};
use crate::{project, python};

const PYTHON_PROGRAM: &str = include_str!("book.py");
const PYTHON_SETTINGS: &str = include_str!("generator.yml");
const TYPESCRIPT_PROGRAM: &str = include_str!("use.ts");

/// The generators and the checkers of types.
pub struct Tools {
    python: PathBuf,
    node: Node,
}

pub fn run(arguments: &[String]) -> Result<ExitCode> {
    if !arguments.is_empty() {
        bail!("usage: cargo xtask clients");
    }
    let tools = Tools::find_or_install()?;
    step("build", || run_command(&mut project::cargo(&["build", "--workspace"])))?;
    tools.check()?;
    Ok(ExitCode::SUCCESS)
}

impl Tools {
    pub fn find_or_install() -> Result<Self> {
        step("client generators: find", || {
            python::TYPE_CHECKER.find_or_install()?;
            Ok(Self { python: python::CLIENT_GENERATOR.find_or_install()?, node: Node::find_or_install()? })
        })
    }

    pub fn check(&self) -> Result<()> {
        let demo = Demo::start(None)?;
        step("Python client", || self.python_client(&demo))?;
        step("TypeScript types", || self.typescript_types(&demo))
    }

    fn python_client(&self, demo: &Demo) -> Result<()> {
        let directory = demo.directory();
        write(directory, "generator.yml", PYTHON_SETTINGS)?;
        let mut generate = self.python(directory)?;
        generate.args(["-m", "openapi_python_client", "generate", "--fail-on-warning"]);
        generate.args(["--config", "generator.yml", "--output-path", "client", "--url"]);
        run_quietly(generate.arg(document(demo)))?;
        let client = directory.join("client");
        write(&client, "book.py", PYTHON_PROGRAM)?;
        let mut check = self.python(&client)?;
        check.args(["-m", "mypy", "--strict", "holdfast_client", "book.py", "--cache-dir"]);
        run_quietly(check.arg(project::target_directory().join("mypy")))?;
        let mut book = self.python(&client)?;
        let booked = run_quietly(book.args(["book.py", &demo.url]));
        booked.map(drop).map_err(|error| anyhow!("{error:#}{}", demo.log()))
    }

    /// The generator formats with `ruff`, which it looks for in the search path.
    fn python(&self, directory: &Path) -> Result<Command> {
        let own = self.python.parent().map(Path::to_path_buf);
        let others = env::var_os("PATH").unwrap_or_default();
        let search_path = env::join_paths(own.into_iter().chain(env::split_paths(&others)))?;
        let mut command = Command::new(&self.python);
        command.current_dir(directory).env("PATH", search_path);
        Ok(command)
    }

    fn typescript_types(&self, demo: &Demo) -> Result<()> {
        let directory = demo.directory();
        write(directory, "use.ts", TYPESCRIPT_PROGRAM)?;
        let mut generate = self.node.command("openapi-typescript/bin/cli.js", directory);
        let output = run_quietly(generate.args([&document(demo), "--output", "api.ts"]))?;
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&text);
        ensure!(!text.contains('⚠') && !text.to_lowercase().contains("warn"), "{text}");
        let mut check = self.node.command("typescript/bin/tsc", directory);
        check.args(["--noEmit", "--strict", "--module", "esnext", "--moduleResolution", "bundler", "use.ts"]);
        run_quietly(&mut check).map(drop)
    }
}

fn document(demo: &Demo) -> String {
    format!("{}/openapi.json", demo.url)
}

fn write(directory: &Path, name: &str, text: &str) -> Result<()> {
    fs::write(directory.join(name), text).with_context(|| format!("cannot write {name}"))
}
