//! Parameters in the driver's types: those of one row, or a whole column as an array.

use tokio_postgres::types::{ToSql, Type};
use uuid::Uuid;

use super::param::{Param, Rows, count_checked, without_nul};
use super::rewrite::Shared;
use crate::error::{Result, StoreError};

/// Minimum number of rows for sending shared values only once.
const SHARED_ROWS_MIN: usize = 8;

pub(super) type Owned = Box<dyn ToSql + Sync + Send>;

/// One row's parameters.
pub(super) fn owned(params: &[Param<'_>], types: &[Type]) -> Result<Vec<Owned>> {
    count_checked(params.len(), types.len())?;
    let one = |(param, of): (&Param<'_>, &Type)| column(std::iter::once(param), of, false);
    params.iter().zip(types).map(one).collect()
}

/// The parameters of all rows: an array per column, or a single value if all rows share it.
pub(super) fn columns(rows: &Rows<'_>, types: &[Type], shared: Shared) -> Result<Vec<Owned>> {
    count_checked(rows.width(), types.len())?;
    let of = |(index, of): (usize, &Type)| {
        let in_array = !shared.has(index);
        column(rows.column(index).take(if in_array { usize::MAX } else { 1 }), of, in_array)
    };
    types.iter().enumerate().map(of).collect()
}

/// The columns that have the same value in all rows. Determined only if there are enough rows for a separate
/// statement to be worthwhile.
pub(super) fn shared(rows: &Rows<'_>) -> Shared {
    if rows.len() < SHARED_ROWS_MIN {
        return Shared::NONE;
    }
    let same = |index| {
        let mut column = rows.column(index);
        column.next().is_some_and(|first| column.all(|param| param == first))
    };
    Shared::of((0..rows.width()).map(same))
}

/// The values of one column: an array, or a single value.
fn column<'p>(params: impl Iterator<Item = &'p Param<'p>>, of: &Type, array: bool) -> Result<Owned> {
    match of.name().trim_start_matches('_') {
        "int8" => boxed(params, array, |param| match param {
            Param::Int(value) => Ok(Some(*value)),
            Param::Null => Ok(None),
            Param::Text(_) | Param::Bytes(_) | Param::Id(_) => Err(another_type(param, of)),
        }),
        "text" => boxed(params, array, |param| match param {
            Param::Text(value) => Ok(Some(without_nul(value)?.to_owned())),
            Param::Null => Ok(None),
            Param::Int(_) | Param::Bytes(_) | Param::Id(_) => Err(another_type(param, of)),
        }),
        "uuid" => boxed(params, array, |param| match param {
            Param::Id(value) => Ok(Some::<Uuid>(*value)),
            Param::Null => Ok(None),
            Param::Int(_) | Param::Text(_) | Param::Bytes(_) => Err(another_type(param, of)),
        }),
        "bytea" => boxed(params, array, |param| match param {
            Param::Bytes(value) => Ok(Some(value.to_vec())),
            Param::Null => Ok(None),
            Param::Int(_) | Param::Text(_) | Param::Id(_) => Err(another_type(param, of)),
        }),
        other => Err(StoreError::Statement(format!("unsupported parameter type {other}"))),
    }
}

fn boxed<'p, T: ToSql + Sync + Send + 'static>(
    params: impl Iterator<Item = &'p Param<'p>>,
    array: bool,
    value: impl Fn(&Param<'p>) -> Result<Option<T>>,
) -> Result<Owned> {
    let mut values = Vec::with_capacity(params.size_hint().0);
    for param in params {
        values.push(value(param)?);
    }
    if array { Ok(Box::new(values)) } else { Ok(Box::new(values.pop().flatten())) }
}

fn another_type(param: &Param<'_>, of: &Type) -> StoreError {
    StoreError::Statement(format!("{} bound to a parameter of type {of}", param.kind()))
}
