//! `.env`: lines of `NAME=value`. Values are not expanded, so that a secret can contain any character.

/// Each non-empty line, with its number. Error texts never repeat the line, which may contain a secret.
pub fn lines(text: &str) -> impl Iterator<Item = (usize, Result<(String, String), &'static str>)> {
    let numbered = text.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
    numbered
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .map(|(number, line)| (number, read(line)))
}

fn read(line: &str) -> Result<(String, String), &'static str> {
    let line = line.strip_prefix("export ").unwrap_or(line);
    let (name, value) = line.split_once('=').ok_or("expected NAME=value")?;
    let name = name.trim();
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return Err("expected NAME=value");
    }
    Ok((name.to_owned(), unquoted(value.trim())?))
}

/// In quotation marks everything is part of the value. Without them a comment can follow after a space.
fn unquoted(value: &str) -> Result<String, &'static str> {
    for quote in ['"', '\''] {
        if let Some(rest) = value.strip_prefix(quote) {
            let (inside, behind) = rest.split_once(quote).ok_or("unclosed quotation mark")?;
            let behind = behind.trim();
            if !behind.is_empty() && !behind.starts_with('#') {
                return Err("unexpected text after the closing quotation mark");
            }
            return Ok(inside.to_owned());
        }
    }
    Ok(value.split_once(" #").map_or(value, |(value, _)| value).trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_names_and_values() {
        let text = "# a comment\n\nA=1\nexport B = two words \nC=\"a # b\" # c\nD='$x'\nE=\nF=a#b # c\nG\n1 2=3\nH=\"x\nI='a'b\n";
        let read: Vec<_> = lines(text).collect();
        let ok = |name: &str, value: &str| Ok((name.to_owned(), value.to_owned()));
        let expected = [
            (3, ok("A", "1")),
            (4, ok("B", "two words")),
            (5, ok("C", "a # b")),
            (6, ok("D", "$x")),
            (7, ok("E", "")),
            (8, ok("F", "a#b")),
            (9, Err("expected NAME=value")),
            (10, Err("expected NAME=value")),
            (11, Err("unclosed quotation mark")),
            (12, Err("unexpected text after the closing quotation mark")),
        ];
        assert_eq!(read, expected);
    }
}
