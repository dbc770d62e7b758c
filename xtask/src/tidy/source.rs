//! The files that rules look at, and what rules say about them.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

/// Where to look when there is no git to ask.
const WALKED: [&str; 2] = ["crates", "xtask"];

/// A text file of the checkout; its path is relative to the root, with `/` between the parts.
pub struct Source {
    pub path: String,
    pub text: String,
}

impl Source {
    /// The lines with their numbers, as editors count them.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }

    pub fn is_rust(&self) -> bool {
        self.extension() == "rs"
    }

    /// Empty where the name has none.
    pub fn extension(&self) -> &str {
        Path::new(&self.path).extension().and_then(|extension| extension.to_str()).unwrap_or("")
    }

    pub fn is_in_tests(&self) -> bool {
        self.path.split('/').any(|part| part == "tests")
    }

    pub fn finding(&self, line: usize, message: impl Into<String>) -> Finding {
        Finding { path: self.path.clone(), line, message: message.into() }
    }
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    pub path: String,
    pub line: usize,
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}: {}", self.path, self.line, self.message)
    }
}

/// Every text file under version control or about to be. What is not text, or was deleted since, is passed over.
pub fn read_all(root: &Path) -> Result<Vec<Source>> {
    let paths = match listed_by_git(root) {
        Some(paths) => paths,
        None => walked(root)?,
    };
    Ok(paths.into_iter().filter_map(|path| read(root, path)).collect())
}

fn read(root: &Path, path: String) -> Option<Source> {
    let text = fs::read_to_string(root.join(&path)).ok()?;
    Some(Source { path, text })
}

fn listed_by_git(root: &Path) -> Option<BTreeSet<String>> {
    let mut git = Command::new("git");
    git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).current_dir(root);
    let output = git.output().ok().filter(|output| output.status.success())?;
    let listed = String::from_utf8(output.stdout).ok()?;
    Some(listed.split_terminator('\0').map(ToOwned::to_owned).collect())
}

fn walked(root: &Path) -> Result<BTreeSet<String>> {
    let mut paths = BTreeSet::new();
    for directory in WALKED {
        walk(root, directory, &mut paths)?;
    }
    Ok(paths)
}

fn walk(root: &Path, directory: &str, paths: &mut BTreeSet<String>) -> Result<()> {
    let entries = fs::read_dir(root.join(directory)).with_context(|| format!("cannot read {directory}"))?;
    for entry in entries {
        let entry = entry?;
        let path = format!("{directory}/{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            walk(root, &path, paths)?;
        } else {
            paths.insert(path);
        }
    }
    Ok(())
}

#[cfg(test)]
pub fn given(path: &str, text: &str) -> Source {
    Source { path: path.to_owned(), text: text.to_owned() }
}

/// Runs a rule over one file and shows its findings as `line: message`.
#[cfg(test)]
pub fn check(rule: super::Rule, path: &str, text: &str) -> Vec<String> {
    let findings = rule(&[given(path, text)]);
    findings.into_iter().map(|finding| format!("{}: {}", finding.line, finding.message)).collect()
}

#[cfg(test)]
mod tests {
    use super::read_all;
    use std::fs;

    #[test]
    fn without_git_the_crates_are_walked() {
        let root = tempfile::tempdir().unwrap();
        for directory in ["crates/domain/src", "xtask"] {
            fs::create_dir_all(root.path().join(directory)).unwrap();
        }
        fs::write(root.path().join("crates/domain/src/lib.rs"), "//! Rules.\n").unwrap();
        fs::write(root.path().join("crates/domain/logo.png"), [0xff, 0xfe]).unwrap();
        let sources = read_all(root.path()).unwrap();
        let paths: Vec<_> = sources.iter().map(|source| source.path.as_str()).collect();
        assert_eq!(paths, ["crates/domain/src/lib.rs"]);
    }
}
