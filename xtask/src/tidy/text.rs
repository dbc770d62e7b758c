//! Sizes and line ends.

use super::source::{Finding, Source};

const FILE_LINES_MAX: usize = 450;
const TEST_FILE_LINES_MAX: usize = 700;
const LINE_CHARACTERS_MAX: usize = 140;
/// Files that people write here; fixtures and generated files come as they are.
const WRITTEN_BY_HAND: [&str; 11] = ["", "css", "html", "js", "md", "rs", "sh", "sql", "toml", "yaml", "yml"];

pub fn lengths(sources: &[Source]) -> Vec<Finding> {
    sources.iter().filter(|source| source.is_rust()).flat_map(lengths_of).collect()
}

fn lengths_of(source: &Source) -> Vec<Finding> {
    let max = if source.is_in_tests() { TEST_FILE_LINES_MAX } else { FILE_LINES_MAX };
    let count = source.text.lines().count();
    let too_many =
        (count > max).then(|| source.finding(max + 1, format!("{count} lines, at most {max}: split it")));
    let too_long = source.lines().filter_map(|(line, text)| {
        let length = text.chars().count();
        let message = || format!("{length} characters in a line, at most {LINE_CHARACTERS_MAX}");
        (length > LINE_CHARACTERS_MAX).then(|| source.finding(line, message()))
    });
    too_many.into_iter().chain(too_long).collect()
}

pub fn line_ends(sources: &[Source]) -> Vec<Finding> {
    let written = |source: &&Source| WRITTEN_BY_HAND.contains(&source.extension());
    sources.iter().filter(written).flat_map(line_ends_of).collect()
}

fn line_ends_of(source: &Source) -> Vec<Finding> {
    let spaces = source.lines().filter(|(_, text)| text.ends_with(char::is_whitespace));
    let mut findings: Vec<Finding> =
        spaces.map(|(line, _)| source.finding(line, "whitespace at the end of the line")).collect();
    if !source.text.is_empty() && !source.text.ends_with('\n') {
        findings.push(source.finding(source.text.lines().count(), "no newline at the end of the file"));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::source::check;
    use super::{lengths, line_ends};

    #[test]
    fn long_files_and_lines_are_found() {
        let long_file = "\n".repeat(451);
        assert_eq!(
            check(lengths, "crates/app/src/hold.rs", &long_file),
            ["451: 451 lines, at most 450: split it"]
        );
        assert!(check(lengths, "crates/app/tests/hold.rs", &long_file).is_empty());
        assert_eq!(check(lengths, "crates/app/tests/hold.rs", &"\n".repeat(701)).len(), 1);
        let long_line = format!("\n// {}\n", "é".repeat(138));
        assert_eq!(
            check(lengths, "xtask/src/a.rs", &long_line),
            ["2: 141 characters in a line, at most 140"]
        );
        assert!(check(lengths, "README.md", &long_line).is_empty());
    }

    #[test]
    fn ragged_line_ends_are_found() {
        assert_eq!(check(line_ends, "README.md", "one \ntwo\t\n").len(), 2);
        assert_eq!(check(line_ends, "a.rs", "one\ntwo"), ["2: no newline at the end of the file"]);
        assert!(check(line_ends, "a.rs", "").is_empty());
        assert!(check(line_ends, "answer.json", "{} ").is_empty());
    }
}
