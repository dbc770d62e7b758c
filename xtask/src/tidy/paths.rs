//! Paths that exist on one developer's machine only.

use super::source::{Finding, Source};

/// Written in two halves, so that this file passes its own rule.
const PERSONAL: [&str; 4] =
    [concat!("/ho", "me/"), concat!("/ro", "ot/"), concat!("/Us", "ers/"), concat!("/wo", "rk/")];

pub fn machine_paths(sources: &[Source]) -> Vec<Finding> {
    sources.iter().flat_map(machine_paths_in).collect()
}

fn machine_paths_in(source: &Source) -> Vec<Finding> {
    let found = source.lines().filter_map(|(line, text)| Some((line, personal_path_in(text)?)));
    found.map(|(line, path)| source.finding(line, format!("{path}… exists on one machine only"))).collect()
}

fn personal_path_in(line: &str) -> Option<&'static str> {
    PERSONAL.into_iter().find(|path| line.match_indices(path).any(|(at, _)| begins_a_path(line, at)))
}

/// Whether the `/` here is a path's first, and not part of a URL or of a relative path.
fn begins_a_path(line: &str, at: usize) -> bool {
    let before = line.get(..at).and_then(|before| before.chars().next_back());
    before.is_none_or(|letter| !letter.is_alphanumeric() && !"._-/}~*".contains(letter))
}

#[cfg(test)]
mod tests {
    use super::super::source::check;
    use super::{PERSONAL, machine_paths};

    #[test]
    fn a_personal_path_is_found_where_it_begins() {
        for path in PERSONAL {
            assert_eq!(check(machine_paths, "README.md", &format!("see `{path}x`")).len(), 1, "{path}");
            assert_eq!(check(machine_paths, "a.toml", &format!("{path}x")).len(), 1, "{path}");
            assert!(
                check(machine_paths, "a.rs", &format!("https://example.org{path}x")).is_empty(),
                "{path}"
            );
        }
    }
}
