//! What the developer may choose.

use anyhow::{Context, Result, bail};

#[derive(Debug, PartialEq)]
pub struct Options {
    pub rounds: u32,
    pub seconds: u32,
    /// Only this one is measured where it is given.
    pub database: Option<String>,
    /// Whether the tables go into the README.
    pub write: bool,
}

impl Options {
    pub fn parse(arguments: &[String]) -> Result<Self> {
        let mut options = Self { rounds: 5, seconds: 10, database: None, write: false };
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            let mut value = || words.next().with_context(|| format!("{word} needs a value"));
            match word.as_str() {
                "--rounds" => options.rounds = positive(word, value()?)?,
                "--seconds" => options.seconds = positive(word, value()?)?,
                "--database" => options.database = Some(value()?.clone()),
                "--write" => options.write = true,
                _ => bail!(
                    "unknown argument `{word}`: bench takes --rounds, --seconds, --database and --write"
                ),
            }
        }
        Ok(options)
    }
}

fn positive(name: &str, value: &str) -> Result<u32> {
    let number = value.parse().ok().filter(|number| *number > 0);
    number.with_context(|| format!("{name} {value}: expected a whole number above 0"))
}

#[cfg(test)]
mod tests {
    use super::Options;

    fn parse(line: &str) -> anyhow::Result<Options> {
        Options::parse(&line.split_whitespace().map(ToOwned::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn options_are_read() {
        let given = parse("--rounds 3 --write --database postgres://x/y --seconds 20").unwrap();
        let database = Some("postgres://x/y".to_owned());
        assert_eq!(given, Options { rounds: 3, seconds: 20, database, write: true });
    }

    #[test]
    fn wrong_options_are_refused() {
        for line in ["--rounds", "--rounds 0", "--seconds two", "hot"] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
