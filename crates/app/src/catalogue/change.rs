//! The one way in which the catalogue is changed: under the lock of its version, against the rows as they are, with an
//! entry in the audit log in the same transaction.

use std::sync::{Arc, Mutex, PoisonError};

use domain::catalogue::VenueCatalogue;
use domain::ids::VenueId;
use domain::time::Instant;
use store::{Connection, StoreError};

use super::CatalogueRefusal;
use crate::App;
use crate::audit::{self, AuditEntry};
use crate::event_cache::Stale;

/// Why a change was not made.
pub(super) enum NotChanged {
    Refused(CatalogueRefusal),
    Failed(StoreError),
}

impl From<StoreError> for NotChanged {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

impl From<CatalogueRefusal> for NotChanged {
    fn from(refusal: CatalogueRefusal) -> Self {
        Self::Refused(refusal)
    }
}

/// An open change of one venue's part of the catalogue.
pub(super) struct Change<'a> {
    pub connection: &'a mut Connection,
    pub now: Instant,
    /// As it is stored, and afterwards as it was changed to.
    pub of_venue: VenueCatalogue,
}

/// Changes one venue's part of the catalogue, or leaves everything as it is.
pub(super) async fn change(
    app: &App,
    lane: usize,
    venue: VenueId,
    entry: AuditEntry,
    edit: impl FnOnce(&mut Change<'_>) -> Result<(), NotChanged> + Send + 'static,
) -> Result<VenueCatalogue, CatalogueRefusal> {
    let (vault, writer) = (app.vault.clone(), app.audit);
    let stale = Stale::after_change(app);
    let changed = write(app, lane, move |connection, now| {
        let version = store::catalogue::raise_version(connection)?;
        let of_venue = store::catalogue::read(connection, &[venue])?.pop();
        let of_venue = of_venue.ok_or_else(|| StoreError::corrupt("venues", "id", venue))?;
        let mut change = Change { connection, now, of_venue };
        edit(&mut change)?;
        let Change { connection, mut of_venue, .. } = change;
        of_venue.version = version;
        store::catalogue::mark_changed(connection, &[venue], version)?;
        audit::append(connection, &vault, writer, entry, now)?;
        Ok(of_venue)
    });
    let of_venue = changed.await?;
    app.catalogue.publish(of_venue.version, std::slice::from_ref(&of_venue));
    stale.forget().await;
    Ok(of_venue)
}

/// Runs a write that may be refused, and then leaves nothing behind.
pub(super) async fn write<T: Send + 'static>(
    app: &App,
    lane: usize,
    write: impl FnOnce(&mut Connection, Instant) -> Result<T, NotChanged> + Send + 'static,
) -> Result<T, CatalogueRefusal> {
    let refusal = Arc::new(Mutex::new(None));
    let told = Arc::clone(&refusal);
    let clock = app.clock.clone();
    let written = app.lanes.write(lane, move |connection, now| {
        write(connection, clock.of_lane(now)).map_err(|not_changed| match not_changed {
            NotChanged::Failed(error) => error,
            NotChanged::Refused(refusal) => {
                *told.lock().unwrap_or_else(PoisonError::into_inner) = Some(refusal);
                StoreError::Statement("refused".to_owned())
            }
        })
    });
    let written = written.await;
    match refusal.lock().unwrap_or_else(PoisonError::into_inner).take() {
        Some(refusal) => Err(refusal),
        None => Ok(written?),
    }
}

/// Refuses a change of what is not at the version that the caller has seen, or was withdrawn.
pub(super) fn check(
    expected: Option<i64>,
    actual: i64,
    withdrawn_at: Option<Instant>,
) -> Result<(), CatalogueRefusal> {
    match expected.filter(|expected| *expected != actual) {
        Some(expected) => Err(CatalogueRefusal::VersionConflict { expected, actual }),
        None if withdrawn_at.is_some() => Err(CatalogueRefusal::Withdrawn),
        None => Ok(()),
    }
}

/// Refuses a code that something else has.
pub(super) fn check_code(
    connection: &mut Connection,
    before: Option<&str>,
    after: Option<&str>,
) -> Result<(), NotChanged> {
    match after.filter(|_| before != after) {
        Some(code) if store::catalogue::is_code_taken(connection, code)? => {
            Err(NotChanged::Refused(CatalogueRefusal::CodeTaken))
        }
        Some(_) | None => Ok(()),
    }
}
