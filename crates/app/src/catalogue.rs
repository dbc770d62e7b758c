//! The catalogue in memory, and the use cases that change it.

use std::collections::HashSet;
use std::sync::Arc;

use arc_swap::ArcSwap;
use domain::actor::Actor;
use domain::authorise::{Denied, Resource, authorise};
use domain::catalogue::Catalogue;
use domain::ids::PoolId;
use domain::offering::Offering;
use domain::permission::Permission;
use domain::pool::Pool;
use domain::venue::Venue;
use store::slots::CapacityChange;
use store::{Constraint, StoreError, slots};

use crate::App;
use crate::lanes::SubmitError;

/// The newest snapshot this process knows.
pub struct CatalogueCache {
    current: ArcSwap<Catalogue>,
}

impl CatalogueCache {
    pub fn new(catalogue: Catalogue) -> Self {
        Self { current: ArcSwap::from_pointee(catalogue) }
    }

    pub fn snapshot(&self) -> Arc<Catalogue> {
        self.current.load_full()
    }

    /// Puts a newer snapshot in place; an older one is dropped.
    pub fn replace(&self, catalogue: Catalogue) {
        let newer = Arc::new(catalogue);
        self.current.rcu(|current| {
            if newer.version > current.version { Arc::clone(&newer) } else { Arc::clone(current) }
        });
    }
}

/// Things to be added to the catalogue together.
#[derive(Debug, Default)]
pub struct Additions {
    pub venues: Vec<Venue>,
    pub pools: Vec<Pool>,
    pub offerings: Vec<Offering>,
}

impl Additions {
    /// A code names one thing, be it a venue or an offering. The tables see to it each for itself; this sees both.
    fn codes_are_free(&self, catalogue: &Catalogue) -> bool {
        let venues = self.venues.iter().filter_map(|venue| venue.code.as_deref());
        let offerings = self.offerings.iter().filter_map(|offering| offering.code.as_deref());
        let mut own = HashSet::new();
        venues.chain(offerings).all(|code| own.insert(code) && !catalogue.has_code(code))
    }
}

#[derive(Debug, thiserror::Error)]
pub enum CatalogueRefusal {
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("a venue or an offering has this code already")]
    CodeTaken,
    #[error("{taken} units of slot {slot} are taken")]
    BelowTaken { slot: i64, taken: i64 },
    #[error(transparent)]
    Failed(#[from] SubmitError),
}

/// Adds to the catalogue, all or nothing. The caller has checked who may.
pub async fn add(app: &App, additions: Additions) -> Result<(), CatalogueRefusal> {
    let cache = Arc::clone(&app.catalogue);
    if !additions.codes_are_free(&cache.snapshot()) {
        return Err(CatalogueRefusal::CodeTaken);
    }
    let written = app.lanes.write(0, move |connection, now| {
        for venue in &additions.venues {
            store::catalogue::insert_venue(connection, venue, now)?;
        }
        store::catalogue::insert_pools(connection, &additions.pools, now)?;
        store::catalogue::insert_offerings(connection, &additions.offerings, now)?;
        let version = store::catalogue::raise_version(connection)?;
        Ok((version, additions))
    });
    match written.await {
        Ok((version, additions)) => Ok(publish(&cache, version, additions, app).await?),
        Err(SubmitError::Store(error)) if is_code_taken(&error) => Err(CatalogueRefusal::CodeTaken),
        Err(error) => Err(error.into()),
    }
}

fn is_code_taken(error: &StoreError) -> bool {
    matches!(error, StoreError::Constraint(Constraint::VenuesCodeUnique | Constraint::OfferingsCodeUnique))
}

/// Adds to the snapshot in place where it is the one before; reads everything anew where another process was faster.
async fn publish(
    cache: &CatalogueCache,
    version: i64,
    additions: Additions,
    app: &App,
) -> Result<(), SubmitError> {
    let mut next = Catalogue::clone(&cache.snapshot());
    if next.version + 1 != version {
        return refresh(app).await;
    }
    next.version = version;
    additions.venues.into_iter().for_each(|venue| next.put_venue(Arc::new(venue)));
    additions.pools.into_iter().for_each(|pool| next.put_pool(Arc::new(pool)));
    additions.offerings.into_iter().for_each(|offering| next.put_offering(Arc::new(offering)));
    cache.replace(next);
    Ok(())
}

/// Reads the catalogue anew if another process has changed it.
pub async fn refresh(app: &App) -> Result<(), SubmitError> {
    let known = app.catalogue.snapshot().version;
    let newer = app.readers.ask(move |connection| {
        let is_newer = store::catalogue::version(connection)? > known;
        if is_newer { store::catalogue::load(connection).map(Some) } else { Ok(None) }
    });
    if let Some(catalogue) = newer.await? {
        app.catalogue.replace(catalogue);
    }
    Ok(())
}

/// The slots a capacity is changed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// The pool, with every slot that has no capacity of its own.
    Pool,
    /// These slots, both included, which then have one of their own.
    Slots(i64, i64),
}

/// Changes a capacity; never below what is taken.
pub async fn change_capacity(
    app: &App,
    actor: Actor,
    pool: PoolId,
    extent: Extent,
    capacity: i64,
) -> Result<(), CatalogueRefusal> {
    let snapshot = app.catalogue.snapshot();
    let venue = snapshot.pool(pool).and_then(|known| snapshot.venue(known.venue));
    let business = venue.ok_or(Denied::NotFound("pool"))?.business;
    authorise(actor, Permission::ChangeCapacity, Resource::of_business("pool", business))?;
    let lane = app.lanes.lane_of(pool);
    let changed = app.lanes.write(lane, move |connection, _| {
        let change = match extent {
            Extent::Pool => slots::change_pool_capacity(connection, pool, capacity)?,
            Extent::Slots(first, last) => {
                slots::change_slot_capacity(connection, pool, (first, last), capacity)?
            }
        };
        match (change, extent) {
            (CapacityChange::Done, Extent::Pool) => {
                store::catalogue::raise_version(connection)?;
                Ok(change)
            }
            _ => Ok(change),
        }
    });
    match changed.await? {
        CapacityChange::Done => Ok(refresh(app).await?),
        CapacityChange::NoSuchPool => Err(Denied::NotFound("pool").into()),
        CapacityChange::BelowTaken { slot, taken } => Err(CatalogueRefusal::BelowTaken { slot, taken }),
    }
}

/// A slot of a pool as operators see it: how much there is, and how much is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occupancy {
    pub slot: i64,
    pub capacity: i64,
    pub taken: i64,
}

/// The slots from `first` to `last`, those without a row included.
pub async fn occupancy(app: &App, pool: &Pool, first: i64, last: i64) -> Result<Vec<Occupancy>, SubmitError> {
    let (id, capacity) = (pool.id, pool.capacity);
    let rows = app.readers.ask(move |connection| slots::in_range(connection, id, first, last)).await?;
    let mut rows = rows.into_iter().peekable();
    let slot = |number| match rows.next_if(|(key, _)| key.slot == number) {
        Some((_, slot)) => Occupancy { slot: number, capacity: slot.capacity, taken: slot.taken },
        None => Occupancy { slot: number, capacity, taken: 0 },
    };
    Ok((first..=last).map(slot).collect())
}
