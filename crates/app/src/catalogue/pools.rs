//! Pools: added, read, changed and withdrawn.

use std::sync::Arc;

use domain::actor::Actor;
use domain::authorise::{Denied, Resource, authorise};
use domain::catalogue::{Catalogue, Selector, VenueCatalogue};
use domain::field::FieldErrors;
use domain::ids::{BusinessId, PoolId};
use domain::permission::Permission;
use domain::pool::{Axis, Pool};
use domain::seats::{SeatMap, SeatRow};
use engine::Subject;
use store::StoreError;
use store::slots::{CapacityChange, change_pool_capacity, change_seats, first_unused};

use super::additions::add_by;
use super::change::{Change, NotChanged, change, check};
use super::drafts::{PoolDraft, Resolving};
use super::{CatalogueRefusal, ListAsked, ListPage, authorise_reading, authorised_venue, find_venue};
use crate::App;
use crate::audit::{AuditAction, AuditEntry};

/// What is to be changed of a pool; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PoolChange {
    pub name: Option<String>,
    pub capacity: Option<i64>,
    /// Of a seated pool: all rows anew. Seats keep their bookings by their labels.
    pub seat_map: Option<Vec<SeatRow>>,
}

pub async fn add(
    app: &App,
    actor: Actor,
    venue: &Selector,
    draft: PoolDraft,
) -> Result<Pool, CatalogueRefusal> {
    let venue = authorised_venue(&app.catalogue.snapshot(), actor, Permission::ChangeCatalogue, venue)?;
    check(None, venue.version, venue.withdrawn_at)?;
    let mut resolving = Resolving::new(app);
    resolving.pool(venue.id, draft);
    let additions = resolving.finish()?;
    let pool = additions.pools.first().cloned().ok_or(Denied::NotFound("pool"))?;
    add_by(app, actor, additions).await?;
    Ok(pool)
}

/// The pools of a venue, in the order they were added; withdrawn ones only where they are asked for.
pub fn list(
    app: &App,
    actor: Actor,
    venue: &Selector,
    asked: ListAsked<PoolId>,
) -> Result<ListPage<Arc<Pool>, PoolId>, CatalogueRefusal> {
    authorise_reading(actor)?;
    let snapshot = app.catalogue.snapshot();
    let venue = find_venue(&snapshot, venue)?;
    let pools = snapshot.of_venue(venue.id).map(|of_venue| of_venue.pools.as_slice()).unwrap_or_default();
    let shown = pools.iter().filter(|pool| asked.with_withdrawn || pool.withdrawn_at.is_none());
    Ok(asked.page(shown.map(Arc::clone), |pool| pool.id))
}

pub fn read(app: &App, actor: Actor, id: PoolId) -> Result<Arc<Pool>, CatalogueRefusal> {
    authorise_reading(actor)?;
    let snapshot = app.catalogue.snapshot();
    Ok(snapshot.pool(id).map(Arc::clone).ok_or(Denied::NotFound("pool"))?)
}

/// Changes a pool. A capacity cannot go below what is taken, and a seat that is sold cannot go.
pub async fn edit(
    app: &App,
    actor: Actor,
    id: PoolId,
    expected_version: i64,
    asked: PoolChange,
) -> Result<Arc<Pool>, CatalogueRefusal> {
    let permission = Permission::ChangeCatalogue;
    let (pool, business) = authorised_pool(&app.catalogue.snapshot(), actor, permission, id)?;
    let entry = AuditEntry::by(actor, AuditAction::PoolChanged).to(id).at(business);
    let changed = change(app, Subject(id.0), pool.venue, entry, move |change| {
        let before = stored(&change.of_venue, id)?;
        check(Some(expected_version), before.version, before.withdrawn_at)?;
        let mut after = Pool { version: before.version + 1, ..Pool::clone(&before) };
        after.name = asked.name.unwrap_or(after.name);
        if let Some(capacity) = asked.capacity {
            check_seated(&before, capacity)?;
            after.capacity = capacity;
            done(change_pool_capacity(change.connection, id, capacity)?)?;
        }
        if let Some(rows) = asked.seat_map {
            after.axis = Axis::Seated(Arc::new(reseat(change, &after, rows)?));
        }
        store::catalogue::update_pool(change.connection, &after)?;
        change.of_venue.put_pool(after);
        Ok(())
    });
    stored(&changed.await?, id).map_err(store_fault)
}

/// Withdraws a pool for good: nothing is sold from it any more. What was booked stays as it is.
pub async fn withdraw(
    app: &App,
    actor: Actor,
    id: PoolId,
    expected_version: Option<i64>,
) -> Result<Arc<Pool>, CatalogueRefusal> {
    let permission = Permission::ChangeCatalogue;
    let (pool, business) = authorised_pool(&app.catalogue.snapshot(), actor, permission, id)?;
    let entry = AuditEntry::by(actor, AuditAction::PoolWithdrawn).to(id).at(business);
    let changed = change(app, Subject(id.0), pool.venue, entry, move |change| {
        let before = stored(&change.of_venue, id)?;
        check(expected_version, before.version, before.withdrawn_at)?;
        let withdrawn_at = Some(change.now);
        let after = Pool { withdrawn_at, version: before.version + 1, ..Pool::clone(&before) };
        store::catalogue::update_pool(change.connection, &after)?;
        change.of_venue.put_pool(after);
        Ok(())
    });
    stored(&changed.await?, id).map_err(store_fault)
}

/// The pool and whose it is, if the actor may do this with it.
pub(super) fn authorised_pool(
    catalogue: &Catalogue,
    actor: Actor,
    permission: Permission,
    id: PoolId,
) -> Result<(Arc<Pool>, BusinessId), Denied> {
    let pool = catalogue.pool(id).ok_or(Denied::NotFound("pool"))?;
    let venue = catalogue.venue(pool.venue).ok_or(Denied::NotFound("pool"))?;
    authorise(actor, permission, Resource::of_business("pool", venue.business))?;
    Ok((Arc::clone(pool), venue.business))
}

pub(super) fn stored(of_venue: &VenueCatalogue, id: PoolId) -> Result<Arc<Pool>, StoreError> {
    of_venue.pool(id).map(Arc::clone).ok_or_else(|| StoreError::corrupt("pools", "id", id))
}

fn store_fault(error: StoreError) -> CatalogueRefusal {
    CatalogueRefusal::Failed(error.into())
}

pub(super) fn done(change: CapacityChange) -> Result<(), NotChanged> {
    match change {
        CapacityChange::Done => Ok(()),
        CapacityChange::NoSuchPool => Err(CatalogueRefusal::from(Denied::NotFound("pool")).into()),
        CapacityChange::BelowTaken { slot, taken } => {
            Err(CatalogueRefusal::BelowTaken { slot, taken }.into())
        }
    }
}

/// A seat is sold once or, closed, not at all.
fn check_seated(pool: &Pool, capacity: i64) -> Result<(), CatalogueRefusal> {
    if capacity <= 1 || !matches!(pool.axis, Axis::Seated(_)) {
        return Ok(());
    }
    let mut errors = FieldErrors::default();
    errors.add("/capacity", "must be from 0 to 1 for a seated pool");
    Err(CatalogueRefusal::Invalid(errors.into_vec()))
}

/// Gives a seated pool other rows: seats that stay keep their slots, new ones get slots that no seat ever had.
fn reseat(change: &mut Change<'_>, pool: &Pool, rows: Vec<SeatRow>) -> Result<SeatMap, NotChanged> {
    let wrong = |detail: String| {
        let mut errors = FieldErrors::default();
        errors.add("/seat_map", detail);
        NotChanged::Refused(CatalogueRefusal::Invalid(errors.into_vec()))
    };
    let Axis::Seated(before) = &pool.axis else { return Err(wrong("only a seated pool has one".to_owned())) };
    let unused = first_unused(change.connection, pool.id)?;
    let after =
        before.changed(rows, unused).map_err(|label| wrong(format!("has two seats named {label}")))?;
    let (kept, known): (Vec<i64>, Vec<i64>) = (after.slots().to_vec(), before.slots().to_vec());
    let added: Vec<i64> = kept.iter().copied().filter(|slot| *slot >= unused).collect();
    let kept: std::collections::HashSet<i64> = kept.into_iter().collect();
    let removed: Vec<i64> = known.into_iter().filter(|slot| !kept.contains(slot)).collect();
    match change_seats(change.connection, pool.id, &added, &removed, pool.capacity)? {
        CapacityChange::BelowTaken { slot, .. } => {
            let label = before.labels(slot, slot).map(|(_, label)| label).next().unwrap_or_default();
            let detail = format!("seat {label} is sold");
            Err(NotChanged::Refused(CatalogueRefusal::InUse { field: "seat_map", detail }))
        }
        other => done(other).map(|()| after),
    }
}
