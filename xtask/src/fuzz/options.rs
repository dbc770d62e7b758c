//! What the developer may choose.

use anyhow::{Context, Result, bail};

use crate::demo::CALLERS;

/// The same requests every time, so that a finding is there for the next run, too.
const SEED: u32 = 1_207;
/// How long chance plays each caller on SQLite, in seconds.
const SECONDS: u32 = 20;

#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    pub seed: u32,
    /// On SQLite; on PostgreSQL it is half of it.
    pub seconds: u32,
    /// Only this one is played where it is given.
    pub caller: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self { seed: SEED, seconds: SECONDS, caller: None }
    }
}

impl Options {
    pub fn parse(arguments: &[String]) -> Result<Self> {
        let mut options = Self::default();
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            let value = words.next().with_context(|| format!("{word} needs a value"))?;
            match word.as_str() {
                "--seed" => options.seed = number(word, value)?,
                "--seconds" => options.seconds = number(word, value)?,
                "--caller" if CALLERS.contains(&value.as_str()) => options.caller = Some(value.clone()),
                "--caller" => bail!("--caller {value}: expected one of {}", CALLERS.join(", ")),
                _ => bail!("unknown argument `{word}`: fuzz-api takes --seed, --seconds and --caller"),
            }
        }
        Ok(options)
    }

    pub fn callers(&self) -> impl Iterator<Item = &'static str> {
        CALLERS.into_iter().filter(|caller| self.caller.as_deref().is_none_or(|only| only == *caller))
    }
}

fn number(name: &str, value: &str) -> Result<u32> {
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
        let given = parse("--seed 7 --seconds 90 --caller guest").unwrap();
        assert_eq!(given, Options { seed: 7, seconds: 90, caller: Some("guest".to_owned()) });
        assert_eq!(given.callers().collect::<Vec<_>>(), ["guest"]);
        assert_eq!(Options::default().callers().count(), 4);
    }

    #[test]
    fn wrong_options_are_refused() {
        for line in ["--seed", "--seed x", "--seconds 0", "--caller thief", "guest 1"] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
