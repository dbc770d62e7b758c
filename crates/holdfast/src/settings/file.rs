//! The settings file: TOML, with tables joined to keys by dots.

use toml::de::{DeTable, DeValue};

use super::kind::Given;

/// One key of the file.
pub struct Entry {
    pub key: String,
    pub given: Given,
    pub line: usize,
}

/// The entries of the file, and its errors by line.
pub fn entries(text: &str) -> (Vec<Entry>, Vec<(usize, String)>) {
    let (document, errors) = DeTable::parse_recoverable(text);
    let mut reading = Reading { text, entries: Vec::new(), errors: Vec::new() };
    for error in errors {
        let line = error.span().map_or(1, |span| reading.line(span.start));
        reading.errors.push((line, format!("invalid TOML: {}", error.message())));
    }
    reading.table("", document.get_ref());
    reading.entries.sort_by_key(|entry| entry.line);
    (reading.entries, reading.errors)
}

struct Reading<'t> {
    text: &'t str,
    entries: Vec<Entry>,
    errors: Vec<(usize, String)>,
}

impl Reading<'_> {
    fn line(&self, offset: usize) -> usize {
        self.text.get(..offset).map_or(1, |before| before.matches('\n').count() + 1)
    }

    fn table(&mut self, path: &str, table: &DeTable<'_>) {
        for (name, value) in table {
            let line = self.line(name.span().start);
            let name = name.get_ref();
            let key = if path.is_empty() { name.to_string() } else { format!("{path}.{name}") };
            match value.get_ref() {
                DeValue::Table(inner) => self.table(&key, inner),
                DeValue::Array(elements) => {
                    let texts: Option<Vec<String>> =
                        elements.iter().map(|element| scalar(element.get_ref())).collect();
                    match texts {
                        Some(texts) => self.entries.push(Entry { key, given: Given::Many(texts), line }),
                        None => self.errors.push((line, format!("{key} must not contain lists or tables"))),
                    }
                }
                value => match scalar(value) {
                    Some(text) => self.entries.push(Entry { key, given: Given::One(text), line }),
                    None => self.errors.push((line, format!("cannot read {key}"))),
                },
            }
        }
    }
}

fn scalar(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) if number.radix() == 10 => Some(number.as_str().to_owned()),
        DeValue::Integer(number) => {
            i64::from_str_radix(number.as_str(), number.radix()).ok().map(|number| number.to_string())
        }
        DeValue::Float(number) => Some(number.as_str().to_owned()),
        DeValue::Boolean(truth) => Some(truth.to_string()),
        DeValue::Datetime(moment) => Some(moment.to_string()),
        DeValue::Array(_) | DeValue::Table(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_become_keys_with_their_lines() {
        let text = "port = 1_234\n[http]\ncors_origins = [\n  \"https://a\",\n  \"https://b\"]\n[limits]\nbody_bytes = 0x400\n";
        let (entries, errors) = entries(text);
        assert!(errors.is_empty(), "{errors:?}");
        let read: Vec<_> = entries.into_iter().map(|entry| (entry.line, entry.key, entry.given)).collect();
        let many = Given::Many(vec!["https://a".to_owned(), "https://b".to_owned()]);
        let one = |text: &str| Given::One(text.to_owned());
        assert!(read[0] == (1, "port".to_owned(), one("1234")) || read[0].2 == one("1_234"));
        assert!(read[1] == (3, "http.cors_origins".to_owned(), many));
        assert!(read[2] == (7, "limits.body_bytes".to_owned(), one("1024")));
    }

    #[test]
    fn what_is_no_toml_is_named_by_line_and_the_rest_is_still_read() {
        let (entries, errors) = entries("port = \nhost = \"::1\"\nlanes = [[1]]\n");
        let lines: Vec<usize> = errors.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [1, 3]);
        assert!(entries.iter().any(|entry| entry.key == "host"));
    }
}
