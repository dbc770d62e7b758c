//! What the developer may choose.

use anyhow::{Context, Result, bail};

const LOAD_MAX: usize = 64;

#[derive(Debug, Default, PartialEq)]
pub struct Options {
    /// Threads that keep the processors busy meanwhile.
    pub load: usize,
    /// What to run instead of the README's commands.
    pub command: Vec<String>,
}

impl Options {
    pub fn parse(arguments: &[String]) -> Result<Self> {
        let mut options = Self::default();
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            match word.as_str() {
                "--load" => options.load = number(words.next())?,
                "--" => options.command = words.by_ref().cloned().collect(),
                _ => bail!("unknown argument `{word}`: bare takes --load N and -- COMMAND…"),
            }
        }
        Ok(options)
    }
}

fn number(value: Option<&String>) -> Result<usize> {
    let number = value.and_then(|value| value.parse().ok()).filter(|number| *number <= LOAD_MAX);
    number.with_context(|| format!("--load needs a number of threads, {LOAD_MAX} at most"))
}

#[cfg(test)]
mod tests {
    use super::Options;

    fn parse(line: &str) -> anyhow::Result<Options> {
        Options::parse(&line.split_whitespace().map(ToOwned::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn options_are_read() {
        assert_eq!(parse("").unwrap(), Options::default());
        let command = ["cargo", "xtask", "tidy"].map(str::to_owned).to_vec();
        assert_eq!(parse("--load 8 -- cargo xtask tidy").unwrap(), Options { load: 8, command });
    }

    #[test]
    fn wrong_options_are_refused() {
        for line in ["--load", "--load much", "--load 65", "8"] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
