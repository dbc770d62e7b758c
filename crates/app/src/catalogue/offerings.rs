//! Offerings: added, read, changed and withdrawn.

use std::sync::Arc;

use domain::actor::Actor;
use domain::authorise::{Denied, Resource, authorise};
use domain::catalogue::{Catalogue, Selector, VenueCatalogue};
use domain::field::FieldErrors;
use domain::ids::{OfferingId, PoolId};
use domain::money::Currency;
use domain::offering::{Offering, OfferingChange};
use domain::permission::Permission;
use domain::venue::Venue;
use engine::Subject;
use store::StoreError;

use super::additions::add_by;
use super::change::{Change, NotChanged, change, check, check_code};
use super::drafts::{OfferingDraft, PartDraft, Resolving, recipes};
use super::{CatalogueRefusal, ListAsked, ListPage, authorise_reading, authorised_venue, find_venue};
use crate::App;
use crate::audit::{AuditAction, AuditEntry};

/// An offering with the currency of its price.
#[derive(Debug, Clone)]
pub struct Priced {
    pub offering: Arc<Offering>,
    pub currency: Currency,
}

/// A change of an offering as it was asked for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OfferingPatch {
    pub change: OfferingChange,
    /// All recipes anew, their pools still to be looked up.
    pub recipes: Option<Vec<Vec<PartDraft>>>,
}

pub async fn add(
    app: &App,
    actor: Actor,
    venue: &Selector,
    draft: OfferingDraft,
) -> Result<Priced, CatalogueRefusal> {
    let venue = authorised_venue(&app.catalogue.snapshot(), actor, Permission::ChangeCatalogue, venue)?;
    check(None, venue.version, venue.withdrawn_at)?;
    let mut resolving = Resolving::new(app);
    resolving.offering(venue.id, draft);
    let additions = resolving.finish()?;
    let offering = additions.offerings.first().cloned().ok_or(Denied::NotFound("offering"))?;
    add_by(app, actor, additions).await?;
    Ok(Priced { offering: Arc::new(offering), currency: venue.currency })
}

/// The offerings of a venue, in the order they were added; withdrawn ones only where they are asked for.
pub fn list(
    app: &App,
    actor: Actor,
    venue: &Selector,
    asked: ListAsked<OfferingId>,
) -> Result<ListPage<Priced, OfferingId>, CatalogueRefusal> {
    authorise_reading(actor)?;
    let snapshot = app.catalogue.snapshot();
    let venue = find_venue(&snapshot, venue)?;
    let all = snapshot.of_venue(venue.id).map(|of_venue| of_venue.offerings.as_slice()).unwrap_or_default();
    let shown = all.iter().filter(|offering| asked.with_withdrawn || offering.withdrawn_at.is_none());
    let priced = shown.map(|offering| Priced { offering: Arc::clone(offering), currency: venue.currency });
    Ok(asked.page(priced, |priced| priced.offering.id))
}

pub fn read(app: &App, actor: Actor, named: &Selector) -> Result<Priced, CatalogueRefusal> {
    authorise_reading(actor)?;
    let (offering, venue) = find(&app.catalogue.snapshot(), named)?;
    Ok(Priced { offering, currency: venue.currency })
}

/// Changes an offering. Bookings keep what they bought; recipes are fixed while bookings to come rest on them.
pub async fn edit(
    app: &App,
    actor: Actor,
    named: &Selector,
    expected_version: i64,
    patch: OfferingPatch,
) -> Result<Priced, CatalogueRefusal> {
    let (offering, venue) = authorised(&app.catalogue.snapshot(), actor, named)?;
    let id = offering.id;
    let entry = AuditEntry::by(actor, AuditAction::OfferingChanged).to(id).at(venue.business);
    let changed = change(app, Subject(id.0), venue.id, entry, move |change| {
        let before = stored(&change.of_venue, &offering)?;
        check(Some(expected_version), before.version, before.withdrawn_at)?;
        let after = patched(&change.of_venue, &before, patch)?;
        check_code(change.connection, before.code.as_deref(), after.code.as_deref())?;
        check_recipes(change, &before, &after)?;
        store::catalogue::update_offering(change.connection, &after)?;
        change.of_venue.put_offering(after);
        Ok(())
    });
    priced(&changed.await?, id)
}

/// Withdraws an offering for good: it is sold no more. What was booked stays as it is.
pub async fn withdraw(
    app: &App,
    actor: Actor,
    named: &Selector,
    expected_version: Option<i64>,
) -> Result<Priced, CatalogueRefusal> {
    let (offering, venue) = authorised(&app.catalogue.snapshot(), actor, named)?;
    let id = offering.id;
    let entry = AuditEntry::by(actor, AuditAction::OfferingWithdrawn).to(id).at(venue.business);
    let changed = change(app, Subject(id.0), venue.id, entry, move |change| {
        let before = stored(&change.of_venue, &offering)?;
        check(expected_version, before.version, before.withdrawn_at)?;
        let withdrawn_at = Some(change.now);
        let after = Offering { withdrawn_at, version: before.version + 1, ..Offering::clone(&before) };
        store::catalogue::update_offering(change.connection, &after)?;
        change.of_venue.put_offering(after);
        Ok(())
    });
    priced(&changed.await?, id)
}

fn find(catalogue: &Catalogue, named: &Selector) -> Result<(Arc<Offering>, Arc<Venue>), Denied> {
    let offering = catalogue.find_offering(named).ok_or(Denied::NotFound("offering"))?;
    let venue = catalogue.venue(offering.venue).ok_or(Denied::NotFound("offering"))?;
    Ok((Arc::clone(offering), Arc::clone(venue)))
}

fn authorised(
    catalogue: &Catalogue,
    actor: Actor,
    named: &Selector,
) -> Result<(Arc<Offering>, Arc<Venue>), Denied> {
    let (offering, venue) = find(catalogue, named)?;
    let resource = Resource::of_business("offering", venue.business);
    authorise(actor, Permission::ChangeCatalogue, resource)?;
    Ok((offering, venue))
}

fn stored(of_venue: &VenueCatalogue, known: &Offering) -> Result<Arc<Offering>, StoreError> {
    let found = of_venue.offering(known.id).map(Arc::clone);
    found.ok_or_else(|| StoreError::corrupt("offerings", "id", known.id))
}

fn priced(of_venue: &VenueCatalogue, id: OfferingId) -> Result<Priced, CatalogueRefusal> {
    let offering = of_venue.offering(id).map(Arc::clone).ok_or(Denied::NotFound("offering"))?;
    Ok(Priced { offering, currency: of_venue.venue.currency })
}

fn patched(
    of_venue: &VenueCatalogue,
    before: &Offering,
    patch: OfferingPatch,
) -> Result<Offering, CatalogueRefusal> {
    let mut errors = FieldErrors::default();
    let pool = |named: &Selector| match named {
        Selector::Id(id) => of_venue.pool(PoolId(*id)).map(Arc::as_ref),
        Selector::Code(_) => None,
    };
    let recipes = patch.recipes.map(|drafts| recipes("", before.kind, &drafts, pool, &mut errors));
    let after = before.changed(OfferingChange { recipes, ..patch.change });
    after.check("", &mut errors);
    Ok(errors.or(after)?)
}

fn check_recipes(change: &mut Change<'_>, before: &Offering, after: &Offering) -> Result<(), NotChanged> {
    if before.recipes == after.recipes
        || !store::catalogue::is_offering_in_use(change.connection, after.venue, after.id)?
    {
        return Ok(());
    }
    let detail = "bookings to come rest on them".to_owned();
    Err(CatalogueRefusal::InUse { field: "recipes", detail }.into())
}
