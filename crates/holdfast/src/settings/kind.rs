//! The kinds of settings. Each kind parses a string and describes in words what it accepts.

use std::borrow::Cow;
use std::fmt::Display;
use std::str::FromStr;

/// The given value of a setting, not parsed yet.
#[derive(Clone, PartialEq, Eq)]
pub enum Given {
    One(String),
    /// The elements of an array in the file.
    Many(Vec<String>),
}

/// A kind of setting.
pub trait Kind {
    type Value;

    /// Parses the given value. Error texts begin with `must` or `has`, and never repeat the value.
    fn read(&self, given: &Given) -> Result<Self::Value, String>;

    /// What it accepts, in a few words.
    fn words(&self) -> Cow<'static, str>;

    /// The value if nothing is given; `None` if the setting is required.
    fn absent(&self) -> Option<Self::Value> {
        None
    }
}

/// A string that is parsed by a function.
pub struct Scalar<T> {
    pub words: &'static str,
    pub parse: fn(&str) -> Result<T, String>,
}

impl<T> Kind for Scalar<T> {
    type Value = T;

    fn read(&self, given: &Given) -> Result<T, String> {
        match given {
            Given::One(text) => (self.parse)(text.trim()),
            Given::Many(_) => Err(format!("must be {}, not a list", self.words)),
        }
    }

    fn words(&self) -> Cow<'static, str> {
        self.words.into()
    }
}

/// A string of a type with its own error text.
pub const fn of<T: FromStr<Err: Display>>(words: &'static str) -> Scalar<T> {
    Scalar { words, parse: |text| text.parse().map_err(|error: T::Err| error.to_string()) }
}

/// Any string that is not empty.
pub const fn text(words: &'static str) -> Scalar<String> {
    Scalar { words, parse: |text| Ok(text.to_owned()) }
}

/// A whole number.
pub struct Number {
    pub min: u64,
    pub max: u64,
}

impl Kind for Number {
    type Value = u64;

    fn read(&self, given: &Given) -> Result<u64, String> {
        let must = || format!("must be {}", self.words());
        let Given::One(text) = given else { return Err(must()) };
        let number = text.trim().replace('_', "").parse().map_err(|_| must())?;
        if (self.min..=self.max).contains(&number) { Ok(number) } else { Err(must()) }
    }

    fn words(&self) -> Cow<'static, str> {
        format!("a whole number from {} to {}", self.min, self.max).into()
    }
}

/// One of several words.
pub struct Choice<T: 'static>(pub &'static [(&'static str, T)]);

impl<T: Copy> Kind for Choice<T> {
    type Value = T;

    fn read(&self, given: &Given) -> Result<T, String> {
        let must = || format!("must be {}", self.words());
        let Given::One(text) = given else { return Err(must()) };
        let chosen = self.0.iter().find(|(word, _)| *word == text.trim());
        chosen.map(|(_, value)| *value).ok_or_else(must)
    }

    fn words(&self) -> Cow<'static, str> {
        let words: Vec<&str> = self.0.iter().map(|(word, _)| *word).collect();
        words.join(" or ").into()
    }
}

/// An optional value.
pub struct Maybe<K>(pub K);

impl<K: Kind> Kind for Maybe<K> {
    type Value = Option<K::Value>;

    fn read(&self, given: &Given) -> Result<Self::Value, String> {
        self.0.read(given).map(Some)
    }

    fn words(&self) -> Cow<'static, str> {
        self.0.words()
    }

    fn absent(&self) -> Option<Self::Value> {
        Some(None)
    }
}

/// A value that can be disabled with the word `off`.
pub struct OrOff<K>(pub K);

impl<K: Kind> Kind for OrOff<K> {
    type Value = Option<K::Value>;

    fn read(&self, given: &Given) -> Result<Self::Value, String> {
        if *given == Given::One("off".to_owned()) { Ok(None) } else { self.0.read(given).map(Some) }
    }

    fn words(&self) -> Cow<'static, str> {
        format!("{} or off", self.0.words()).into()
    }
}

/// Several values: an array in the file, comma-separated elsewhere.
pub struct List<T>(pub Scalar<T>, pub &'static str);

impl<T> Kind for List<T> {
    type Value = Vec<T>;

    fn read(&self, given: &Given) -> Result<Vec<T>, String> {
        let each: Vec<&str> = match given {
            Given::One(text) => text.split(',').map(str::trim).filter(|part| !part.is_empty()).collect(),
            Given::Many(texts) => texts.iter().map(|text| text.trim()).collect(),
        };
        each.into_iter().map(self.0.parse).collect()
    }

    fn words(&self) -> Cow<'static, str> {
        self.1.into()
    }

    fn absent(&self) -> Option<Vec<T>> {
        Some(Vec::new())
    }
}
