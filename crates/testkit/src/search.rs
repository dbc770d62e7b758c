//! Searches everything that a database has stored for a text, in several encodings.

use store::Connection;

use crate::TestDatabase;

impl TestDatabase {
    /// Which of the texts occur anywhere in the database, in plain text, base64 or hexadecimal: in the bytes of the
    /// file, its log and its journal, or in any column of any table.
    pub fn texts_stored<'t>(&self, texts: &[&'t str]) -> Vec<&'t str> {
        let stored = match self.directory() {
            Some(directory) => file_bytes(directory),
            None => table_texts(&mut self.reader()),
        };
        // ASCII survives this, whatever surrounds it.
        let stored = String::from_utf8_lossy(&stored).to_ascii_lowercase();
        texts.iter().copied().filter(|text| holds(&stored, text)).collect()
    }
}

fn file_bytes(directory: &std::path::Path) -> Vec<u8> {
    let files = std::fs::read_dir(directory).expect("the test's directory can be listed");
    let files = files.map(|file| file.expect("the test's directory can be listed").path());
    files.filter(|path| path.is_file()).flat_map(|path| std::fs::read(path).unwrap_or_default()).collect()
}

fn table_texts(connection: &mut Connection) -> Vec<u8> {
    let tables = connection.all(
        "select quote_ident(table_name) from information_schema.tables where table_schema = 'public'",
        &[],
        |row| row.text(0),
    );
    let tables = tables.expect("PostgreSQL tells its tables");
    let mut texts = Vec::new();
    for table in tables {
        let rows = format!("select t::text from {table} t").leak();
        let rows = connection.all(rows, &[], |row| row.text(0)).expect("every table can be read");
        texts.extend(rows.into_iter().flat_map(String::into_bytes));
    }
    texts
}

fn holds(stored: &str, text: &str) -> bool {
    ways_to_write(text).iter().any(|way| stored.contains(&way.to_ascii_lowercase()))
}

/// The text, its hexadecimal digits, and its base64 form at each possible offset, without the characters that depend
/// on neighbours.
fn ways_to_write(text: &str) -> Vec<String> {
    let hex = text.bytes().flat_map(|byte| format!("{byte:02x}").into_bytes()).map(char::from).collect();
    let in_base64 = (0..3_usize).map(|before| {
        let whole = base64(&[vec![0; before], text.as_bytes().to_vec()].concat());
        let (from, to) = ((before * 8).div_ceil(6), (before + text.len()) * 8 / 6);
        whole.get(from..to).unwrap_or_default().to_owned()
    });
    [text.to_owned(), hex].into_iter().chain(in_base64).collect()
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits = bytes.chunks(3).flat_map(|chunk| {
        let mut three = [0; 4];
        for (place, byte) in three.iter_mut().skip(1).zip(chunk) {
            *place = *byte;
        }
        let bits = u32::from_be_bytes(three);
        [18, 12, 6, 0].map(|shift| (bits >> shift) & 63)
    });
    digits.filter_map(|digit| LETTERS.get(usize::try_from(digit).ok()?)).copied().map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_found_however_it_is_written() {
        for stored in [
            "..Grace Hopper..",
            "..GRACE hopper..",
            "4772616365204861 4772616365 20486f70706572 4772616365 4772616365",
            "\\x004772616365",
            "R3JhY2UgSG9wcGVy",
            "LkdyYWNlIEhvcHBlci4=",
            "Li5HcmFjZSBIb3BwZXIuLg==",
        ] {
            assert!(holds(&stored.to_ascii_lowercase(), "Grace"), "{stored}");
        }
        assert!(!holds("grade hopper", "Grace"));
    }
}
