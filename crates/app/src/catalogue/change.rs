//! The one way in which the catalogue is changed: under the lock of its version, against the rows as they are, with an
//! event and an entry in the audit log in the same transaction.

use domain::catalogue::VenueCatalogue;
use domain::ids::VenueId;
use domain::time::Instant;
use engine::{Fault, Subject, Unit};
use store::{Connection, StoreError};

use super::{CatalogueRefusal, announce};
use crate::App;
use crate::audit::AuditEntry;
use crate::event_cache::Stale;

/// Why a change was not made.
pub(super) enum NotChanged {
    Refused(CatalogueRefusal),
    Failed(Fault),
}

engine::refusals!(NotChanged);

impl From<Fault> for NotChanged {
    fn from(error: Fault) -> Self {
        Self::Failed(error)
    }
}

impl From<NotChanged> for CatalogueRefusal {
    fn from(not_changed: NotChanged) -> Self {
        match not_changed {
            NotChanged::Refused(refusal) => refusal,
            NotChanged::Failed(error) => Self::Failed(error),
        }
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
    subject: Subject,
    venue: VenueId,
    entry: AuditEntry,
    edit: impl FnOnce(&mut Change<'_>) -> Result<(), NotChanged> + Clone + Send + 'static,
) -> Result<VenueCatalogue, CatalogueRefusal> {
    let stale = Stale::after_change(app);
    let changed = write(app, subject, move |unit| {
        let (connection, now) = unit.parts();
        let version = store::catalogue::raise_version(connection)?;
        let of_venue = store::catalogue::read(connection, &[venue])?.pop();
        let of_venue = of_venue.ok_or_else(|| StoreError::corrupt("venues", "id", venue))?;
        let mut change = Change { connection, now, of_venue };
        edit.clone()(&mut change)?;
        let Change { connection, mut of_venue, .. } = change;
        of_venue.version = version;
        store::catalogue::mark_changed(connection, &[venue], version)?;
        if let Some(event) = announce::changed(&of_venue, subject, entry.action().as_str()) {
            unit.event(event);
        }
        unit.audit(entry.clone());
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
    subject: Subject,
    work: impl FnMut(&mut Unit<'_>) -> Result<T, NotChanged> + Send + 'static,
) -> Result<T, CatalogueRefusal> {
    Ok(app.engine.write(subject, work).await?)
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
