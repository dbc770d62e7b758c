//! Everything that is for sale, as one immutable snapshot: read without a lock, swapped when something changes.

use std::collections::HashMap;
use std::sync::Arc;

use crate::ids::{OfferingId, PoolId, VenueId};
use crate::offering::{Offering, OfferingKind};
use crate::pool::Pool;
use crate::venue::Venue;

/// How a request names a venue or an offering: by id, or by the code its owner gave it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Selector {
    Id(uuid::Uuid),
    Code(String),
}

#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    /// Grows with each change, so that processes can tell whose snapshot is older.
    pub version: i64,
    venues: HashMap<VenueId, Arc<Venue>>,
    pools: HashMap<PoolId, Arc<Pool>>,
    offerings: HashMap<OfferingId, Arc<Offering>>,
    offerings_of: HashMap<VenueId, Vec<Arc<Offering>>>,
    venue_codes: HashMap<String, VenueId>,
    offering_codes: HashMap<String, OfferingId>,
}

impl Catalogue {
    pub fn put_venue(&mut self, venue: Arc<Venue>) {
        if let Some(code) = &venue.code {
            self.venue_codes.insert(code.clone(), venue.id);
        }
        self.venues.insert(venue.id, venue);
    }

    pub fn put_pool(&mut self, pool: Arc<Pool>) {
        self.pools.insert(pool.id, pool);
    }

    pub fn put_offering(&mut self, offering: Arc<Offering>) {
        if let Some(code) = &offering.code {
            self.offering_codes.insert(code.clone(), offering.id);
        }
        let of_venue = self.offerings_of.entry(offering.venue).or_default();
        of_venue.retain(|known| known.id != offering.id);
        of_venue.push(Arc::clone(&offering));
        self.offerings.insert(offering.id, offering);
    }

    pub fn venue(&self, id: VenueId) -> Option<&Arc<Venue>> {
        self.venues.get(&id)
    }

    pub fn pool(&self, id: PoolId) -> Option<&Arc<Pool>> {
        self.pools.get(&id)
    }

    pub fn offering(&self, id: OfferingId) -> Option<&Arc<Offering>> {
        self.offerings.get(&id)
    }

    pub fn venues(&self) -> impl Iterator<Item = &Arc<Venue>> {
        self.venues.values()
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

    /// Whether a venue or an offering already answers to `code`.
    pub fn has_code(&self, code: &str) -> bool {
        self.venue_codes.contains_key(code) || self.offering_codes.contains_key(code)
    }

    /// The venue's offerings of one kind, in the order they were created.
    pub fn of_kind(&self, venue: VenueId, kind: OfferingKind) -> impl Iterator<Item = &Arc<Offering>> {
        self.offerings_of.get(&venue).into_iter().flatten().filter(move |offering| offering.kind == kind)
    }
}
