//! Erasing a person: what was sealed for them cannot be read any more, and the books stay.

use std::sync::Arc;

use domain::actor::Actor;
use domain::booking::Booking;
use domain::catalogue::Catalogue;
use domain::ids::{BookingId, GuestId};
use domain::permission::Act;
use domain::time::Instant;
use jiff::tz::TimeZone;
use store::vault::people;
use store::{Connection, StoreError, Vault, bookings, privacy};

use super::is_of;
use crate::App;
use crate::lanes::SubmitError;

/// Bookings blanked in one transaction.
const CHUNK_BOOKINGS_MAX: i64 = 500;
/// Bookings told in a refusal.
const TOLD_MAX: usize = 20;

#[derive(Debug, Clone, thiserror::Error)]
pub enum ErasureRefusal {
    #[error("no such person")]
    NotFound,
    #[error("not the caller's to do: it is for {}", .0.allowed())]
    Forbidden(Act),
    /// Some of them; whoever is to come or is there cannot be forgotten yet.
    #[error("there are bookings still to come or in progress")]
    Unfinished(Vec<BookingId>),
    #[error(transparent)]
    Failed(#[from] SubmitError),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Erased {
    pub guest: GuestId,
    pub at: Instant,
    pub bookings: u64,
}

/// Drops the person's key and blanks what identifies them. Done again, it blanks what an interrupted erasure left.
pub async fn erase(app: &App, actor: Actor, guest: GuestId) -> Result<Erased, ErasureRefusal> {
    if !is_of(actor, guest) {
        return Err(ErasureRefusal::NotFound);
    }
    if !actor.may(Act::ErasePerson) {
        return Err(ErasureRefusal::Forbidden(Act::ErasePerson));
    }
    let dropped = match drop(app, guest).await {
        // A booking was made at the same moment: now it is seen.
        Err(SubmitError::Store(error)) if matches!(*error, StoreError::TryAgain(_)) => drop(app, guest).await,
        dropped => dropped,
    };
    let at = dropped?.map_err(ErasureRefusal::Unfinished)?;
    let mut erased = Erased { guest, at, bookings: 0 };
    let mut after = None;
    loop {
        let chunk = app
            .lanes
            .write(0, move |connection, _| privacy::blank(connection, guest, after, CHUNK_BOOKINGS_MAX));
        let blanked = chunk.await?;
        erased.bookings += blanked.bookings;
        after = blanked.last;
        if after.is_none() {
            return Ok(erased);
        }
    }
}

async fn drop(app: &App, guest: GuestId) -> Result<Result<Instant, Vec<BookingId>>, SubmitError> {
    let (vault, catalogue, clock) = (app.vault.clone(), app.catalogue.snapshot(), app.clock.clone());
    let write = move |connection: &mut Connection, now| {
        drop_key(connection, &vault, &catalogue, guest, clock.of_lane(now))
    };
    app.lanes.write(0, write).await
}

/// The erasure itself, unless bookings stand in its way. They are looked at once more when the key is gone: a booking
/// made meanwhile has either waited for this or been waited for.
fn drop_key(
    connection: &mut Connection,
    vault: &Vault,
    catalogue: &Arc<Catalogue>,
    guest: GuestId,
    now: Instant,
) -> Result<Result<Instant, Vec<BookingId>>, StoreError> {
    let ids = privacy::unfinished(connection, guest)?;
    let locked = bookings::lock(connection, vault, &ids)?;
    let mut open = still_open(catalogue, &locked, now);
    if !open.is_empty() {
        open.truncate(TOLD_MAX);
        return Ok(Err(open));
    }
    people::erase(connection, guest.into())?;
    if privacy::unfinished(connection, guest)? != ids {
        return Err(StoreError::TryAgain("the person has just booked again".to_owned()));
    }
    Ok(Ok(now))
}

/// Those that are held or in progress, or confirmed and not over where the venue is.
fn still_open(catalogue: &Catalogue, found: &[Booking], now: Instant) -> Vec<BookingId> {
    let today = |booking: &Booking| match catalogue.venue(booking.venue) {
        Some(venue) => now.date_in(&venue.time_zone),
        None => now.date_in(&TimeZone::UTC),
    };
    let open = found.iter().filter(|booking| booking.is_open(now, today(booking)));
    open.map(|booking| booking.id).collect()
}
