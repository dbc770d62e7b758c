//! A running `holdfast demo`, with people who are signed in.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::kept::Kept;
use crate::project;

/// Who calls, by the words in which `holdfast demo` names them; `nobody` is not signed in.
pub const CALLERS: [&str; 4] = ["nobody", "guest", "business", "admin"];
/// How often somebody may call is not what is tested here.
const SETTINGS: [(&str, &str); 9] = [
    ("HOLDFAST_RATES_AUTH", "off"),
    ("HOLDFAST_RATES_WRITE", "off"),
    ("HOLDFAST_RATES_READ", "off"),
    ("HOLDFAST_RATES_ANONYMOUS", "off"),
    ("HOLDFAST_CODES_PER_NUMBER", "off"),
    ("HOLDFAST_CODES_PER_ADDRESS", "off"),
    ("HOLDFAST_CODES_RESEND_S", "0"),
    ("HOLDFAST_LIMITS_REQUEST_MS", "60000"),
    ("HOLDFAST_LOG", "warn"),
];
const LOG_LINES_SHOWN_MAX: usize = 40;

/// Runs until it is dropped; its directory, with the database if that is a file, goes with it.
pub struct Demo {
    pub url: String,
    people: Vec<Person>,
    directory: PathBuf,
    /// Held for its drop.
    _process: Kept,
}

/// Somebody who is signed in.
struct Person {
    role: String,
    token: String,
}

/// The file that holds somebody's token, as a header of HTTP.
#[derive(Debug, PartialEq)]
struct TokenFile {
    role: String,
    path: String,
}

impl Demo {
    /// On this database, or on a file of its own.
    pub fn start(database: Option<&str>) -> Result<Self> {
        let directory = tempfile::Builder::new().prefix("holdfast-demo-").tempdir()?.keep();
        let mut process = launch(&directory, database)?;
        let output = process.stdout.take().context("the output was asked for")?;
        let process = Kept::new(process, &directory)?;
        let mut lines = BufReader::new(output);
        let greeting = greeting(&mut lines)?;
        let Some((url, files)) = greeting else { bail!("`holdfast demo` did not start{}", log(&directory)) };
        let people = files.into_iter().map(|file| file.read(&directory)).collect::<Result<_>>()?;
        // What it prints later is read, too, so that it is never kept waiting.
        std::thread::spawn(move || lines.read_to_end(&mut Vec::new()));
        Ok(Self { url, people, directory, _process: process })
    }

    /// The token of a role; nobody has none.
    pub fn token(&self, role: &str) -> Option<&str> {
        self.people.iter().find(|person| person.role == role).map(|person| person.token.as_str())
    }

    /// For files that may go with the server.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The end of its log, said as such; nothing where it logged nothing.
    pub fn log(&self) -> String {
        log(&self.directory)
    }
}

impl TokenFile {
    fn read(self, directory: &Path) -> Result<Person> {
        let path = directory.join(&self.path);
        let header = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let token = header.trim().strip_prefix("Authorization: Bearer ");
        let token = token.with_context(|| format!("{} holds no token", path.display()))?.to_owned();
        Ok(Person { role: self.role, token })
    }
}

/// Without the developer's environment: a vendor that is named there would be sent real messages.
fn launch(directory: &Path, database: Option<&str>) -> Result<Child> {
    let program = project::target_directory().join("debug").join("holdfast");
    let mut command = Command::new(&program);
    command.args(["demo", "--host", "127.0.0.1", "--port", "0", "--database"]);
    command.arg(database.unwrap_or("sqlite:demo.db")).current_dir(directory).env_clear().envs(SETTINGS);
    let log = File::create(directory.join("log")).context("cannot make the server's log")?;
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).process_group(0);
    command.spawn().with_context(|| format!("cannot start {}", program.display()))
}

fn log(directory: &Path) -> String {
    let whole = fs::read_to_string(directory.join("log")).unwrap_or_default();
    let lines: Vec<&str> = whole.lines().collect();
    let end = lines.get(lines.len().saturating_sub(LOG_LINES_SHOWN_MAX)..).unwrap_or_default();
    if end.is_empty() { String::new() } else { format!("\nthe server's log:\n{}", end.join("\n")) }
}

/// Reads until everybody was named. `None` where the server ended before.
fn greeting(lines: &mut impl BufRead) -> Result<Option<(String, Vec<TokenFile>)>> {
    let (mut url, mut files, mut line) = (None, Vec::new(), String::new());
    while lines.read_line(&mut line)? > 0 {
        url = url.or_else(|| address(&line));
        files.extend(token_file(&line));
        if let Some(url) = url.take_if(|_| files.len() + 1 == CALLERS.len()) {
            return Ok(Some((url, files)));
        }
        line.clear();
    }
    Ok(None)
}

fn address(line: &str) -> Option<String> {
    line.split_whitespace().find(|word| word.starts_with("http://")).map(str::to_owned)
}

/// `  guest … FILE`, whatever stands between the two.
fn token_file(line: &str) -> Option<TokenFile> {
    let mut words = line.split_whitespace();
    let role = words.next().filter(|word| line.starts_with("  ") && CALLERS.contains(word))?;
    Some(TokenFile { role: role.to_owned(), path: words.next_back()?.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOLD: &str = "\
Holdfast demo, listening on http://127.0.0.1:4711

People, signed in:
  guest     guest@demo.example  demo.guest
  business  demo.business
  admin     admin@demo.example  demo.admin

Three lines to paste:
";

    #[test]
    fn the_greeting_names_the_address_and_everybody() {
        let mut lines = TOLD.as_bytes();
        let (url, files) = greeting(&mut lines).unwrap().unwrap();
        assert_eq!(url, "http://127.0.0.1:4711");
        let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(paths, ["demo.guest", "demo.business", "demo.admin"]);
        assert!(lines.starts_with(b"\nThree"), "no more is read than is needed");
    }

    #[test]
    fn a_token_is_read_from_its_file() {
        let directory = tempfile::tempdir().unwrap();
        let file = || TokenFile { role: "guest".to_owned(), path: "demo.guest".to_owned() };
        fs::write(directory.path().join("demo.guest"), "Authorization: Bearer one.two\n").unwrap();
        assert_eq!(file().read(directory.path()).unwrap().token, "one.two");
        fs::write(directory.path().join("demo.guest"), "").unwrap();
        assert!(file().read(directory.path()).is_err());
    }

    #[test]
    fn a_server_that_ends_early_is_no_greeting() {
        assert_eq!(greeting(&mut "Holdfast demo\n".as_bytes()).unwrap(), None);
    }
}
