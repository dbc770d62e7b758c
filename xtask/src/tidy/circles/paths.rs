//! The paths that a Rust file names, outside its tests.

use super::super::literals::code;

/// One path as written, such as `super::queue::Queue`, and the name by which the file then knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    pub segments: Vec<String>,
    /// The name that a `use` brings in; `None` for a path in the code, `*` for a glob.
    pub alias: Option<String>,
}

pub fn paths_in(source: &str) -> Vec<Path> {
    let code = without_tests(&code(source));
    let tokens = tokens(&code);
    let mut reader = Reader { tokens: &tokens, at: 0, paths: Vec::new() };
    while reader.at < tokens.len() {
        reader.step();
    }
    reader.paths
}

/// Leaves out each item behind `#[cfg(test)]`.
fn without_tests(code: &str) -> String {
    let mut parts = code.split("#[cfg(test)]");
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        kept.push_str(part.get(item_length(part)..).unwrap_or_default());
    }
    kept
}

/// Up to the brace that closes the item, or the semicolon that ends it.
fn item_length(code: &str) -> usize {
    let mut depth = 0_usize;
    for (at, letter) in code.char_indices() {
        match letter {
            '{' | '(' | '[' => depth += 1,
            '}' | ')' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 && matches!(letter, '}' | ';') {
            return at + 1;
        }
    }
    code.len()
}

/// Words, `::`, and single other characters.
fn tokens(code: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = code.trim_start();
    while let Some(first) = rest.chars().next() {
        let word = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(rest.len());
        let length = if word > 0 {
            word
        } else if rest.starts_with("::") {
            2
        } else {
            first.len_utf8()
        };
        let (token, after) = rest.split_at(length);
        tokens.push(token);
        rest = after.trim_start();
    }
    tokens
}

struct Reader<'t> {
    tokens: &'t [&'t str],
    at: usize,
    paths: Vec<Path>,
}

impl<'t> Reader<'t> {
    fn token(&self, at: usize) -> &'t str {
        self.tokens.get(at).copied().unwrap_or_default()
    }

    fn step(&mut self) {
        let before = self.at.checked_sub(1).map_or("", |at| self.token(at));
        // `pub(in crate::a)` names a module without using it.
        let is_visibility = before == "in" && self.at.checked_sub(2).map(|at| self.token(at)) == Some("(");
        let begins = before != "::" && !is_visibility;
        if self.token(self.at) == "use" && self.token(self.at + 1) != "<" {
            self.at += 1;
            self.tree(&[]);
        } else if is_word(self.token(self.at)) && begins && self.token(self.at + 1) == "::" {
            let segments = self.segments();
            self.paths.push(Path { segments, alias: None });
        } else {
            self.at += 1;
        }
    }

    /// Words joined by `::`, from here.
    fn segments(&mut self) -> Vec<String> {
        let mut segments = Vec::new();
        while is_word(self.token(self.at)) {
            segments.push(self.token(self.at).to_owned());
            self.at += 1;
            if self.token(self.at) != "::" {
                break;
            }
            self.at += 1;
        }
        segments
    }

    /// One branch of a `use`, up to the comma, brace or semicolon behind it.
    fn tree(&mut self, prefix: &[String]) {
        if self.token(self.at) == "::" {
            self.at += 1;
        }
        let own = self.segments();
        let segments = [prefix, own.as_slice()].concat();
        match self.token(self.at) {
            "{" => {
                while !matches!(self.token(self.at), "}" | ";" | "") {
                    self.at += 1;
                    self.tree(&segments);
                }
                self.at += 1;
            }
            "*" => {
                self.at += 1;
                self.paths.push(Path { segments, alias: Some("*".to_owned()) });
            }
            // Behind a trailing comma.
            _ if own.is_empty() => {}
            _ => self.leaf(segments),
        }
    }

    fn leaf(&mut self, mut segments: Vec<String>) {
        if segments.len() > 1 && segments.last().is_some_and(|last| last == "self") {
            segments.pop();
        }
        // `a as b` is read as the segment `a`, since `as` follows no `::`.
        let renamed = (self.token(self.at) == "as").then(|| self.token(self.at + 1).to_owned());
        if renamed.is_some() {
            self.at += 2;
        }
        if let Some(alias) = renamed.or_else(|| segments.last().cloned()) {
            self.paths.push(Path { segments, alias: Some(alias) });
        }
    }
}

fn is_word(token: &str) -> bool {
    token.starts_with(|letter: char| letter.is_alphabetic() || letter == '_')
}

#[cfg(test)]
mod tests {
    use super::paths_in;

    fn check(source: &str, expect: &[&str]) {
        let shown = paths_in(source).into_iter().map(|path| match path.alias {
            Some(alias) => format!("{} as {alias}", path.segments.join("::")),
            None => path.segments.join("::"),
        });
        assert_eq!(shown.collect::<Vec<_>>(), expect, "{source}");
    }

    #[test]
    fn each_branch_of_a_use_is_a_path() {
        check("use a::b;", &["a::b as b"]);
        check(
            "pub use crate::{a, b::{self, C as D, e::*}};",
            &["crate::a as a", "crate::b as b", "crate::b::C as D", "crate::b::e as *"],
        );
        check("use super::{A, B,};", &["super::A as A", "super::B as B"]);
    }

    #[test]
    fn paths_in_the_code_are_found() {
        check("let x: Vec<u8> = super::a::b::<T>(self::C);", &["super::a::b", "self::C"]);
        check("x.collect::<Vec<_>>(); pub(in crate::a) fn f() -> impl T + use<'_> {}", &["collect"]);
    }

    #[test]
    fn tests_comments_and_texts_are_left_out() {
        check(
            "// a::b\n\"a::b\" #[cfg(test)] mod tests { use a::b; fn f() { c::d() } } use e::f;",
            &["e::f as f"],
        );
        check("#[cfg(test)] mod tests; e::f", &["e::f"]);
    }
}
