//! Reads an object member by member and collects all errors.

use domain::field::{FieldErrors, pointer, pointer_index};
use serde_json::{Map, Value};

/// The source of the values. In a query each value is a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    Json,
    Query,
}

/// One object being read. Each read names its field, so that the remaining fields are known to be unknown.
pub struct Reader<'a> {
    object: &'a Map<String, Value>,
    /// The JSON pointer of the object.
    pub base: String,
    source: Source,
    errors: &'a mut FieldErrors,
    asked: Vec<&'static str>,
}

impl<'a> Reader<'a> {
    pub fn new(object: &'a Map<String, Value>, source: Source, errors: &'a mut FieldErrors) -> Self {
        Self { object, base: String::new(), source, errors, asked: Vec::with_capacity(48) }
    }

    pub fn wrong(&mut self, name: &str, detail: impl Into<String>) {
        self.at(name).wrong(detail);
    }

    /// Whether the field has a value other than null.
    pub fn has(&self, name: &str) -> bool {
        self.object.get(name).is_some_and(|value| !value.is_null())
    }

    /// Whether the field is present; it may be null.
    pub fn mentions(&self, name: &str) -> bool {
        self.object.contains_key(name)
    }

    /// The field's value; `None` if it is absent or null.
    pub fn value(&mut self, name: &'static str) -> Option<&'a Value> {
        self.asked.push(name);
        self.object.get(name).filter(|value| !value.is_null())
    }

    pub fn at<'r>(&'r mut self, name: &'r str) -> At<'r> {
        At { base: &self.base, place: Place::Name(name), source: self.source, errors: self.errors }
    }

    /// Reports the fields that were not read.
    pub fn finish(mut self) {
        let unknown = match self.source {
            Source::Json => "unknown field",
            Source::Query => "unknown parameter",
        };
        let asked = std::mem::take(&mut self.asked);
        for name in self.object.keys().filter(|name| !asked.contains(&name.as_str())) {
            self.wrong(name, unknown);
        }
    }
}

enum Place<'a> {
    Name(&'a str),
    Index(usize),
}

/// The location of a value, for its errors.
pub struct At<'a> {
    base: &'a str,
    place: Place<'a>,
    source: Source,
    errors: &'a mut FieldErrors,
}

impl At<'_> {
    pub fn wrong(&mut self, detail: impl Into<String>) {
        let pointer = self.pointer();
        self.errors.add(pointer, detail);
    }

    /// Adds an error and returns no value.
    pub fn none<T>(&mut self, detail: impl Into<String>) -> Option<T> {
        self.wrong(detail);
        None
    }

    pub fn is_text(&self) -> bool {
        self.source == Source::Query
    }

    fn pointer(&self) -> String {
        match (self.source, &self.place) {
            (Source::Query, Place::Name(name)) => format!("query:{name}"),
            (Source::Json, Place::Name(name)) => pointer(self.base, name),
            (_, Place::Index(index)) => pointer_index(self.base, *index),
        }
    }

    /// Reads the members of an object.
    pub fn object<T>(&mut self, value: &Value, read: impl FnOnce(&mut Reader<'_>) -> Option<T>) -> Option<T> {
        let Value::Object(object) = value else { return self.none("must be an object") };
        let mut reader = Reader {
            object,
            base: self.pointer(),
            source: self.source,
            errors: self.errors,
            asked: Vec::with_capacity(16),
        };
        let result = read(&mut reader);
        reader.finish();
        result
    }

    /// Reads each element of an array. Invalid ones are reported and omitted.
    pub fn elements<T>(
        &mut self,
        elements: &[Value],
        mut read: impl FnMut(&Value, &mut At<'_>) -> Option<T>,
    ) -> Vec<T> {
        let base = self.pointer();
        let mut found = Vec::with_capacity(elements.len());
        for (index, element) in elements.iter().enumerate() {
            let place = Place::Index(index);
            let mut at = At { base: &base, place, source: self.source, errors: self.errors };
            found.extend(read(element, &mut at));
        }
        found
    }
}
