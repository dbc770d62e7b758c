//! The string literals of a Rust source and the code between them, so that prose is not taken for code.

#[derive(Debug, PartialEq)]
pub struct Literal<'a> {
    pub line: usize,
    /// As written, escapes and all.
    pub text: &'a str,
}

pub fn string_literals(source: &str) -> Vec<Literal<'_>> {
    scan(source).found
}

/// The source without its comments and literals.
pub fn code(source: &str) -> String {
    scan(source).code
}

fn scan(source: &str) -> Scanner<'_> {
    let mut scanner = Scanner { rest: source, line: 1, found: Vec::new(), code: String::new() };
    while !scanner.rest.is_empty() {
        scanner.step();
    }
    scanner
}

struct Scanner<'a> {
    rest: &'a str,
    line: usize,
    found: Vec<Literal<'a>>,
    code: String,
}

impl Scanner<'_> {
    fn step(&mut self) {
        if self.rest.starts_with("//") {
            self.advance(self.rest.find('\n').unwrap_or(self.rest.len()));
        } else if self.rest.starts_with("/*") {
            self.advance(comment_length(self.rest));
        } else if let Some(opening) = raw_opening(self.rest) {
            let closing = format!("\"{}", "#".repeat(opening - 2));
            self.take_literal(opening, &closing);
        } else if self.rest.starts_with('"') {
            self.take_literal(1, "\"");
        } else if self.rest.starts_with('\'') {
            self.advance(character_length(self.rest));
        } else {
            self.code.extend(self.rest.chars().next());
            self.advance(self.rest.chars().next().map_or(0, char::len_utf8));
        }
    }

    fn take_literal(&mut self, opening: usize, closing: &str) {
        self.advance(opening);
        let escapes = opening == 1;
        let length = if escapes { escaped_length(self.rest) } else { self.rest.find(closing) };
        let length = length.unwrap_or(self.rest.len());
        self.found.push(Literal { line: self.line, text: self.rest.split_at(length).0 });
        self.advance((length + closing.len()).min(self.rest.len()));
    }

    fn advance(&mut self, bytes: usize) {
        let (passed, rest) = self.rest.split_at(bytes);
        self.line += passed.matches('\n').count();
        self.rest = rest;
    }
}

/// Block comments nest.
fn comment_length(text: &str) -> usize {
    let mut depth = 0_usize;
    for (at, _) in text.char_indices() {
        let here = text.get(at..).unwrap_or("");
        if here.starts_with("/*") {
            depth += 1;
        } else if here.starts_with("*/") {
            depth -= 1;
        }
        if depth == 0 {
            return at + 2;
        }
    }
    text.len()
}

/// The length of `r"`, `r#"`, `r##"` … where one stands.
fn raw_opening(text: &str) -> Option<usize> {
    let body = text.strip_prefix('r')?.trim_start_matches('#').strip_prefix('"')?;
    Some(text.len() - body.len())
}

/// Up to the quote that ends a string; a backslash protects what follows it.
fn escaped_length(text: &str) -> Option<usize> {
    let mut protected = false;
    text.find(|letter| {
        let ends = letter == '"' && !protected;
        protected = letter == '\\' && !protected;
        ends
    })
}

/// A character such as `'"'` or `'\''`, or else the lone quote that begins a lifetime.
fn character_length(text: &str) -> usize {
    let mut letters = text.char_indices().skip(1);
    match (letters.next(), letters.next()) {
        (Some((_, '\\')), Some((escaped, _))) => {
            let after = escaped + 1;
            text.get(after..).and_then(|rest| rest.find('\'')).map_or(after, |length| after + length + 1)
        }
        (Some(_), Some((closing, '\''))) => closing + 1,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::{code, string_literals};

    fn check(source: &str, expect: &[(usize, &str)]) {
        let found = string_literals(source);
        let found: Vec<_> = found.iter().map(|literal| (literal.line, literal.text)).collect();
        assert_eq!(found, expect);
    }

    #[test]
    fn plain_and_escaped() {
        check(r#"let a = "one"; let b = "t\"wo\\";"#, &[(1, "one"), (1, r#"t\"wo\\"#)]);
        check("\n\"a\n b\" \"c\"", &[(2, "a\n b"), (3, "c")]);
    }

    #[test]
    fn raw() {
        check("r\"a\\\" r#\"b\"c\"# br##\"d\"##", &[(1, "a\\"), (1, "b\"c"), (1, "d")]);
        check("r#type \"x\"", &[(1, "x")]);
    }

    #[test]
    fn comments_characters_and_lifetimes_hide_nothing() {
        check("// \"no\"\n/* \"no /* \" */ */ \"yes\"", &[(2, "yes")]);
        check("'\"' '\\'' '\\u{22}' \"yes\" &'a str \"too\"", &[(1, "yes"), (1, "too")]);
        check("\"open", &[(1, "open")]);
    }

    #[test]
    fn code_is_what_is_left() {
        assert_eq!(code("a(\"b\", 'c', r\"d\") /* e */; // f\n&'g h"), "a(, , ) ; \n&g h");
    }
}
