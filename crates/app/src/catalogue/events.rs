//! Events: the ticketed offerings, with how many seats they have and how many are left.
//!
//! The counts are cached until something changes them ([`crate::event_cache`]).

use std::sync::Arc;

use backplane::cache::Lookup;
use domain::actor::Actor;
use domain::authorise::Denied;
use domain::catalogue::{Catalogue, Selector};
use domain::ids::OfferingId;
use domain::limits::CLOCK_SKEW_MS_MAX;
use domain::offering::{Offering, OfferingKind, Supply};
use serde::{Deserialize, Serialize};

use super::offerings::Priced;
use super::{CatalogueRefusal, authorise_reading, refresh};
use crate::App;
use crate::event_cache::{NAMESPACE, TTL};
use engine::Fault;

/// A ticketed offering and its seats.
#[derive(Debug, Clone)]
pub struct Event {
    pub ticket: Priced,
    /// All seats, and those that can be bought; `None` where they are not limited.
    pub seats: Option<Supply>,
}

#[derive(Debug, Clone)]
pub struct EventPage {
    pub events: Vec<Event>,
    /// Events on all pages.
    pub total: usize,
}

/// What is cached of a page.
#[derive(Serialize, Deserialize)]
struct Counted {
    total: usize,
    events: Vec<(OfferingId, i64, Option<Supply>)>,
}

/// The events on a page, counted from 1, by their beginning.
pub async fn list(app: &App, actor: Actor, page: i64, page_size: i64) -> Result<EventPage, CatalogueRefusal> {
    authorise_reading(actor)?;
    let at_most = |count: i64| usize::try_from(count).unwrap_or(0);
    let (first, length) = (at_most((page - 1).saturating_mul(page_size)), at_most(page_size));
    let key = format!("{page}/{page_size}");
    let found = cached(app, &key, |catalogue| {
        let all = for_sale(catalogue);
        (all.len(), all.into_iter().skip(first).take(length).collect())
    });
    Ok(found.await?)
}

pub async fn read(app: &App, actor: Actor, named: &Selector) -> Result<Event, CatalogueRefusal> {
    authorise_reading(actor)?;
    let is_event = |offering: &&Arc<Offering>| offering.kind == OfferingKind::Ticket;
    let id = app.catalogue.snapshot().find_offering(named).filter(is_event).map(|offering| offering.id);
    let id = id.ok_or(Denied::NotFound("event"))?;
    let key = id.to_string();
    let found = cached(app, &key, |catalogue| (1, catalogue.offering(id).cloned().into_iter().collect()));
    Ok(found.await?.events.pop().ok_or(Denied::NotFound("event"))?)
}

/// The ticketed offerings that are for sale, by their beginning.
fn for_sale(catalogue: &Catalogue) -> Vec<Arc<Offering>> {
    let tickets = catalogue.offerings().filter(|offering| offering.kind == OfferingKind::Ticket);
    let mut all: Vec<_> = tickets.filter(|offering| catalogue.is_for_sale(offering)).cloned().collect();
    all.sort_by_key(|offering| (offering.starts_at.is_none(), offering.starts_at, offering.id));
    all
}

/// The events that `choose` finds in the catalogue, counted now or since the last change.
async fn cached(
    app: &App,
    key: &str,
    choose: impl Fn(&Catalogue) -> (usize, Vec<Arc<Offering>>),
) -> Result<EventPage, Fault> {
    let ticket = match app.backplane.cache().get(NAMESPACE, key).await {
        Lookup::Hit(bytes) => {
            match serde_json::from_slice(&bytes).ok().and_then(|counted| shown(app, counted)) {
                Some(page) => return Ok(page),
                None => None,
            }
        }
        Lookup::Miss(ticket) => Some(ticket),
    };
    // The snapshot may be older than a change that has emptied the cache in another process.
    refresh(app).await?;
    let (total, offerings) = choose(&app.catalogue.snapshot());
    let counted = Counted { total, events: count(app, offerings).await? };
    if let (Some(ticket), Ok(bytes)) = (ticket, serde_json::to_vec(&counted)) {
        app.backplane.cache().put(ticket, bytes.into(), TTL).await;
    }
    Ok(shown(app, counted).unwrap_or(EventPage { events: Vec::new(), total }))
}

/// The page with what the catalogue says; `None` where this process does not know it at that version.
fn shown(app: &App, counted: Counted) -> Option<EventPage> {
    let catalogue = app.catalogue.snapshot();
    let event = |(id, version, seats): (OfferingId, i64, Option<Supply>)| {
        let offering = Arc::clone(catalogue.offering(id).filter(|offering| offering.version == version)?);
        let currency = catalogue.venue(offering.venue)?.currency;
        Some(Event { ticket: Priced { offering, currency }, seats })
    };
    let events = counted.events.into_iter().map(event).collect::<Option<_>>()?;
    Some(EventPage { events, total: counted.total })
}

/// Counts seats in the database; those of holds that are past their time are free.
async fn count(
    app: &App,
    offerings: Vec<Arc<Offering>>,
) -> Result<Vec<(OfferingId, i64, Option<Supply>)>, Fault> {
    let (catalogue, due_since) = (app.catalogue.snapshot(), app.clock.now() - CLOCK_SKEW_MS_MAX);
    let counted = app.readers.ask(move |connection| {
        let parts = offerings.iter().flat_map(|offering| &offering.recipes).flat_map(|recipe| &recipe.0);
        let mut pools: Vec<_> = parts.map(|part| part.pool).collect();
        pools.sort_unstable();
        pools.dedup();
        let supplies = store::slots::supplies(connection, &pools, due_since)?;
        let supply = |pool| {
            let is_sold = catalogue.pool(pool).is_some_and(|pool| pool.withdrawn_at.is_none());
            if is_sold { supplies.get(&pool).copied().unwrap_or_default() } else { Supply::default() }
        };
        Ok(offerings.iter().map(|event| (event.id, event.version, event.supply(supply))).collect())
    });
    Ok(counted.await?)
}
