//! Capacities: of a pool, or of some of its slots.

use domain::actor::Actor;
use domain::authorise::Denied;
use domain::ids::PoolId;
use domain::permission::Permission;
use domain::pool::Axis;
use engine::Subject;
use store::slots::change_slot_capacity;

use super::CatalogueRefusal;
use super::change::{change, write};
use super::pools::{authorised_pool, done, stored};
use crate::App;
use crate::audit::{AuditAction, AuditEntry};
use crate::event_cache::Stale;

/// The slots whose capacity is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// The pool, and every slot without its own capacity.
    Pool,
    /// These slots, inclusive, which then have their own capacity.
    Slots(i64, i64),
}

/// What the slots of the pool are, to read a change of their capacity.
pub fn axis(app: &App, id: PoolId) -> Result<Axis, Denied> {
    let snapshot = app.catalogue.snapshot();
    snapshot.pool(id).map(|pool| pool.axis.clone()).ok_or(Denied::NotFound("pool"))
}

/// Changes a capacity, but never below the units taken.
pub async fn change_capacity(
    app: &App,
    actor: Actor,
    id: PoolId,
    extent: Extent,
    capacity: i64,
) -> Result<(), CatalogueRefusal> {
    let permission = Permission::ChangeCapacity;
    let (pool, business) = authorised_pool(&app.catalogue.snapshot(), actor, permission, id)?;
    let entry = AuditEntry::by(actor, AuditAction::CapacityChanged).to(id).at(business);
    let subject = Subject(id.0);
    match extent {
        Extent::Pool => {
            let changed = change(app, subject, pool.venue, entry, move |change| {
                done(store::slots::change_pool_capacity(change.connection, id, capacity)?)?;
                let mut after = stored(&change.of_venue, id)?.as_ref().clone();
                (after.version, after.capacity) = (after.version + 1, capacity);
                store::catalogue::update_pool(change.connection, &after)?;
                change.of_venue.put_pool(after);
                Ok(())
            });
            changed.await.map(drop)
        }
        Extent::Slots(first, last) => {
            let stale = Stale::after_change(app);
            let changed = write(app, subject, move |unit| {
                done(change_slot_capacity(unit.connection, id, (first, last), capacity)?)?;
                unit.audit(entry.clone());
                Ok(())
            });
            changed.await?;
            stale.forget().await;
            Ok(())
        }
    }
}
