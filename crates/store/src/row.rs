//! A table's row in one list: [`row!`] makes of it the struct, the text of its columns, the statement that inserts it, its
//! parameters in their order, and its reader by position.

use std::borrow::Cow;

use domain::ids::{
    ApiKeyId, BookingId, BusinessId, GuestId, InvitationId, OfferingId, OrderId, PersonId, PoolId, SessionId,
    VenueId,
};
use domain::money::Currency;
use domain::permission::{MemberRole, Scopes};
use domain::reference::ReferenceNumber;
use domain::status::Status;
use domain::time::{Instant, day_from_number, day_number};
use jiff::civil::Date;

use crate::error::{Result, StoreError};
use crate::seam::{Param, Row, Rows};
use crate::vault::BlindIndex;

/// What [`row!`] gives beside the struct and its texts.
pub trait TableRow: Sized {
    const WIDTH: usize;

    fn push<'r>(&'r self, rows: &mut Rows<'r>);

    /// Reads the row from the column `first` on.
    fn read_at(row: &Row<'_>, first: usize) -> Result<Self>;

    fn read(row: &Row<'_>) -> Result<Self> {
        Self::read_at(row, 0)
    }

    /// What `insert` writes for all of them.
    fn rows(all: &[Self]) -> Rows<'_> {
        let mut rows = Rows::new(Self::WIDTH, all.len());
        for row in all {
            row.push(&mut rows);
        }
        rows
    }
}

/// What a column may hold.
pub trait Column: Sized {
    fn param(&self) -> Param<'_>;

    /// `None` for a null where there must be a value.
    fn read(row: &Row<'_>, column: usize) -> Result<Option<Self>>;

    /// As a fault may show it, where it is the key of its row.
    fn shown(&self) -> String {
        "a row".to_owned()
    }
}

impl<T: Column> Column for Option<T> {
    fn param(&self) -> Param<'_> {
        self.as_ref().map_or(Param::Null, T::param)
    }

    fn read(row: &Row<'_>, column: usize) -> Result<Option<Self>> {
        T::read(row, column).map(Some)
    }
}

macro_rules! columns {
    ($($type:ty: |$value:ident| $param:expr, |$row:ident, $column:ident| $read:expr;)*) => {$(
        impl Column for $type {
            fn param(&self) -> Param<'_> {
                let $value = self;
                $param
            }

            fn read($row: &Row<'_>, $column: usize) -> Result<Option<Self>> {
                $read
            }
        }
    )*};
}

columns! {
    i64: |value| Param::Int(*value), |row, column| row.opt_int(column);
    bool: |value| Param::from(*value), |row, column| Ok(row.opt_int(column)?.map(|value| value != 0));
    String: |value| Param::Text(value), |row, column| row.opt_text(column);
    Vec<u8>: |value| Param::Bytes(value), |row, column| row.opt_bytes(column);
    Cow<'_, str>: |value| Param::Text(value), |row, column| Ok(row.opt_text(column)?.map(Cow::Owned));
    Cow<'_, [u8]>: |value| Param::Bytes(value), |row, column| Ok(row.opt_bytes(column)?.map(Cow::Owned));
    Instant: |value| Param::Int(value.0), |row, column| Ok(row.opt_int(column)?.map(Self));
    Date: |value| Param::Int(day_number(*value)), |row, column| known(row.opt_int(column)?, day_from_number);
    BlindIndex: |value| Param::Int(value.0), |row, column| Ok(row.opt_int(column)?.map(Self));
    ReferenceNumber: |value| Param::Int(value.0), |row, column| Ok(row.opt_int(column)?.map(Self));
    Currency: |value| value.code().into(), |row, column| word(row, column, |word| word.parse().ok());
    Scopes: |value| Param::Int(value.bits()), |row, column| known(row.opt_int(column)?, Self::from_bits);
    MemberRole: |value| value.as_str().into(), |row, column| word(row, column, Self::from_word);
    Status: |value| value.as_str().into(), |row, column| word(row, column, |word| word.parse().ok());
}

macro_rules! ids {
    ($($type:ident)*) => {$(
        impl Column for $type {
            fn param(&self) -> Param<'_> {
                Param::Id(self.0)
            }

            fn read(row: &Row<'_>, column: usize) -> Result<Option<Self>> {
                Ok(row.opt_id(column)?.map(Self))
            }

            fn shown(&self) -> String {
                self.to_string()
            }
        }
    )*};
}

ids! { ApiKeyId BookingId BusinessId GuestId InvitationId OfferingId OrderId PersonId PoolId SessionId VenueId }

fn word<T>(row: &Row<'_>, column: usize, of: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>> {
    known(row.opt_text(column)?, |word| of(&word))
}

/// A value out of a fixed set: any other is a fault, which the reader names.
pub fn known<V, T>(value: Option<V>, of: impl FnOnce(V) -> Option<T>) -> Result<Option<T>> {
    let unknown = || StoreError::Corrupt(String::new());
    value.map(|value| of(value).ok_or_else(unknown)).transpose()
}

/// Reads columns one after the other, and names the one that holds what it should not. `Key` is the first of them.
pub struct Reader<'r, 'a> {
    row: &'r Row<'a>,
    table: &'static str,
    first: usize,
    at: usize,
}

impl<'r, 'a> Reader<'r, 'a> {
    pub fn new(row: &'r Row<'a>, table: &'static str, first: usize) -> Self {
        Self { row, table, first, at: first }
    }

    #[inline]
    pub fn next<Key: Column, T: Column>(&mut self, column: &'static str) -> Result<T> {
        let at = self.at;
        self.at += 1;
        match T::read(self.row, at) {
            Ok(Some(value)) => Ok(value),
            Ok(None) | Err(StoreError::Corrupt(_)) => Err(self.corrupt::<Key>(column)),
            Err(error) => Err(error),
        }
    }

    #[cold]
    fn corrupt<Key: Column>(&self, column: &str) -> StoreError {
        let key = Key::read(self.row, self.first).ok().flatten();
        StoreError::corrupt(self.table, column, key.map_or_else(|| "?".to_owned(), |key| key.shown()))
    }
}

/// Column names, separated by commas, each after the prefix.
macro_rules! joined {
    ($prefix:literal $first:literal $($rest:literal)*) => {
        concat!($prefix, $first $(, ", ", $prefix, $rest)*)
    };
}

/// `$1, $2, …`, one for each column.
macro_rules! placeholders {
    ($($column:literal)+) => {
        $crate::row::placeholders!(@() [$($column)+] [1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24
            25 26 27 28 29 30 31 32])
    };
    (@($($text:tt)*) [$column:literal] [$number:literal $($numbers:literal)*]) => {
        concat!($($text)* "$", $number)
    };
    (@($($text:tt)*) [$column:literal $($columns:literal)+] [$number:literal $($numbers:literal)*]) => {
        $crate::row::placeholders!(@($($text)* "$", $number, ", ",) [$($columns)+] [$($numbers)*])
    };
}

/// A row of a table, as `struct Name of "table" as columns { field: Type = "column", … }`; its key comes first.
///
/// Besides the struct there are `params` and [`TableRow`], and a macro of the given name for texts: `columns!()` is the list
/// of columns, `columns!("t.")` the same with a prefix, `columns!(insert)` the statement that writes a row,
/// and `columns!(insert "more")` with columns behind it that the struct does not have.
macro_rules! row {
    ($($declaration:tt)+) => {
        $crate::row::row_with_dollar!(($) $($declaration)+);
    };
}

/// As [`row!`], given a dollar sign: a macro that makes a macro with parameters cannot write one itself.
macro_rules! row_with_dollar {
    (
        ($dollar:tt)
        $(#[$about:meta])*
        $visible:vis struct $name:ident $(<$borrowed:lifetime>)? of $table:literal as $columns:ident {
            $(#[$about_key:meta])* $key:ident: $Key:ty = $key_column:literal,
            $($(#[$about_field:meta])* $field:ident: $Type:ty = $column:literal,)*
        }
    ) => {
        $(#[$about])*
        $visible struct $name $(<$borrowed>)? {
            $(#[$about_key])* pub $key: $Key,
            $($(#[$about_field])* pub $field: $Type,)*
        }

        macro_rules! $columns {
            () => { $crate::row::joined!("" $key_column $($column)*) };
            (insert $dollar($dollar more:literal)*) => {
                concat!(
                    "insert into ", $table, " (",
                    $crate::row::joined!("" $key_column $($column)* $dollar($dollar more)*), ") values (",
                    $crate::row::placeholders!($key_column $($column)* $dollar($dollar more)*), ")"
                )
            };
            ($dollar prefix:literal) => { $crate::row::joined!($dollar prefix $key_column $($column)*) };
        }

        impl $(<$borrowed>)? $name $(<$borrowed>)? {
            pub(crate) fn params(&self) -> [$crate::seam::Param<'_>; [$key_column, $($column),*].len()] {
                use $crate::row::Column as _;
                [self.$key.param(), $(self.$field.param()),*]
            }
        }

        impl $(<$borrowed>)? $crate::row::TableRow for $name $(<$borrowed>)? {
            const WIDTH: usize = [$key_column, $($column),*].len();

            fn push<'r>(&'r self, rows: &mut $crate::seam::Rows<'r>) {
                rows.push(self.params());
            }

            fn read_at(row: &$crate::seam::Row<'_>, first: usize) -> $crate::error::Result<Self> {
                let mut reader = $crate::row::Reader::new(row, $table, first);
                Ok(Self {
                    $key: reader.next::<$Key, _>($key_column)?,
                    $($field: reader.next::<$Key, _>($column)?,)*
                })
            }
        }
    };
}

pub(crate) use {joined, placeholders, row, row_with_dollar};
