//! The sources of settings: the file, `.env`, the environment and the command line. Each overrides the previous ones.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use super::kind::{Given, Kind};
use super::setting::{Seen, Setting};
use super::values::without_password;
use super::{dotenv, file};

/// The default file, read if it exists.
const DEFAULT_FILE: &str = "holdfast.toml";
const DOTENV: &str = ".env";
/// Variables that are not settings: those of tests, and the path of the file.
const NOT_SETTINGS: [&str; 4] = ["HOLDFAST_TEST_", "HOLDFAST_UPDATE", "HOLDFAST_SEED", "HOLDFAST_CONFIG"];

/// The source of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    Default,
    File { path: PathBuf, line: usize },
    Dotenv { line: usize },
    Environment,
    CommandLine(&'static str),
}

impl Source {
    /// The source, and the name used there.
    pub fn place(&self, setting: &Setting) -> String {
        match self {
            Self::Default => setting.key.to_owned(),
            Self::File { .. } => format!("{self}: {}", setting.key),
            Self::Dotenv { .. } | Self::Environment => format!("{self}: {}", setting.variable()),
            Self::CommandLine(_) => format!("{self} ({})", setting.key),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, line } => write!(f, "{} line {line}", path.display()),
            Self::Dotenv { line } => write!(f, "{DOTENV} line {line}"),
            Self::Environment => f.write_str("environment"),
            Self::CommandLine(flag) => write!(f, "command line {flag}"),
        }
    }
}

/// An error and its location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong(pub String);

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A setting given on the command line.
pub struct Override {
    pub flag: &'static str,
    pub key: String,
    pub value: String,
}

/// All given values, the strongest of each.
pub struct Sources {
    /// All settings that exist.
    known: &'static [Setting],
    given: BTreeMap<&'static str, (Given, Source)>,
    pub wrong: Vec<Wrong>,
}

impl Sources {
    /// Reads all sources: the named file, or the default file in `directory`; the environment is passed in.
    pub fn gather(
        known: &'static [Setting],
        directory: &Path,
        named: Option<&Path>,
        environment: impl Iterator<Item = (String, String)>,
        overrides: Vec<Override>,
    ) -> Self {
        let mut sources = Self { known, given: BTreeMap::new(), wrong: Vec::new() };
        sources.file(directory, named);
        sources.dotenv(directory);
        sources.environment(environment);
        for Override { flag, key, value } in overrides {
            match sources.known(&key) {
                Some(setting) => sources.give(setting, Given::One(value), Source::CommandLine(flag)),
                None => sources.note(format!("command line {flag}: {key} is not a setting")),
            }
        }
        sources
    }

    fn file(&mut self, directory: &Path, named: Option<&Path>) {
        let path = directory.join(named.unwrap_or(Path::new(DEFAULT_FILE)));
        let shown = named.unwrap_or(Path::new(DEFAULT_FILE)).to_owned();
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && named.is_none() => return,
            Err(error) => return self.note(format!("{}: cannot read the file: {error}", shown.display())),
        };
        let (entries, errors) = file::entries(&text);
        for (line, says) in errors {
            self.note(format!("{} line {line}: {says}", shown.display()));
        }
        for entry in entries {
            let source = Source::File { path: shown.clone(), line: entry.line };
            match self.known(&entry.key) {
                Some(setting) => self.give(setting, entry.given, source),
                None => self.note(format!("{source}: {} is not a setting", entry.key)),
            }
        }
    }

    fn dotenv(&mut self, directory: &Path) {
        let text = match std::fs::read_to_string(directory.join(DOTENV)) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return,
            Err(error) => return self.note(format!("{DOTENV}: cannot read the file: {error}")),
        };
        for (line, read) in dotenv::lines(&text) {
            match read {
                Ok((name, value)) => self.variable(&name, value, Source::Dotenv { line }),
                Err(says) => self.note(format!("{DOTENV} line {line}: {says}")),
            }
        }
    }

    fn environment(&mut self, variables: impl Iterator<Item = (String, String)>) {
        let mut variables: Vec<_> = variables.collect();
        variables.sort();
        for (name, value) in variables {
            self.variable(&name, value, Source::Environment);
        }
    }

    /// An empty variable counts as not set, because templates produce them.
    fn variable(&mut self, name: &str, value: String, source: Source) {
        match self.known.iter().find(|setting| setting.variable() == name) {
            Some(setting) if !value.is_empty() => self.give(setting, Given::One(value), source),
            None if name.starts_with("HOLDFAST_")
                && !NOT_SETTINGS.iter().any(|begin| name.starts_with(begin)) =>
            {
                self.note(format!("{source}: {name} is not a setting"));
            }
            Some(_) | None => {}
        }
    }

    fn known(&self, key: &str) -> Option<&'static Setting> {
        self.known.iter().find(|setting| setting.key == key)
    }

    fn give(&mut self, setting: &'static Setting, given: Given, source: Source) {
        self.given.insert(setting.key, (given, source));
    }

    fn note(&mut self, says: String) {
        self.wrong.push(Wrong(says));
    }

    /// The value of one setting, if it is valid. Errors are collected.
    pub fn value<K: Kind>(&self, key: &str, kind: &K, wrong: &mut Vec<Wrong>) -> Option<K::Value> {
        let setting = self.known(key)?;
        let (given, source) = self.given(setting);
        let absent = given == Given::One(String::new());
        if let Some(value) = kind.absent().filter(|_| absent) {
            return Some(value);
        }
        let read = kind.read(&given);
        read.map_err(|says| {
            let shown = match (&given, setting.seen) {
                (Given::One(text), Seen::Open) => format!("is {text:?}"),
                _ => "is invalid".to_owned(),
            };
            wrong.push(Wrong(format!("{} {shown}: {says}", source.place(setting))));
        })
        .ok()
    }

    /// The effective value of a setting, and its source.
    pub fn given(&self, setting: &Setting) -> (Given, Source) {
        let default = || (Given::One(setting.default.to_owned()), Source::Default);
        self.given.get(setting.key).cloned().unwrap_or_else(default)
    }

    /// The value for display; `None` if there is none.
    pub fn shown(&self, setting: &Setting) -> Option<String> {
        let text = match self.given(setting).0 {
            Given::One(text) => text,
            Given::Many(texts) => texts.join(", "),
        };
        let shown = match setting.seen {
            Seen::Open => text.clone(),
            Seen::Hidden => "***".to_owned(),
            Seen::Url => without_password(&text),
        };
        (!text.is_empty()).then_some(shown)
    }

    /// A setting's name where the reader can find it: in its source, or otherwise the environment variable.
    pub fn name(&self, key: &str) -> String {
        let Some(setting) = self.known(key) else { return key.to_owned() };
        match self.given(setting).1 {
            Source::Default => setting.variable(),
            source => source.place(setting),
        }
    }
}
