//! Phrases that are wrong or riddling English, and what to write in their place. Only phrases that are never right are listed.

use super::source::{Finding, Source};

/// Underscores stand for spaces, so that this file passes its own rule.
const PHRASES: [(&str, &str); 10] = [
    ("as_good_as", "say what it is"),
    ("come_again", "retry"),
    ("come_of_it", "name the result"),
    ("comes_of_it", "name the result"),
    ("is_told_to", "say what is sent to it or asked of it"),
    ("lies_under", "name the relation"),
    ("nobody_but", "say \"only\""),
    ("stands_for_it", "say what does it"),
    ("there_may_be", "say what can occur"),
    ("told_of", "say \"learns\" or \"notified\""),
];
const WRITTEN: [&str; 7] = ["html", "js", "lua", "md", "rs", "sql", "toml"];

pub fn phrases(sources: &[Source]) -> Vec<Finding> {
    sources.iter().filter(|source| WRITTEN.contains(&source.extension())).flat_map(phrases_in).collect()
}

fn phrases_in(source: &Source) -> Vec<Finding> {
    source
        .lines()
        .flat_map(|(line, text)| complaints(text).map(move |says| source.finding(line, says)))
        .collect()
}

fn complaints(line: &str) -> impl Iterator<Item = String> {
    let line = line.to_lowercase();
    PHRASES.iter().filter_map(move |(phrase, instead)| {
        let phrase = phrase.replace('_', " ");
        has_phrase(&line, &phrase).then(|| format!("\"{phrase}\" is not plain English: {instead}"))
    })
}

/// Whether the phrase is there in whole words.
fn has_phrase(line: &str, phrase: &str) -> bool {
    let is_letter = |letter: char| letter.is_alphanumeric() || letter == '_';
    line.match_indices(phrase).any(|(at, _)| {
        let before = line.get(..at).and_then(|before| before.chars().next_back());
        let after = line.get(at + phrase.len()..).and_then(|after| after.chars().next());
        !before.is_some_and(is_letter) && !after.is_some_and(is_letter)
    })
}

#[cfg(test)]
mod tests {
    use super::super::source::check;
    use super::{PHRASES, phrases};

    #[test]
    fn each_phrase_is_found_in_whole_words() {
        for (phrase, _) in PHRASES {
            let phrase = phrase.replace('_', " ");
            assert_eq!(check(phrases, "a.rs", &format!("\n/// {phrase}.\n")).len(), 1, "{phrase}");
            assert_eq!(check(phrases, "README.md", &phrase.to_uppercase()).len(), 1, "{phrase}");
            assert!(check(phrases, "a.rs", &format!("// x{phrase} {phrase}s")).is_empty(), "{phrase}");
            assert!(check(phrases, "data.csv", &phrase).is_empty(), "{phrase}");
        }
    }

    #[test]
    fn a_finding_says_what_to_write() {
        let found = check(phrases, "a.rs", "// As\u{20}good as new.");
        assert_eq!(found, ["1: \"as\u{20}good as\" is not plain English: say what it is"]);
    }
}
