//! Texts, and values that are written as text.

use std::fmt::Display;
use std::marker::PhantomData;
use std::str::FromStr;

use serde_json::{Value, json};

use super::field::Kind;
use crate::reader::At;
use crate::schema::{Described, Schemas, inline, string};

/// A text with a minimum and maximum number of characters. It is not trimmed.
#[derive(Clone, Copy)]
pub struct Text {
    min: usize,
    max: usize,
    example: &'static str,
    shape: Option<Shape>,
}

/// The form of a text: a pattern, a check, and a description.
#[derive(Clone, Copy)]
struct Shape {
    pattern: &'static str,
    fits: Option<fn(&str) -> bool>,
    words: &'static str,
}

pub const fn text(min: usize, max: usize, example: &'static str) -> Text {
    Text { min, max, example, shape: None }
}

impl Text {
    /// Documents a pattern that the parser of the text checks.
    #[must_use]
    pub const fn like(self, pattern: &'static str) -> Self {
        Self { shape: Some(Shape { pattern, fits: None, words: "" }), ..self }
    }

    /// Valid only if `fits` returns true; `words` describe the requirement.
    #[must_use]
    pub const fn shaped(self, pattern: &'static str, fits: fn(&str) -> bool, words: &'static str) -> Self {
        Self { shape: Some(Shape { pattern, fits: Some(fits), words }), ..self }
    }

    fn checked<'v>(&self, value: &'v Value, at: &mut At<'_>) -> Option<&'v str> {
        let Some(text) = value.as_str() else { return at.none("must be a string") };
        if text.contains('\0') {
            return at.none("must not contain the character U+0000");
        }
        let count = text.chars().take(self.max + 1).count();
        if count < self.min || count > self.max {
            return at.none(format!("must have {} to {} characters", self.min, self.max));
        }
        match self.shape {
            Some(Shape { fits: Some(fits), words, .. }) if !fits(text) => at.none(words),
            Some(_) | None => Some(text),
        }
    }
}

impl Kind for Text {
    type Value = String;

    fn parse(&self, value: &Value, at: &mut At<'_>) -> Option<String> {
        self.checked(value, at).map(str::to_owned)
    }

    fn schema(&self, _: &mut Schemas) -> Described {
        let schema = string().min_length(Some(self.min)).max_length(Some(self.max));
        let schema = schema.pattern(self.shape.map(|shape| shape.pattern));
        inline(schema.examples([json!(self.example)]))
    }
}

/// A text that is parsed into a type, which provides the error.
pub struct Parsed<T>(Text, PhantomData<fn() -> T>);

pub const fn parsed<T>(text: Text) -> Parsed<T> {
    Parsed(text, PhantomData)
}

impl<T: FromStr<Err: Display>> Kind for Parsed<T> {
    type Value = T;

    fn parse(&self, value: &Value, at: &mut At<'_>) -> Option<T> {
        match self.0.checked(value, at)?.parse() {
            Ok(value) => Some(value),
            Err(wrong) => at.none(T::Err::to_string(&wrong)),
        }
    }

    fn schema(&self, schemas: &mut Schemas) -> Described {
        Kind::schema(&self.0, schemas)
    }
}
