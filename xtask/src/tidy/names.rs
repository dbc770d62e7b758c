//! Names that say nothing, and crates that do not introduce themselves.

use super::source::{Finding, Source};

const VAGUE: [&str; 5] = ["common", "helpers", "manager", "misc", "utils"];

pub fn vague_names(sources: &[Source]) -> Vec<Finding> {
    sources.iter().filter(|source| source.is_rust()).flat_map(vague_names_in).collect()
}

fn vague_names_in(source: &Source) -> Vec<Finding> {
    let named =
        |line: usize, name: &str| source.finding(line, format!("`{name}` says nothing: name what it holds"));
    let in_path = source.path.trim_end_matches(".rs").split('/').filter(|part| VAGUE.contains(part));
    let in_text = source.lines().filter_map(|(line, text)| Some((line, inline_module(text)?)));
    let in_text = in_text.filter(|(_, name)| VAGUE.contains(name));
    in_path.map(|name| named(1, name)).chain(in_text.map(|(line, name)| named(line, name))).collect()
}

/// The name of a module with a body; the name of one without is its file's, which is looked at by itself.
fn inline_module(line: &str) -> Option<&str> {
    let mut words = line.trim_end_matches('{').split_whitespace();
    let first = words.next()?;
    let word = if first.starts_with("pub") { words.next()? } else { first };
    let name = words.next()?;
    (word == "mod" && line.ends_with('{')).then_some(name)
}

pub fn crate_openings(sources: &[Source]) -> Vec<Finding> {
    let silent =
        sources.iter().filter(|source| is_crate_root(&source.path) && !source.text.starts_with("//!"));
    silent
        .map(|source| source.finding(1, "a crate opens with `//!`: what it is, and what it is not"))
        .collect()
}

fn is_crate_root(path: &str) -> bool {
    let package = path.strip_suffix("/src/lib.rs").or_else(|| path.strip_suffix("/src/main.rs"));
    package.is_some_and(|package| package == "xtask" || package.starts_with("crates/"))
}

#[cfg(test)]
mod tests {
    use super::super::source::check;
    use super::{crate_openings, vague_names};

    #[test]
    fn vague_names_are_found_in_paths_and_modules() {
        assert_eq!(check(vague_names, "crates/app/src/utils.rs", "").len(), 1);
        assert_eq!(check(vague_names, "crates/app/tests/common/mod.rs", "").len(), 1);
        assert_eq!(check(vague_names, "a.rs", "\npub(crate) mod misc {\n}\n").len(), 1);
        assert!(check(vague_names, "crates/app/src/commons.rs", "// mod misc {").is_empty());
    }

    #[test]
    fn a_crate_must_introduce_itself() {
        assert_eq!(check(crate_openings, "crates/app/src/lib.rs", "use std::fmt;\n").len(), 1);
        assert_eq!(check(crate_openings, "xtask/src/main.rs", "fn main() {}\n").len(), 1);
        assert!(check(crate_openings, "crates/app/src/lib.rs", "//! The use cases.\n").is_empty());
        assert!(check(crate_openings, "crates/app/src/hold.rs", "use std::fmt;\n").is_empty());
    }
}
