//! A row of a result, read by position.

use rusqlite::types::ValueRef;
use uuid::Uuid;

use crate::error::{Result, StoreError};

pub enum Row<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    /// The row, and the number of leading columns that the seam added.
    Postgres(&'a tokio_postgres::Row, usize),
}

impl Row<'_> {
    pub fn int(&self, column: usize) -> Result<i64> {
        self.opt_int(column)?.ok_or_else(|| self.corrupt(column))
    }

    pub fn text(&self, column: usize) -> Result<String> {
        self.opt_text(column)?.ok_or_else(|| self.corrupt(column))
    }

    pub fn bytes(&self, column: usize) -> Result<Vec<u8>> {
        self.opt_bytes(column)?.ok_or_else(|| self.corrupt(column))
    }

    pub fn id(&self, column: usize) -> Result<Uuid> {
        self.opt_id(column)?.ok_or_else(|| self.corrupt(column))
    }

    pub fn opt_int(&self, column: usize) -> Result<Option<i64>> {
        match self {
            Self::Sqlite(row) => match row.get_ref(column)? {
                ValueRef::Null => Ok(None),
                ValueRef::Integer(value) => Ok(Some(value)),
                ValueRef::Real(_) | ValueRef::Text(_) | ValueRef::Blob(_) => Err(self.corrupt(column)),
            },
            Self::Postgres(row, offset) => row.try_get(column + offset).map_err(|_| self.corrupt(column)),
        }
    }

    pub fn opt_text(&self, column: usize) -> Result<Option<String>> {
        match self {
            Self::Sqlite(row) => match row.get_ref(column)? {
                ValueRef::Null => Ok(None),
                ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
                    Ok(text) => Ok(Some(text.to_owned())),
                    Err(_) => Err(self.corrupt(column)),
                },
                ValueRef::Integer(_) | ValueRef::Real(_) | ValueRef::Blob(_) => Err(self.corrupt(column)),
            },
            Self::Postgres(row, offset) => row.try_get(column + offset).map_err(|_| self.corrupt(column)),
        }
    }

    pub fn opt_bytes(&self, column: usize) -> Result<Option<Vec<u8>>> {
        match self {
            Self::Sqlite(row) => match row.get_ref(column)? {
                ValueRef::Null => Ok(None),
                ValueRef::Blob(bytes) => Ok(Some(bytes.to_vec())),
                ValueRef::Integer(_) | ValueRef::Real(_) | ValueRef::Text(_) => Err(self.corrupt(column)),
            },
            Self::Postgres(row, offset) => row.try_get(column + offset).map_err(|_| self.corrupt(column)),
        }
    }

    pub fn opt_id(&self, column: usize) -> Result<Option<Uuid>> {
        match self {
            Self::Sqlite(row) => match row.get_ref(column)? {
                ValueRef::Null => Ok(None),
                ValueRef::Blob(bytes) => match Uuid::from_slice(bytes) {
                    Ok(id) => Ok(Some(id)),
                    Err(_) => Err(self.corrupt(column)),
                },
                ValueRef::Integer(_) | ValueRef::Real(_) | ValueRef::Text(_) => Err(self.corrupt(column)),
            },
            Self::Postgres(row, offset) => row.try_get(column + offset).map_err(|_| self.corrupt(column)),
        }
    }

    fn corrupt(&self, column: usize) -> StoreError {
        let name = match self {
            Self::Sqlite(row) => {
                row.as_ref().column_name(column).map_or_else(|_| "?".to_owned(), str::to_owned)
            }
            Self::Postgres(row, offset) => row
                .columns()
                .get(column + offset)
                .map_or_else(|| "?".to_owned(), |found| found.name().to_owned()),
        };
        StoreError::Corrupt(format!("column {name} has an unexpected value"))
    }
}
