//! SQL lives in one crate, and is written once for both databases.

use super::literals::{Literal, string_literals};
use super::source::{Finding, Source};

/// The crate itself, and the tests that look behind its back.
const MAY_SPEAK_SQL: [&str; 3] = ["crates/store/", "crates/testkit/", "crates/holdfast/tests/"];
/// How often the two databases may need different words. Raising it is a decision: see `docs/decisions`.
const DIALECTS_MAX: usize = 12;

pub fn outside_store(sources: &[Source]) -> Vec<Finding> {
    let silent = |source: &&Source| !MAY_SPEAK_SQL.iter().any(|place| source.path.starts_with(place));
    sources.iter().filter(|source| source.is_rust()).filter(silent).flat_map(statements_in).collect()
}

fn statements_in(source: &Source) -> Vec<Finding> {
    let statements = string_literals(&source.text).into_iter().filter(is_statement);
    statements.map(|literal| source.finding(literal.line, "SQL outside crates/store")).collect()
}

/// Goes by the first words, in lower case as we write SQL, so that a sentence with such words in it is none.
fn is_statement(literal: &Literal<'_>) -> bool {
    let mut words = literal.text.split_whitespace();
    match (words.next(), words.next()) {
        (Some("insert"), Some("into")) | (Some("delete"), Some("from")) => true,
        (Some("update"), Some(_)) => words.next() == Some("set"),
        (Some("select"), Some(_)) => words.any(|word| word == "from"),
        _ => false,
    }
}

/// Reports each call beyond the limit.
pub fn too_many_dialects(sources: &[Source]) -> Vec<Finding> {
    let store =
        sources.iter().filter(|source| source.is_rust() && source.path.starts_with("crates/store/src/"));
    let calls = store.flat_map(|source| dialect_calls(source).map(move |line| (source, line)));
    let message =
        format!("more than {DIALECTS_MAX} calls of dialect(): find words that both databases speak");
    calls.skip(DIALECTS_MAX).map(|(source, line)| source.finding(line, &message)).collect()
}

/// The line of each call; the definition and comments are none.
fn dialect_calls(source: &Source) -> impl Iterator<Item = usize> {
    let code = source.lines().filter(|(_, text)| !text.trim_start().starts_with("//"));
    code.flat_map(|(line, text)| {
        let before = text.match_indices("dialect(").filter_map(|(at, _)| text.get(..at));
        let calls = before.filter(|before| !before.ends_with("fn ") && !before.ends_with(is_name_letter));
        calls.map(move |_| line)
    })
}

fn is_name_letter(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

#[cfg(test)]
mod tests {
    use super::super::source::check;
    use super::{DIALECTS_MAX, outside_store, too_many_dialects};

    #[test]
    fn each_kind_of_statement_is_found() {
        for code in [
            "\nrun(\"  select id,\n  state from bookings\")",
            "\nrun(\"insert  into bookings values ($1)\")",
            "\nrun(\"update bookings set state = $1\")",
            "\nrun(\"delete from bookings\")",
        ] {
            assert_eq!(check(outside_store, "crates/app/src/a.rs", code), ["2: SQL outside crates/store"]);
            assert!(check(outside_store, "crates/store/src/a.rs", code).is_empty());
            assert!(check(outside_store, "crates/holdfast/tests/a.rs", code).is_empty());
            assert_eq!(check(outside_store, "crates/holdfast/src/a.rs", code).len(), 1);
        }
    }

    #[test]
    fn prose_is_no_statement() {
        for prose in
            ["// select a room from the list", "f(\"cannot delete from here\")", "\"update the seat set\""]
        {
            assert!(check(outside_store, "crates/app/src/a.rs", prose).is_empty(), "{prose}");
        }
    }

    #[test]
    fn calls_of_dialect_are_counted() {
        let allowed = "x = self.dialect(a, b);\n".repeat(DIALECTS_MAX);
        let more = format!("{allowed}fn dialect(a: A) {{}}\n/// dialect(a)\nsub_dialect(1);\n");
        assert!(check(too_many_dialects, "crates/store/src/a.rs", &more).is_empty());
        let too_many = format!("{more}dialect(a, b); dialect(c, d);\n");
        assert_eq!(check(too_many_dialects, "crates/store/src/a.rs", &too_many).len(), 2);
        assert!(check(too_many_dialects, "crates/app/src/a.rs", &too_many).is_empty());
    }
}
