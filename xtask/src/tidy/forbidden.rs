//! Marks of unfinished work, and muted lints.

use super::source::{Finding, Source};

/// Written in two halves, so that this file passes its own rule.
const UNFINISHED: [&str; 3] = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];
const MUTED: [&str; 2] = [concat!("#[", "allow("), concat!("#![", "allow(")];
const CODE: [&str; 4] = ["rs", "sh", "sql", "toml"];

pub fn marks(sources: &[Source]) -> Vec<Finding> {
    sources.iter().filter(|source| CODE.contains(&source.extension())).flat_map(marks_in).collect()
}

fn marks_in(source: &Source) -> Vec<Finding> {
    source.lines().filter_map(|(line, text)| Some(source.finding(line, complaint(text)?))).collect()
}

fn complaint(line: &str) -> Option<String> {
    if let Some(mark) = UNFINISHED.into_iter().find(|mark| has_word(line, mark)) {
        return Some(format!("{mark}: finish it, or write it where work is planned"));
    }
    let muted = MUTED.into_iter().any(|mark| line.contains(mark));
    muted.then(|| "a muted lint: use #[expect(lint, reason = …)]".to_owned())
}

fn has_word(line: &str, word: &str) -> bool {
    line.split(|letter: char| !letter.is_alphanumeric() && letter != '_').any(|part| part == word)
}

#[cfg(test)]
mod tests {
    use super::super::source::check;
    use super::{MUTED, UNFINISHED, marks};

    #[test]
    fn each_mark_is_found_as_a_word() {
        for mark in UNFINISHED {
            assert_eq!(check(marks, "a.rs", &format!("\n// {mark}: later\n")).len(), 1, "{mark}");
            assert!(check(marks, "a.rs", &format!("let a{mark}S = 1;")).is_empty(), "{mark}");
            assert!(check(marks, "CONTRIBUTING.md", mark).is_empty(), "{mark}");
        }
    }

    #[test]
    fn a_muted_lint_is_found() {
        for mark in MUTED {
            assert_eq!(check(marks, "a.rs", &format!("{mark}dead_code)]")).len(), 1);
        }
        assert!(check(marks, "a.rs", "#[expect(dead_code, reason = \"x\")]").is_empty());
    }
}
