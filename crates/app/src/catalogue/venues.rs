//! Venues: added, read, changed and withdrawn.

use std::sync::Arc;

use domain::actor::Actor;
use domain::authorise::Denied;
use domain::catalogue::Selector;
use domain::ids::VenueId;
use domain::permission::Permission;
use domain::venue::{Venue, VenueChange};
use engine::Subject;

use super::change::{NotChanged, change, check, check_code};
use super::drafts::{VenueDraft, add_all};
use super::{CatalogueRefusal, ListAsked, ListPage, authorise_reading, authorised_venue, find_venue};
use crate::App;
use crate::audit::{AuditAction, AuditEntry};

pub async fn add(app: &App, actor: Actor, draft: VenueDraft) -> Result<Arc<Venue>, CatalogueRefusal> {
    let added = add_all(app, actor, vec![draft]).await?;
    let snapshot = app.catalogue.snapshot();
    let venue = added.venues.first().and_then(|id| snapshot.venue(*id));
    Ok(venue.map(Arc::clone).ok_or(Denied::NotFound("venue"))?)
}

/// All venues, in the order they were added; withdrawn ones only where they are asked for.
pub fn list(
    app: &App,
    actor: Actor,
    asked: ListAsked<VenueId>,
) -> Result<ListPage<Arc<Venue>, VenueId>, CatalogueRefusal> {
    authorise_reading(actor)?;
    let snapshot = app.catalogue.snapshot();
    let shown = snapshot.venues().filter(|venue| asked.with_withdrawn || venue.withdrawn_at.is_none());
    let mut all: Vec<Arc<Venue>> = shown.map(Arc::clone).collect();
    all.sort_by_key(|venue| venue.id);
    Ok(asked.page(all.into_iter(), |venue| venue.id))
}

pub fn read(app: &App, actor: Actor, named: &Selector) -> Result<Arc<Venue>, CatalogueRefusal> {
    authorise_reading(actor)?;
    Ok(find_venue(&app.catalogue.snapshot(), named).map(Arc::clone)?)
}

/// Changes a venue. Its currency and time zone are fixed once something was booked there.
pub async fn edit(
    app: &App,
    actor: Actor,
    named: &Selector,
    expected_version: i64,
    asked: VenueChange,
) -> Result<Arc<Venue>, CatalogueRefusal> {
    let venue = authorised_venue(&app.catalogue.snapshot(), actor, Permission::ChangeCatalogue, named)?;
    let entry = AuditEntry::by(actor, AuditAction::VenueChanged).to(venue.id).at(venue.business);
    let changed = change(app, Subject(venue.id.0), venue.id, entry, move |change| {
        let before = Arc::clone(&change.of_venue.venue);
        check(Some(expected_version), before.version, before.withdrawn_at)?;
        let after = before.changed(asked);
        check_code(change.connection, before.code.as_deref(), after.code.as_deref())?;
        if let Some(field) = before.fixed_by_bookings(&after)
            && store::catalogue::is_venue_in_use(change.connection, after.id)?
        {
            let detail = "the venue has bookings".to_owned();
            return Err(NotChanged::Refused(CatalogueRefusal::InUse { field, detail }));
        }
        store::catalogue::update_venue(change.connection, &after)?;
        change.of_venue.venue = Arc::new(after);
        Ok(())
    });
    Ok(changed.await?.venue)
}

/// Withdraws a venue for good: nothing there is sold any more. What was booked stays as it is.
pub async fn withdraw(
    app: &App,
    actor: Actor,
    named: &Selector,
    expected_version: Option<i64>,
) -> Result<Arc<Venue>, CatalogueRefusal> {
    let venue = authorised_venue(&app.catalogue.snapshot(), actor, Permission::ChangeCatalogue, named)?;
    let entry = AuditEntry::by(actor, AuditAction::VenueWithdrawn).to(venue.id).at(venue.business);
    let changed = change(app, Subject(venue.id.0), venue.id, entry, move |change| {
        let before = &change.of_venue.venue;
        check(expected_version, before.version, before.withdrawn_at)?;
        let withdrawn_at = Some(change.now);
        let after = Venue { withdrawn_at, version: before.version + 1, ..Venue::clone(before) };
        store::catalogue::update_venue(change.connection, &after)?;
        change.of_venue.venue = Arc::new(after);
        Ok(())
    });
    Ok(changed.await?.venue)
}
