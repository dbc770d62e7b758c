//! One record of a table, with its fields by column name. Errors name the column.

use std::collections::HashMap;

use anyhow::{Context as _, bail, ensure};
use csv::ByteRecord;
use jiff::civil::Date;

/// Maximum characters of an invalid field that are shown.
const SHOWN_CHARS_MAX: usize = 40;
/// How the published files write an unknown number.
const UNKNOWN: [&str; 3] = ["", "NA", "NULL"];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

pub struct Columns {
    names: Vec<String>,
    places: HashMap<String, usize>,
}

impl Columns {
    /// The columns of a header, which must include the `needed` ones.
    pub fn new(header: &ByteRecord, needed: &[&str]) -> anyhow::Result<Self> {
        let names: Vec<String> =
            header.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect();
        let places: HashMap<String, usize> = names.iter().cloned().zip(0..).collect();
        for name in needed {
            ensure!(places.contains_key(*name), "the header has no column {name}");
        }
        Ok(Self { names, places })
    }

    /// The fields of a record that has one for each column.
    pub fn of<'a>(&'a self, record: &'a ByteRecord) -> anyhow::Result<Fields<'a>> {
        if let Some(missing) = self.names.get(record.len()) {
            bail!("column {missing}: missing, the row has only {} fields", record.len());
        }
        let columns = self.names.len();
        ensure!(record.len() == columns, "column {}: not in the header, which has {columns}", columns + 1);
        Ok(Fields { columns: self, record })
    }
}

pub struct Fields<'a> {
    columns: &'a Columns,
    record: &'a ByteRecord,
}

impl<'a> Fields<'a> {
    pub fn text(&self, column: &str) -> anyhow::Result<&'a str> {
        let place = self.columns.places.get(column);
        let field = place.and_then(|place| self.record.get(*place)).unwrap_or_default();
        std::str::from_utf8(field).with_context(|| format!("column {column}: not UTF-8"))
    }

    /// A non-empty text.
    pub fn word(&self, column: &str) -> anyhow::Result<&'a str> {
        let text = self.text(column)?;
        ensure!(!text.is_empty(), "column {column}: empty");
        Ok(text)
    }

    /// A number from 0 to `max`.
    pub fn number(&self, column: &str, max: i64) -> anyhow::Result<i64> {
        let text = self.text(column)?;
        let number = text.parse().ok().filter(|number| (0..=max).contains(number));
        number.with_context(|| format!("column {column}: {} is not a number from 0 to {max}", shown(text)))
    }

    /// A number from 0 to `max`; 0 if unknown.
    pub fn number_if_known(&self, column: &str, max: i64) -> anyhow::Result<i64> {
        if UNKNOWN.contains(&self.text(column)?) { Ok(0) } else { self.number(column, max) }
    }

    /// The number of an English month name.
    pub fn month(&self, column: &str) -> anyhow::Result<i8> {
        let text = self.text(column)?;
        let found = (1..).zip(MONTHS).find(|(_, month)| month.eq_ignore_ascii_case(text));
        let number = found.map(|(number, _)| number);
        number.with_context(|| format!("column {column}: {} is not a month", shown(text)))
    }

    /// A date such as 2015-07-01.
    pub fn date(&self, column: &str) -> anyhow::Result<Date> {
        let text = self.text(column)?;
        let day = Date::strptime("%Y-%m-%d", text).ok();
        day.with_context(|| format!("column {column}: {} is not a date such as 2015-07-01", shown(text)))
    }
}

fn shown(text: &str) -> String {
    let short: String = text.chars().take(SHOWN_CHARS_MAX).collect();
    format!("{short:?}")
}
