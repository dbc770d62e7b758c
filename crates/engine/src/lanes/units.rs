//! The units of a batch, one after the other, each in a savepoint.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use store::StoreError;

use super::queue::PendingUnit;
use crate::unit::{Ran, Unit, Work};
use crate::{Batch, Fault};

/// Runs them and notes how each ended; tells whether any wrote something that stays. A unit that is alone in its
/// transaction needs no savepoint: what it ran into is the transaction's.
pub(super) fn run_all(
    batch: &mut Batch<'_>,
    units: &mut [PendingUnit],
    is_alone: bool,
) -> Result<bool, Arc<StoreError>> {
    let mut wrote = false;
    for unit in units {
        let ran = if is_alone { alone(batch, unit)? } else { in_savepoint(batch, unit)? };
        wrote |= matches!(ran, Ran::Done);
        unit.ran = Some(ran);
    }
    Ok(wrote)
}

fn alone(batch: &mut Batch<'_>, unit: &mut PendingUnit) -> Result<Ran, Arc<StoreError>> {
    match run(batch, unit.work.as_mut()) {
        Ran::Failed(Fault::Store(error)) => Err(error),
        ran => Ok(ran),
    }
}

fn in_savepoint(batch: &mut Batch<'_>, unit: &mut PendingUnit) -> Result<Ran, StoreError> {
    let events = batch.events;
    batch.connection.savepoint()?;
    let ran = match run(batch, unit.work.as_mut()) {
        Ran::Done => match batch.connection.release_savepoint() {
            Ok(()) => return Ok(Ran::Done),
            Err(error) => Ran::Failed(error.into()),
        },
        ran => ran,
    };
    batch.connection.rollback_to_savepoint()?;
    batch.events = events;
    Ok(ran)
}

fn run(batch: &mut Batch<'_>, work: &mut dyn Work) -> Ran {
    let ran = catch_unwind(AssertUnwindSafe(|| {
        let mut unit = Unit::new(batch);
        match work.run(&mut unit) {
            Ran::Done => unit.finish().map_or_else(|error| Ran::Failed(error.into()), |()| Ran::Done),
            ran => ran,
        }
    }));
    ran.unwrap_or_else(|_| Ran::Failed(Fault::Internal("a unit panicked".to_owned())))
}
