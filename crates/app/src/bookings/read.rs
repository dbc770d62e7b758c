//! Reading bookings. What a caller may not see is not there.

use domain::actor::Actor;
use domain::booking::Booking;
use domain::ids::{BookingId, GuestId, OrderId, VenueId};
use domain::permission::Permission;
use store::bookings::StoredHistory;
use store::lists::{Cursor, Filter, Page};
use store::{bookings, lists};

use super::{BookingRefusal, permit};
use crate::App;
use crate::catalogue::owned_venue;
use crate::lanes::SubmitError;

pub async fn by_id(app: &App, actor: Actor, id: BookingId) -> Result<Booking, BookingRefusal> {
    let found = theirs(app, actor, id).await?;
    permit(actor, Permission::ReadBookings).map(|()| found)
}

/// The booking, for whoever is party to it. What they may do with it is asked by whoever does it.
pub(super) async fn theirs(app: &App, actor: Actor, id: BookingId) -> Result<Booking, BookingRefusal> {
    let vault = app.vault.clone();
    let found = app
        .readers
        .ask(move |connection| bookings::by_id(connection, &vault, id))
        .await
        .map_err(SubmitError::from)?;
    found.filter(|booking| is_party(app, actor, booking)).ok_or(BookingRefusal::NotFound)
}

/// `reference` may be anything; what cannot be a reference is not found.
pub async fn by_reference(app: &App, actor: Actor, reference: &str) -> Result<Booking, BookingRefusal> {
    let number = app.reference_key.read(reference).ok_or(BookingRefusal::NotFound)?;
    let vault = app.vault.clone();
    let found = app.readers.ask(move |connection| match bookings::id_by_reference(connection, number)? {
        Some(id) => bookings::by_id(connection, &vault, id),
        None => Ok(None),
    });
    let found = found.await.map_err(SubmitError::from)?;
    let found = found.filter(|booking| is_party(app, actor, booking)).ok_or(BookingRefusal::NotFound)?;
    permit(actor, Permission::ReadBookings).map(|()| found)
}

pub async fn of_order(app: &App, actor: Actor, order: OrderId) -> Result<Vec<Booking>, BookingRefusal> {
    let vault = app.vault.clone();
    let found = app.readers.ask(move |connection| {
        let ids = bookings::ids_of_order(connection, order)?;
        bookings::by_ids(connection, &vault, &ids)
    });
    let mut found = found.await.map_err(SubmitError::from)?;
    found.retain(|booking| is_party(app, actor, booking));
    if found.is_empty() {
        return Err(BookingRefusal::NotFound);
    }
    permit(actor, Permission::ReadBookings).map(|()| found)
}

pub async fn history(app: &App, actor: Actor, id: BookingId) -> Result<Vec<StoredHistory>, BookingRefusal> {
    by_id(app, actor, id).await?;
    Ok(app
        .readers
        .ask(move |connection| bookings::history(connection, id))
        .await
        .map_err(SubmitError::from)?)
}

/// What a list is asked for.
#[derive(Debug, Clone, Default)]
pub struct ListAsked {
    pub filter: Filter,
    pub after: Option<Cursor>,
    pub count_max: i64,
}

/// A guest's bookings, newest first. A business sees those at its own venues; its pages may hold fewer than asked.
pub async fn of_guest(
    app: &App,
    actor: Actor,
    guest: GuestId,
    asked: ListAsked,
) -> Result<Page, BookingRefusal> {
    if matches!(actor, Actor::Guest(id) if id != guest) {
        return Err(BookingRefusal::NotFound);
    }
    permit(actor, Permission::ReadBookings)?;
    let now = app.clock.now();
    let vault = app.vault.clone();
    let page = app.readers.ask(move |connection| {
        lists::of_guest((connection, &vault), guest, &asked.filter, asked.after, (asked.count_max, now))
    });
    let mut page = page.await.map_err(SubmitError::from)?;
    page.bookings.retain(|booking| is_party(app, actor, booking));
    Ok(page)
}

/// A venue's bookings in the order of their days, for whoever runs it.
pub async fn of_venue(
    app: &App,
    actor: Actor,
    venue: VenueId,
    asked: ListAsked,
) -> Result<Page, BookingRefusal> {
    owned_venue(&app.catalogue.snapshot(), actor, venue).ok_or(BookingRefusal::NotFound)?;
    permit(actor, Permission::ListVenueBookings)?;
    let now = app.clock.now();
    let vault = app.vault.clone();
    let page = app.readers.ask(move |connection| {
        lists::of_venue((connection, &vault), venue, &asked.filter, asked.after, (asked.count_max, now))
    });
    Ok(page.await.map_err(SubmitError::from)?)
}

fn is_party(app: &App, actor: Actor, booking: &Booking) -> bool {
    let catalogue = app.catalogue.snapshot();
    match catalogue.venue(booking.venue) {
        Some(venue) => actor.is_party(booking.guest, venue.business),
        // A venue another process has just added: its guests see their bookings, its owner will in a moment.
        None => matches!(actor, Actor::Guest(id) if id == booking.guest) || matches!(actor, Actor::Admin(_)),
    }
}
