//! Everything that is for sale, as one immutable snapshot made of a snapshot per venue: read without a lock, and cheap
//! to copy with one venue changed.

use std::collections::hash_map::RandomState;
use std::sync::Arc;

use crate::ids::{OfferingId, PoolId, VenueId};
use crate::offering::{Offering, OfferingKind};
use crate::pool::Pool;
use crate::sharded::{IdMap, ShardedMap};
use crate::venue::Venue;

/// How a request names a venue or an offering: by its id, or by the code that its owner chose.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Selector {
    Id(uuid::Uuid),
    Code(String),
}

/// A venue with its pools and offerings, withdrawn ones included, in the order they were added.
#[derive(Debug, Clone)]
pub struct VenueCatalogue {
    /// The version of the whole catalogue at the last change of anything here: the newer of two snapshots has the
    /// larger one.
    pub version: i64,
    pub venue: Arc<Venue>,
    pub pools: Vec<Arc<Pool>>,
    pub offerings: Vec<Arc<Offering>>,
}

impl VenueCatalogue {
    pub fn new(venue: Venue, version: i64) -> Self {
        Self { version, venue: Arc::new(venue), pools: Vec::new(), offerings: Vec::new() }
    }

    /// Adds the pool, or replaces the one with its id.
    pub fn put_pool(&mut self, pool: Pool) {
        match self.pools.iter_mut().find(|known| known.id == pool.id) {
            Some(known) => *known = Arc::new(pool),
            None => self.pools.push(Arc::new(pool)),
        }
    }

    /// Adds the offering, or replaces the one with its id.
    pub fn put_offering(&mut self, offering: Offering) {
        match self.offerings.iter_mut().find(|known| known.id == offering.id) {
            Some(known) => *known = Arc::new(offering),
            None => self.offerings.push(Arc::new(offering)),
        }
    }

    pub fn pool(&self, id: PoolId) -> Option<&Arc<Pool>> {
        self.pools.iter().find(|pool| pool.id == id)
    }

    pub fn offering(&self, id: OfferingId) -> Option<&Arc<Offering>> {
        self.offerings.iter().find(|offering| offering.id == id)
    }
}

#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    /// Every change up to this version is here. Grows by one with each change.
    pub version: i64,
    venues: IdMap<VenueId, Arc<VenueCatalogue>>,
    pools: IdMap<PoolId, Arc<Pool>>,
    offerings: IdMap<OfferingId, Arc<Offering>>,
    venue_codes: ShardedMap<String, VenueId, RandomState>,
    offering_codes: ShardedMap<String, OfferingId, RandomState>,
}

impl Catalogue {
    /// Puts a venue's snapshot in the place of an older one; a snapshot that is older itself is dropped.
    pub fn put(&mut self, newer: VenueCatalogue) {
        let id = newer.venue.id;
        if let Some(known) = self.venues.get(&id).map(Arc::clone) {
            if known.version > newer.version {
                return;
            }
            self.forget_codes(&known, &newer);
        }
        if let Some(code) = &newer.venue.code {
            self.venue_codes.insert(code.clone(), id);
        }
        for pool in &newer.pools {
            if !self.pools.get(&pool.id).is_some_and(|known| Arc::ptr_eq(known, pool)) {
                self.pools.insert(pool.id, Arc::clone(pool));
            }
        }
        for offering in &newer.offerings {
            if self.offerings.get(&offering.id).is_some_and(|known| Arc::ptr_eq(known, offering)) {
                continue;
            }
            self.offerings.insert(offering.id, Arc::clone(offering));
        }
        let coded =
            newer.offerings.iter().filter_map(|offering| Some((offering.code.as_ref()?, offering.id)));
        for (code, offering) in coded {
            if self.offering_codes.get(code) != Some(&offering) {
                self.offering_codes.insert(code.clone(), offering);
            }
        }
        self.venues.insert(id, Arc::new(newer));
    }

    /// Forgets the codes that the newer snapshot of a venue has no more. Venues, pools and offerings are added and
    /// changed but never deleted, so that nothing else has to be forgotten.
    fn forget_codes(&mut self, old: &VenueCatalogue, newer: &VenueCatalogue) {
        if let Some(code) = old.venue.code.as_ref().filter(|code| newer.venue.code.as_ref() != Some(*code)) {
            self.venue_codes.remove(code);
        }
        for (before, after) in old.offerings.iter().zip(&newer.offerings) {
            let is_kept = before.id == after.id && before.code == after.code;
            if let Some(code) = before.code.as_ref().filter(|_| !is_kept) {
                self.offering_codes.remove(code);
            }
        }
    }

    pub fn of_venue(&self, id: VenueId) -> Option<&Arc<VenueCatalogue>> {
        self.venues.get(&id)
    }

    pub fn venue(&self, id: VenueId) -> Option<&Arc<Venue>> {
        self.venues.get(&id).map(|of_venue| &of_venue.venue)
    }

    pub fn pool(&self, id: PoolId) -> Option<&Arc<Pool>> {
        self.pools.get(&id)
    }

    pub fn offering(&self, id: OfferingId) -> Option<&Arc<Offering>> {
        self.offerings.get(&id)
    }

    pub fn venues(&self) -> impl Iterator<Item = &Arc<Venue>> {
        self.venues.values().map(|of_venue| &of_venue.venue)
    }

    pub fn pools(&self) -> impl Iterator<Item = &Arc<Pool>> {
        self.pools.values()
    }

    pub fn offerings(&self) -> impl Iterator<Item = &Arc<Offering>> {
        self.offerings.values()
    }

    pub fn find_venue(&self, selector: &Selector) -> Option<&Arc<Venue>> {
        match selector {
            Selector::Id(id) => self.venue(VenueId(*id)),
            Selector::Code(code) => self.venue(*self.venue_codes.get(code)?),
        }
    }

    pub fn find_offering(&self, selector: &Selector) -> Option<&Arc<Offering>> {
        match selector {
            Selector::Id(id) => self.offering(OfferingId(*id)),
            Selector::Code(code) => self.offering(*self.offering_codes.get(code)?),
        }
    }

    /// Whether a venue or an offering already has this `code`.
    pub fn has_code(&self, code: &str) -> bool {
        self.venue_codes.get(code).is_some() || self.offering_codes.get(code).is_some()
    }

    /// Whether the offering can be sold at all, apart from when: neither it nor its venue is withdrawn.
    pub fn is_for_sale(&self, offering: &Offering) -> bool {
        let venue = self.venue(offering.venue);
        offering.active
            && offering.withdrawn_at.is_none()
            && venue.is_some_and(|venue| venue.withdrawn_at.is_none())
    }

    /// The venue's offerings of one kind, in the order of creation.
    pub fn of_kind(&self, venue: VenueId, kind: OfferingKind) -> impl Iterator<Item = &Arc<Offering>> {
        let of_venue = self.venues.get(&venue).map(|of_venue| &of_venue.offerings);
        of_venue.into_iter().flatten().filter(move |offering| offering.kind == kind)
    }
}
