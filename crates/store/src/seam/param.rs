//! The parameters of a statement.

use uuid::Uuid;

use crate::error::{Result, StoreError};

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Param<'a> {
    Null,
    Int(i64),
    Text(&'a str),
    Bytes(&'a [u8]),
    Id(Uuid),
}

impl Param<'_> {
    /// The type, without the value, which may be personal data.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Int(_) => "a number",
            Self::Text(_) => "a text",
            Self::Bytes(_) => "bytes",
            Self::Id(_) => "an id",
        }
    }
}

/// PostgreSQL cannot store U+0000, and SQLite truncates text there, so both refuse it.
pub(super) fn without_nul(text: &str) -> Result<&str> {
    if text.as_bytes().contains(&0) {
        return Err(StoreError::Statement("a text contains a NUL character".to_owned()));
    }
    Ok(text)
}

/// SQLite would treat a missing parameter as null.
pub(super) fn count_checked(given: usize, expected: usize) -> Result<()> {
    if given == expected {
        return Ok(());
    }
    Err(StoreError::Statement(format!("{given} values bound to {expected} parameters")))
}

macro_rules! from {
    ($($source:ty => |$value:ident| $param:expr;)*) => {$(
        impl<'a> From<$source> for Param<'a> {
            fn from($value: $source) -> Self {
                $param
            }
        }
    )*};
}

from! {
    i64 => |value| Param::Int(value);
    &'a str => |value| Param::Text(value);
    &'a String => |value| Param::Text(value);
    &'a [u8] => |value| Param::Bytes(value);
    Uuid => |value| Param::Id(value);
    bool => |value| Param::Int(i64::from(value));
    domain::time::Instant => |value| Param::Int(value.0);
}

impl<'a, T: Into<Param<'a>>> From<Option<T>> for Param<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Param::Null, Into::into)
    }
}

/// Rows to write or keys to look up: a table of parameters, row by row.
#[derive(Debug)]
pub struct Rows<'a> {
    width: usize,
    params: Vec<Param<'a>>,
}

impl<'a> Rows<'a> {
    pub fn new(width: usize, rows: usize) -> Self {
        assert!(width > 0, "a row has at least one column");
        Self { width, params: Vec::with_capacity(width * rows) }
    }

    /// One id per row: the keys of a query for many.
    pub fn of_ids(ids: impl IntoIterator<Item = Uuid>) -> Self {
        Self { width: 1, params: ids.into_iter().map(Param::Id).collect() }
    }

    pub fn push<const WIDTH: usize>(&mut self, row: [Param<'a>; WIDTH]) {
        assert_eq!(WIDTH, self.width, "every row has the same columns");
        self.params.extend(row);
    }

    pub fn is_empty(&self) -> bool {
        self.params.is_empty()
    }

    pub fn len(&self) -> usize {
        self.params.len() / self.width
    }

    pub fn width(&self) -> usize {
        self.width
    }

    pub fn iter(&self) -> impl Iterator<Item = &[Param<'a>]> {
        self.params.chunks_exact(self.width)
    }

    pub fn column(&self, index: usize) -> impl Iterator<Item = &Param<'a>> {
        self.params.iter().skip(index).step_by(self.width)
    }
}
