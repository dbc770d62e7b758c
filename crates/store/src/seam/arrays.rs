//! Parameters in the driver's own types: one row's, or a whole column as an array.

use tokio_postgres::types::{ToSql, Type};
use uuid::Uuid;

use super::param::{Param, Rows, count_checked, without_nul};
use crate::error::{Result, StoreError};

pub(super) type Owned = Box<dyn ToSql + Sync + Send>;

/// One row's parameters.
pub(super) fn owned(params: &[Param<'_>], types: &[Type]) -> Result<Vec<Owned>> {
    count_checked(params.len(), types.len())?;
    let one = |(param, of): (&Param<'_>, &Type)| column(std::iter::once(param), of, false);
    params.iter().zip(types).map(one).collect()
}

/// All rows' parameters: an array for each column.
pub(super) fn columns(rows: &Rows<'_>, types: &[Type]) -> Result<Vec<Owned>> {
    count_checked(rows.width(), types.len())?;
    let of = |(index, of): (usize, &Type)| column(rows.column(index), of, true);
    types.iter().enumerate().map(of).collect()
}

/// The values of one column, as an array or, where there is only one, as itself.
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
        other => Err(StoreError::Statement(format!("parameters of type {other} are not part of the seam"))),
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
