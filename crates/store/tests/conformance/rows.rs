//! What the store's `row!` makes of a declaration, written out as the literals that it stands for.

/// The source without its rows' declarations, and a literal in the place of every text that they make.
pub fn expanded(code: &str) -> String {
    let mut code = code.to_owned();
    while let Some((before, rest)) = code.split_once("row! {") {
        let (declaration, after) = closed(rest);
        let row = Row::of(declaration);
        code = format!("{before}{}", row.written_out(after));
    }
    code
}

struct Row {
    table: String,
    /// The macro's name, and what opens its parentheses.
    texts: String,
    columns: Vec<String>,
}

impl Row {
    fn of(declaration: &str) -> Self {
        let code = declaration.lines().map(str::trim).filter(|line| !line.starts_with("///"));
        let code: Vec<&str> = code.collect();
        let head = code.iter().find(|line| line.contains("struct ")).expect("a row is a struct");
        let (_, named) = head.split_once(" of \"").expect("a row is of a table");
        let (table, texts) = named.split_once("\" as ").expect("a row names its texts");
        let column = |line: &&str| Some(line.split_once(" = \"")?.1.trim_end_matches("\",").to_owned());
        Self {
            table: table.to_owned(),
            texts: format!("{}!(", texts.trim_end_matches(" {")),
            columns: code.iter().filter_map(column).collect(),
        }
    }

    fn written_out(&self, code: &str) -> String {
        let mut pieces = split_at_name(code, &self.texts).into_iter();
        let first = pieces.next().unwrap_or_default().to_owned();
        pieces.fold(first, |written, piece| {
            let (argument, rest) = piece.split_once(')').expect("a macro's call ends");
            format!("{written}\"{}\"{rest}", self.text(argument))
        })
    }

    fn text(&self, argument: &str) -> String {
        let literals: Vec<&str> = argument.split('"').skip(1).step_by(2).collect();
        if !argument.starts_with("insert") {
            let prefix = literals.first().unwrap_or(&"");
            return self
                .columns
                .iter()
                .map(|column| format!("{prefix}{column}"))
                .collect::<Vec<_>>()
                .join(", ");
        }
        let columns: Vec<&str> = self.columns.iter().map(String::as_str).chain(literals).collect();
        let places: Vec<String> = (1..=columns.len()).map(|number| format!("${number}")).collect();
        format!("insert into {} ({}) values ({})", self.table, columns.join(", "), places.join(", "))
    }
}

/// What is before the brace that closes what is already open, and what is behind it.
fn closed(code: &str) -> (&str, &str) {
    let mut open = 1;
    for (at, character) in code.char_indices() {
        match character {
            '{' => open += 1,
            '}' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return (&code[..at], &code[at + 1..]);
        }
    }
    panic!("a row's declaration ends");
}

/// The code between the mentions of a name; a longer name that ends with it is none.
fn split_at_name<'a>(code: &'a str, name: &str) -> Vec<&'a str> {
    let mut pieces = Vec::new();
    let mut from = 0;
    for (at, _) in code.match_indices(name) {
        if !code[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_') {
            pieces.push(&code[from..at]);
            from = at + name.len();
        }
    }
    pieces.push(&code[from..]);
    pieces
}
