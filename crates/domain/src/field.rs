//! Errors of a request, field by field. Every check adds to one list, so that the response names all of them.

use std::fmt::Write as _;

/// One invalid field. `pointer` is a JSON pointer (RFC 6901) into the request body.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct FieldError {
    pub pointer: String,
    pub detail: String,
}

/// The errors collected while a request is read.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct FieldErrors(Vec<FieldError>);

impl FieldErrors {
    pub fn add(&mut self, pointer: impl Into<String>, detail: impl Into<String>) {
        self.0.push(FieldError { pointer: pointer.into(), detail: detail.into() });
    }

    /// Adds `detail` for the field `name` of the object at `base`.
    pub fn add_at(&mut self, base: &str, name: &str, detail: impl Into<String>) {
        self.add(pointer(base, name), detail);
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn into_vec(self) -> Vec<FieldError> {
        self.0
    }

    /// `value` if there are no errors, otherwise the errors.
    pub fn or<T>(self, value: T) -> Result<T, Vec<FieldError>> {
        if self.0.is_empty() { Ok(value) } else { Err(self.0) }
    }
}

/// The pointer of the member `name` of the object at `base`.
pub fn pointer(base: &str, name: &str) -> String {
    let mut path = String::with_capacity(base.len() + name.len() + 1);
    path.push_str(base);
    path.push('/');
    for character in name.chars() {
        match character {
            '~' => path.push_str("~0"),
            '/' => path.push_str("~1"),
            other => path.push(other),
        }
    }
    path
}

/// The pointer of the element `index` of the array at `base`.
pub fn pointer_index(base: &str, index: usize) -> String {
    let mut path = base.to_owned();
    let _ = write!(path, "/{index}");
    path
}
