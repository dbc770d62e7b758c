//! Reading bookings. Bookings that a caller may not see look nonexistent.

use domain::actor::Actor;
use domain::authorise::{Denied, Resource, authorise};
use domain::booking::Booking;
use domain::ids::{BookingId, GuestId, OrderId, VenueId};
use domain::permission::Permission;
use store::bookings::StoredHistory;
use store::lists::{Cursor, Filter, Page};
use store::{bookings, lists};

use super::BookingRefusal;
use crate::App;
use crate::lanes::Fault;

pub async fn by_id(app: &App, actor: Actor, id: BookingId) -> Result<Booking, BookingRefusal> {
    let found = visible(app, actor, id).await?;
    authorise(actor, Permission::ReadBookings, resource(app, &found))?;
    Ok(found)
}

/// The booking, if it exists for the actor. The caller authorises what is done with it.
pub(super) async fn visible(app: &App, actor: Actor, id: BookingId) -> Result<Booking, BookingRefusal> {
    let vault = app.vault.clone();
    let found = app
        .readers
        .ask(move |connection| bookings::by_id(connection, &vault, id))
        .await
        .map_err(Fault::from)?;
    let found = found.filter(|booking| resource(app, booking).is_visible_to(actor));
    Ok(found.ok_or(Denied::NotFound("booking"))?)
}

/// `reference` can be any text; an invalid reference is not found.
pub async fn by_reference(app: &App, actor: Actor, reference: &str) -> Result<Booking, BookingRefusal> {
    let number = app.reference_key.read(reference).ok_or(Denied::NotFound("booking"))?;
    let vault = app.vault.clone();
    let found = app.readers.ask(move |connection| match bookings::id_by_reference(connection, number)? {
        Some(id) => bookings::by_id(connection, &vault, id),
        None => Ok(None),
    });
    let found = found.await.map_err(Fault::from)?.ok_or(Denied::NotFound("booking"))?;
    authorise(actor, Permission::ReadBookings, resource(app, &found))?;
    Ok(found)
}

pub async fn of_order(app: &App, actor: Actor, order: OrderId) -> Result<Vec<Booking>, BookingRefusal> {
    let vault = app.vault.clone();
    let found = app.readers.ask(move |connection| {
        let ids = bookings::ids_of_order(connection, order)?;
        bookings::by_ids(connection, &vault, &ids)
    });
    let mut found = found.await.map_err(Fault::from)?;
    found.retain(|booking| resource(app, booking).is_visible_to(actor));
    let first = found.first().ok_or(Denied::NotFound("booking"))?;
    authorise(actor, Permission::ReadBookings, resource(app, first))?;
    Ok(found)
}

pub async fn history(app: &App, actor: Actor, id: BookingId) -> Result<Vec<StoredHistory>, BookingRefusal> {
    by_id(app, actor, id).await?;
    Ok(app.readers.ask(move |connection| bookings::history(connection, id)).await.map_err(Fault::from)?)
}

/// The parameters of a list.
#[derive(Debug, Clone, Default)]
pub struct ListAsked {
    pub filter: Filter,
    pub after: Option<Cursor>,
    pub count_max: i64,
}

/// A guest's bookings, newest first. A business sees those at its own venues, so its pages can have fewer than
/// requested.
pub async fn of_guest(
    app: &App,
    actor: Actor,
    guest: GuestId,
    asked: ListAsked,
) -> Result<Page, BookingRefusal> {
    authorise(actor, Permission::ReadBookings, Resource::bookings_of(guest))?;
    let now = app.clock.now();
    let vault = app.vault.clone();
    let page = app.readers.ask(move |connection| {
        lists::of_guest((connection, &vault), guest, &asked.filter, asked.after, (asked.count_max, now))
    });
    let mut page = page.await.map_err(Fault::from)?;
    page.bookings.retain(|booking| resource(app, booking).is_visible_to(actor));
    Ok(page)
}

/// A venue's bookings by date, for its business.
pub async fn of_venue(
    app: &App,
    actor: Actor,
    venue: VenueId,
    asked: ListAsked,
) -> Result<Page, BookingRefusal> {
    let business = app.catalogue.snapshot().venue(venue).map(|venue| venue.business);
    let business = business.ok_or(Denied::NotFound("booking"))?;
    authorise(actor, Permission::ListVenueBookings, Resource::of_business("booking", business))?;
    let now = app.clock.now();
    let vault = app.vault.clone();
    let page = app.readers.ask(move |connection| {
        lists::of_venue((connection, &vault), venue, &asked.filter, asked.after, (asked.count_max, now))
    });
    Ok(page.await.map_err(Fault::from)?)
}

/// Whose a booking is. At a venue that another process has just added, its guest sees it at once, and its business
/// after the next refresh of the catalogue.
pub(super) fn resource(app: &App, booking: &Booking) -> Resource {
    let business = app.catalogue.snapshot().venue(booking.venue).map(|venue| venue.business);
    Resource::booking(booking.guest, business)
}
