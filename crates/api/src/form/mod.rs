//! Reading a JSON object of the catalogue field by field, noting everything that is wrong instead of stopping at the
//! first.
#![expect(dead_code, reason = "only the catalogue's requests are read this way")]

pub mod catalogue;

use axum::body::Bytes;
use domain::catalogue::Selector;
use domain::field::{FieldErrors, pointer, pointer_index};
use domain::ids::NotAnId;
use jiff::civil::{Date, Time};
use jiff::tz::Offset;
use serde_json::{Map, Value};

use wire::problem::Problem;

/// Parses a request's body and reads its fields. Wrong fields, unknown ones included, become one problem.
pub fn read<T>(body: &Bytes, read: impl FnOnce(&mut Form<'_>) -> Option<T>) -> Result<T, Problem> {
    let value: Value = if body.is_empty() {
        return Err(Problem::invalid_field("", "the body is empty; send a JSON object"));
    } else {
        serde_json::from_slice(body)
            .map_err(|error| Problem::invalid_field("", format!("invalid JSON: {error}")))?
    };
    let mut errors = FieldErrors::default();
    let Value::Object(object) = &value else {
        return Err(Problem::invalid_field("", "must be a JSON object"));
    };
    let mut form = Form::new(object, "", &mut errors);
    let result = read(&mut form);
    form.finish();
    match (errors.is_empty(), result) {
        (true, Some(result)) => Ok(result),
        (true, None) => Err(Problem::invalid_field("", "is incomplete")),
        (false, _) => Err(Problem::invalid(&errors.into_vec())),
    }
}

/// As [`read`], where an empty body stands for an object without fields.
pub fn read_optional<T>(
    body: &Bytes,
    read_form: impl FnOnce(&mut Form<'_>) -> Option<T>,
) -> Result<T, Problem> {
    let empty = Bytes::from_static(b"{}");
    read(if body.is_empty() { &empty } else { body }, read_form)
}

/// One object on its way into a type. Every read names its field, so that what was never asked for is unknown.
pub struct Form<'a> {
    object: &'a Map<String, Value>,
    pub base: String,
    pub errors: &'a mut FieldErrors,
    asked: Vec<&'static str>,
}

impl<'a> Form<'a> {
    pub fn new(object: &'a Map<String, Value>, base: impl Into<String>, errors: &'a mut FieldErrors) -> Self {
        Self { object, base: base.into(), errors, asked: Vec::with_capacity(32) }
    }

    /// Notes fields that nobody asked for.
    pub fn finish(self) {
        #[cfg(test)]
        asked::note(&self.base, &self.asked);
        for name in self.object.keys() {
            if !self.asked.contains(&name.as_str()) {
                self.errors.add_at(&self.base, name, "unknown field");
            }
        }
    }

    pub fn wrong(&mut self, name: &str, detail: impl Into<String>) {
        self.errors.add_at(&self.base, name, detail);
    }

    pub fn has(&self, name: &str) -> bool {
        self.object.get(name).is_some_and(|value| !value.is_null())
    }

    /// Whether the field is there, be it null.
    pub fn mentions(&self, name: &str) -> bool {
        self.object.contains_key(name)
    }

    /// How many elements the array of this name has.
    pub fn array_len(&self, name: &str) -> Option<usize> {
        self.object.get(name)?.as_array().map(Vec::len)
    }

    /// The field's value; `None` where it is absent or null.
    pub fn value(&mut self, name: &'static str) -> Option<&'a Value> {
        self.asked.push(name);
        self.object.get(name).filter(|value| !value.is_null())
    }

    /// Notes an error if a required field is missing, and passes the value on.
    pub fn required<T>(&mut self, name: &'static str, value: Option<T>) -> Option<T> {
        if value.is_none() && !self.has(name) {
            self.wrong(name, "is required");
        }
        value
    }

    /// A text of `min..=max` characters, trimmed of nothing.
    pub fn text(&mut self, name: &'static str, min: usize, max: usize) -> Option<String> {
        let Some(text) = self.value(name)?.as_str() else {
            self.wrong(name, "must be a string");
            return None;
        };
        if text.contains('\0') {
            self.wrong(name, "must not contain the character U+0000");
            return None;
        }
        let count = text.chars().take(max + 1).count();
        if count < min || count > max {
            self.wrong(name, format!("must have {min} to {max} characters"));
            return None;
        }
        Some(text.to_owned())
    }

    pub fn integer(&mut self, name: &'static str) -> Option<i64> {
        let number = self.value(name)?.as_i64();
        if number.is_none() {
            self.wrong(name, "must be a whole number");
        }
        number
    }

    /// A whole number from `min` to `max`.
    pub fn integer_in(&mut self, name: &'static str, min: i64, max: i64) -> Option<i64> {
        let number = self.integer(name)?;
        if (min..=max).contains(&number) {
            return Some(number);
        }
        self.wrong(name, format!("must be from {min} to {max}"));
        None
    }

    pub fn boolean(&mut self, name: &'static str) -> Option<bool> {
        let value = self.value(name)?.as_bool();
        if value.is_none() {
            self.wrong(name, "must be true or false");
        }
        value
    }

    pub fn date(&mut self, name: &'static str) -> Option<Date> {
        let date = self.value(name)?.as_str().and_then(date);
        if date.is_none() {
            self.wrong(name, "must be a date like 2026-03-31");
        }
        date
    }

    /// A time of day, with or without seconds, with or without a UTC offset.
    pub fn time(&mut self, name: &'static str) -> Option<(Time, Option<Offset>)> {
        let time = self.value(name)?.as_str().and_then(time);
        if time.is_none() {
            self.wrong(name, "must be a time like 19:30 or 19:30+02:00");
        }
        time
    }

    /// One of some words.
    pub fn word<T>(
        &mut self,
        name: &'static str,
        words: &[&str],
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let found = self.value(name)?.as_str().and_then(parse);
        if found.is_none() {
            self.wrong(name, format!("must be one of {}", words.join(", ")));
        }
        found
    }

    pub fn id<T: std::str::FromStr<Err = NotAnId>>(&mut self, name: &'static str) -> Option<T> {
        match self.value(name)?.as_str().map(str::parse) {
            Some(Ok(id)) => Some(id),
            Some(Err(error)) => {
                self.wrong(name, error.to_string());
                None
            }
            None => {
                self.wrong(name, "must be a string");
                None
            }
        }
    }

    /// A venue or an offering: its id, a UUID, or the code its owner gave it, as a string or a number.
    pub fn selector(&mut self, name: &'static str, prefix: &str) -> Option<Selector> {
        match self.value(name)? {
            Value::String(text)
                if !text.is_empty() && text.chars().count() <= domain::limits::LABEL_CHARS_MAX =>
            {
                Some(selector(text, prefix))
            }
            Value::Number(number) if number.is_u64() => Some(Selector::Code(number.to_string())),
            _ => {
                self.wrong(name, "must be an id or a code");
                None
            }
        }
    }

    /// An object of the caller's own, as compact JSON of at most `bytes_max` bytes.
    pub fn json_object(&mut self, name: &'static str, bytes_max: usize) -> Option<String> {
        let value = self.value(name)?;
        let text = value.to_string();
        if value.is_object() && text.len() <= bytes_max {
            return Some(text);
        }
        self.wrong(name, format!("must be an object of at most {bytes_max} bytes"));
        None
    }

    /// The objects of an array of `min..=max` elements, each read by `read` under its own pointer.
    pub fn objects<T>(
        &mut self,
        name: &'static str,
        bounds: (usize, usize),
        read: impl FnMut(&mut Form<'_>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let value = self.value(name)?;
        objects_in(value, pointer(&self.base, name), bounds, self.errors, read)
    }

    /// The strings of an array.
    pub fn strings(
        &mut self,
        name: &'static str,
        (min, max): (usize, usize),
        chars_max: usize,
    ) -> Option<Vec<String>> {
        let array = self.value(name)?.as_array();
        let texts: Option<Vec<String>> = array.and_then(|elements| {
            elements.iter().map(|element| element.as_str().map(str::to_owned)).collect()
        });
        let fits = |texts: &Vec<String>| {
            (min..=max).contains(&texts.len())
                && texts
                    .iter()
                    .all(|text| !text.is_empty() && text.len() <= chars_max && !text.contains('\0'))
        };
        let found = texts.filter(fits);
        if found.is_none() {
            self.wrong(
                name,
                format!("must be an array of {min} to {max} strings of at most {chars_max} bytes"),
            );
        }
        found
    }
}

/// The objects of the array `value`, which stands at `at`.
pub fn objects_in<T>(
    value: &Value,
    at: String,
    (min, max): (usize, usize),
    errors: &mut FieldErrors,
    mut read: impl FnMut(&mut Form<'_>) -> Option<T>,
) -> Option<Vec<T>> {
    let Some(elements) = value.as_array() else {
        errors.add(at, "must be an array");
        return None;
    };
    if elements.len() < min || elements.len() > max {
        errors.add(at, format!("must have {min} to {max} elements"));
        return None;
    }
    let mut found = Vec::with_capacity(elements.len());
    for (index, element) in elements.iter().enumerate() {
        let base = pointer_index(&at, index);
        let Some(object) = element.as_object() else {
            errors.add(base, "must be an object");
            continue;
        };
        let mut form = Form::new(object, base, errors);
        found.extend(read(&mut form));
        form.finish();
    }
    Some(found)
}

pub fn selector(text: &str, prefix: &str) -> Selector {
    let bare = text.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('_')).unwrap_or(text);
    match uuid::Uuid::try_parse(bare) {
        Ok(id) => Selector::Id(id),
        Err(_) => Selector::Code(text.to_owned()),
    }
}

/// Exactly `YYYY-MM-DD`.
pub fn date(text: &str) -> Option<Date> {
    let bytes = text.as_bytes();
    let shaped = bytes.len() == 10 && bytes.get(4) == Some(&b'-') && bytes.get(7) == Some(&b'-');
    text.parse().ok().filter(|_| shaped)
}

/// `HH:MM` or `HH:MM:SS`, then nothing, `Z` or `±HH:MM`.
pub fn time(text: &str) -> Option<(Time, Option<Offset>)> {
    let zone_at = text.find(['+', '-', 'Z']).unwrap_or(text.len());
    let (clock, zone) = text.split_at_checked(zone_at)?;
    let shaped = matches!(clock.len(), 5 | 8) && clock.as_bytes().get(2) == Some(&b':');
    let time: Time = clock.parse().ok().filter(|_| shaped)?;
    let offset = match zone {
        "" => None,
        "Z" => Some(Offset::UTC),
        written => Some(offset(written)?),
    };
    Some((time, offset))
}

fn offset(text: &str) -> Option<Offset> {
    let (hours, minutes) = text.get(1..)?.split_once(':')?;
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    let sign = if text.starts_with('-') { -1 } else { 1 };
    (minutes < 60).then(|| Offset::from_seconds(sign * (hours * 3_600 + minutes * 60)).ok())?
}

/// What forms asked for on this thread, by where they stand in the request: for the test that compares it with the
/// documentation.
#[cfg(test)]
pub(crate) mod asked {
    use std::cell::RefCell;
    use std::collections::{BTreeMap, BTreeSet};

    pub type Asked = BTreeMap<String, BTreeSet<String>>;

    thread_local! {
        static ASKED: RefCell<Asked> = RefCell::default();
    }

    pub fn note(base: &str, names: &[&'static str]) {
        let names = names.iter().map(ToString::to_string);
        ASKED.with_borrow_mut(|asked| asked.entry(base.to_owned()).or_default().extend(names));
    }

    pub fn take() -> Asked {
        ASKED.take()
    }
}
