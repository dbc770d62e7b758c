//! Finds the statements in the store's sources, so that tests need not list them.

use std::path::Path;

use super::rows;

/// A statement and its location.
#[derive(Debug)]
pub struct Statement {
    pub file: String,
    pub sql: &'static str,
}

/// Every statement of the store, except those in its own unit tests.
pub fn statements() -> Vec<Statement> {
    let mut found = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    found
}

fn collect(directory: &Path, found: &mut Vec<Statement>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            let file = path.file_name().unwrap().to_string_lossy().into_owned();
            let texts = texts_in(code).into_iter().filter(|text| is_statement(text));
            found.extend(texts.map(|sql| Statement { file: file.clone(), sql: sql.leak() }));
        }
    }
}

/// Texts that the seam assembles itself; they have placeholders in braces.
fn is_statement(text: &str) -> bool {
    let begins = |word: &&str| text.starts_with(&format!("{word} "));
    let has_more = text.split_whitespace().count() > 2 && !text.contains('{');
    has_more && ["select", "insert into", "update", "delete from"].iter().any(begins)
}

/// The string literals of a source, those of one `concat!` joined and those that a `row!` makes written out.
fn texts_in(code: &str) -> Vec<String> {
    let code = rows::expanded(code);
    let mut scanner = Scanner { rest: &code, columns: String::new() };
    scanner.columns = scanner.macro_text();
    let mut texts = Vec::new();
    while let Some(text) = scanner.next_text() {
        texts.push(text);
    }
    texts
}

struct Scanner<'a> {
    rest: &'a str,
    /// The meaning of `columns!()` in this file.
    columns: String,
}

impl Scanner<'_> {
    fn macro_text(&self) -> String {
        let Some((_, body)) = self.rest.split_once("macro_rules! columns") else { return String::new() };
        Scanner { rest: body, columns: String::new() }.next_text().expect("the macro holds a text")
    }

    fn next_text(&mut self) -> Option<String> {
        loop {
            let next = self.rest.find(['"', '/', '\'', 'c'])?;
            self.rest = &self.rest[next..];
            if self.rest.starts_with("//") {
                self.rest = self.rest.find('\n').map_or("", |end| &self.rest[end..]);
            } else if self.rest.starts_with("concat!(") {
                return Some(self.concatenation());
            } else if self.rest.starts_with("'\"'") {
                self.rest = &self.rest[3..];
            } else if self.rest.starts_with('"') {
                return Some(self.literal());
            } else {
                self.rest = &self.rest[1..];
            }
        }
    }

    fn concatenation(&mut self) -> String {
        self.rest = &self.rest["concat!(".len()..];
        let mut joined = String::new();
        loop {
            self.rest = self.rest.trim_start_matches([' ', '\n', ',']);
            if let Some(rest) = self.rest.strip_prefix("columns!()") {
                joined.push_str(&self.columns);
                self.rest = rest;
            } else if self.rest.starts_with('"') {
                joined.push_str(&self.literal());
            } else {
                return joined;
            }
        }
    }

    /// Reads the literal that begins here, with its escapes resolved.
    fn literal(&mut self) -> String {
        let mut text = String::new();
        let mut characters = self.rest.char_indices().skip(1).peekable();
        while let Some((place, character)) = characters.next() {
            match character {
                '"' => {
                    self.rest = &self.rest[place + 1..];
                    return text;
                }
                '\\' => match characters.next() {
                    Some((_, '\n')) => {
                        while characters.next_if(|(_, blank)| blank.is_whitespace()).is_some() {}
                    }
                    Some((_, escaped)) => text.push(escaped),
                    None => {}
                },
                other => text.push(other),
            }
        }
        self.rest = "";
        text
    }
}

#[test]
fn statements_of_rows_are_found_whole() {
    let code = r#"
        row! {
            /// Something "quoted".
            struct T of "t" as columns {
                id: PersonId = "id",
                /// A name.
                name: Option<String> = "its_name",
            }
        }
        row! {
            struct Other of "o" as other_columns {
                id: PersonId = "other",
            }
        }
        x(columns!(insert), other_columns!(insert "more"));
        let sql = concat!("select ", columns!("t."), ", x from t");
        let sql = concat!("select ", other_columns!(), " from o where a = $1");
    "#;
    let expected = [
        "insert into t (id, its_name) values ($1, $2)",
        "insert into o (other, more) values ($1, $2)",
        "select t.id, t.its_name, x from t",
        "select other from o where a = $1",
    ];
    assert_eq!(texts_in(code), expected);
}

#[test]
fn literals_are_found_whole() {
    let code = r#"
        macro_rules! columns { () => { "a, \
            b" }; }
        // "not this"
        let quote = '"';
        x("select 1 \
           from t");
        let sql = concat!("select ", columns!(), " from t where c = 'c'");
    "#;
    assert_eq!(texts_in(code), ["a, b", "select 1 from t", "select a, b from t where c = 'c'"]);
}
