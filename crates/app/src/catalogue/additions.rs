//! Adding to the catalogue, all or nothing.

use std::collections::{BTreeMap, HashSet};

use domain::actor::Actor;
use domain::catalogue::{Catalogue, VenueCatalogue};
use domain::ids::VenueId;
use domain::offering::Offering;
use domain::pool::Pool;
use domain::venue::Venue;
use engine::{Fault, Subject, UnitEvent};

use super::change::{NotChanged, write};
use super::{CatalogueRefusal, announce, refresh};
use crate::App;
use crate::audit::{AuditAction, AuditEntry};
use crate::event_cache::Stale;

/// Parts of the catalogue that are added together.
#[derive(Debug, Clone, Default)]
pub struct Additions {
    pub venues: Vec<Venue>,
    pub pools: Vec<Pool>,
    pub offerings: Vec<Offering>,
}

impl Additions {
    /// The codes of all of it; `None` if two things have the same.
    fn codes(&self) -> Option<Vec<&str>> {
        let venues = self.venues.iter().filter_map(|venue| venue.code.as_deref());
        let codes: Vec<&str> =
            venues.chain(self.offerings.iter().filter_map(|offering| offering.code.as_deref())).collect();
        (codes.iter().collect::<HashSet<_>>().len() == codes.len()).then_some(codes)
    }

    /// The venues that are added or added to, each once.
    fn touched(&self) -> Vec<VenueId> {
        let pools = self.pools.iter().map(|pool| pool.venue);
        let offerings = self.offerings.iter().map(|offering| offering.venue);
        let mut all: Vec<_> =
            self.venues.iter().map(|venue| venue.id).chain(pools).chain(offerings).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The venues as they are with this added to `before`.
    fn onto(self, before: &Catalogue, version: i64) -> Vec<VenueCatalogue> {
        let known = self.touched().into_iter().filter_map(|id| before.of_venue(id));
        let mut after: BTreeMap<VenueId, VenueCatalogue> = known
            .map(|of_venue| (of_venue.venue.id, VenueCatalogue { version, ..(**of_venue).clone() }))
            .collect();
        let new = self.venues.into_iter().map(|venue| (venue.id, VenueCatalogue::new(venue, version)));
        after.extend(new);
        for pool in self.pools {
            if let Some(of_venue) = after.get_mut(&pool.venue) {
                of_venue.pools.push(pool.into());
            }
        }
        for offering in self.offerings {
            if let Some(of_venue) = after.get_mut(&offering.venue) {
                of_venue.offerings.push(offering.into());
            }
        }
        after.into_values().collect()
    }
}

/// Adds what the server itself has put together.
pub async fn add(app: &App, additions: Additions) -> Result<(), CatalogueRefusal> {
    add_by(app, Actor::System, additions).await
}

/// Adds everything or nothing. The caller has checked who may.
pub(super) async fn add_by(app: &App, actor: Actor, additions: Additions) -> Result<(), CatalogueRefusal> {
    let before = app.catalogue.snapshot();
    // Known before any lane is asked; the lane decides the truth.
    match additions.codes() {
        Some(codes) if !codes.iter().any(|code| before.has_code(code)) => {}
        Some(_) | None => return Err(CatalogueRefusal::CodeTaken),
    }
    let entries: Vec<AuditEntry> = additions.entries(actor);
    let rows = additions.clone();
    let stale = Stale::after_change(app);
    let version = write(app, Subject::NONE, move |unit| {
        let (connection, now) = unit.parts();
        let version = store::catalogue::raise_version(connection)?;
        for code in rows.codes().into_iter().flatten() {
            if store::catalogue::is_code_taken(connection, code)? {
                return Err(NotChanged::Refused(CatalogueRefusal::CodeTaken));
            }
        }
        store::catalogue::insert_venues(connection, &rows.venues, now)?;
        store::catalogue::insert_pools(connection, &rows.pools, now)?;
        store::catalogue::insert_offerings(connection, &rows.offerings, now)?;
        store::catalogue::mark_changed(connection, &rows.touched(), version)?;
        rows.events().into_iter().for_each(|event| unit.event(event));
        for entry in &entries {
            unit.audit(entry.clone());
        }
        Ok(version)
    });
    let version = version.await?;
    publish(app, additions, version).await?;
    stale.forget().await;
    Ok(())
}

impl Additions {
    /// One event for each thing that is added.
    fn events(&self) -> Vec<UnitEvent> {
        let venue = |venue| announce::venue(venue, AuditAction::VenueAdded.as_str());
        let pool = |pool| announce::pool(pool, AuditAction::PoolAdded.as_str());
        let offering = |offering| announce::offering(offering, AuditAction::OfferingAdded.as_str());
        let venues = self.venues.iter().map(venue);
        venues.chain(self.pools.iter().map(pool)).chain(self.offerings.iter().map(offering)).collect()
    }

    /// One entry per venue, and one for each thing that is added to a venue that was there.
    fn entries(&self, actor: Actor) -> Vec<AuditEntry> {
        let is_new = |id: VenueId| self.venues.iter().any(|venue| venue.id == id);
        let by = |action| AuditEntry::by(actor, action);
        let venues =
            self.venues.iter().map(|venue| by(AuditAction::VenueAdded).to(venue.id).at(venue.business));
        let pools = self.pools.iter().filter(|pool| !is_new(pool.venue));
        let offerings = self.offerings.iter().filter(|offering| !is_new(offering.venue));
        venues
            .chain(pools.map(|pool| by(AuditAction::PoolAdded).to(pool.id)))
            .chain(offerings.map(|offering| by(AuditAction::OfferingAdded).to(offering.id)))
            .collect()
    }
}

/// Adds to the snapshot where it is the one before; reads what it lacks where another process was faster.
async fn publish(app: &App, additions: Additions, version: i64) -> Result<(), Fault> {
    let before = app.catalogue.snapshot();
    if before.version + 1 != version {
        return refresh(app).await;
    }
    app.catalogue.publish(version, &additions.onto(&before, version));
    Ok(())
}
