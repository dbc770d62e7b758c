//! Erasing a person: their sealed data becomes unreadable, and accounting data is kept.

use domain::actor::Actor;
use domain::authorise::{Denied, Resource, authorise};
use domain::booking::Booking;
use domain::catalogue::Catalogue;
use domain::ids::{BookingId, GuestId};
use domain::permission::Permission;
use domain::time::Instant;
use engine::Subject;
use jiff::tz::TimeZone;
use store::vault::people;
use store::{StoreError, bookings, privacy};

use crate::App;
use crate::audit::AuditAction;
use crate::audit::AuditEntry;
use crate::lanes::Fault;
use identity::Client;
use identity::known::{self, Forgotten};
use identity::sessions::{self, Ended};

/// Bookings cleared per transaction.
const CHUNK_BOOKINGS_MAX: i64 = 500;
/// Maximum number of bookings listed in a refusal.
const TOLD_MAX: usize = 20;

#[derive(Debug, Clone, thiserror::Error)]
pub enum ErasureRefusal {
    #[error(transparent)]
    Denied(#[from] Denied),
    /// Some of the open bookings, which must end first.
    #[error("the person has bookings that are still to come or in progress")]
    Unfinished(Vec<BookingId>),
    #[error("a business must have at least one owner")]
    LastOwner,
    #[error(transparent)]
    Failed(#[from] Fault),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Erased {
    pub guest: GuestId,
    pub at: Instant,
    pub bookings: u64,
}

/// Deletes the person's key and clears other identifying data. Repeating it completes an interrupted erasure.
pub async fn erase(
    app: &App,
    (actor, client): (Actor, &Client),
    guest: GuestId,
) -> Result<Erased, ErasureRefusal> {
    authorise(actor, Permission::ErasePerson, Resource::of_guest("person", guest))?;
    let note = AuditEntry::by(actor, AuditAction::PersonErased).from(client).to(guest);
    // When people erase themselves, nothing about them is recorded.
    let note = if actor.person() == Some(guest.into()) { note.of_nobody() } else { note };
    let at = match drop_key(app, guest, note).await? {
        Dropped::Done(at, ended) => {
            if let Some(ended) = &ended {
                sessions::announce_all(app, ended).await;
            }
            at
        }
        Dropped::Unfinished(bookings) => return Err(ErasureRefusal::Unfinished(bookings)),
        Dropped::LastOwner => return Err(ErasureRefusal::LastOwner),
    };
    let mut erased = Erased { guest, at, bookings: 0 };
    let mut after = None;
    loop {
        let chunk = app.engine.save(Subject(guest.0), move |unit| {
            privacy::blank(unit.connection, guest, after, CHUNK_BOOKINGS_MAX)
        });
        let blanked = chunk.await?;
        erased.bookings += blanked.bookings;
        after = blanked.last;
        if after.is_none() {
            return Ok(erased);
        }
    }
}

enum Dropped {
    Done(Instant, Option<Ended>),
    Unfinished(Vec<BookingId>),
    LastOwner,
}

/// The erasure itself, unless it is refused. Open bookings are checked again after the key is deleted: a booking
/// created in the meantime has either waited for this transaction or made it wait, and then everything is retried.
async fn drop_key(app: &App, guest: GuestId, entry: AuditEntry) -> Result<Dropped, Fault> {
    let (vault, catalogue) = (app.vault.clone(), app.catalogue.snapshot());
    let access_ms = app.tokens.settings.access_ms;
    let dropped = app.engine.save(Subject(guest.0), move |unit| {
        let (connection, now) = unit.parts();
        let ids = privacy::unfinished(connection, guest)?;
        let locked = bookings::lock(connection, &vault, &ids)?;
        let open = still_open(&catalogue, &locked, now);
        if !open.is_empty() {
            return Ok(Dropped::Unfinished(open));
        }
        let ended = match known::forget(connection, guest.into(), access_ms, now)? {
            Forgotten::LastOwner => return Ok(Dropped::LastOwner),
            Forgotten::Nobody => None,
            Forgotten::Ended(ended) => Some(ended),
        };
        people::erase(connection, guest.into())?;
        if privacy::unfinished(connection, guest)? != ids {
            return Err(StoreError::TryAgain("the person has just made another booking".to_owned()));
        }
        unit.audit(entry.clone());
        Ok(Dropped::Done(now, ended))
    });
    dropped.await
}

/// Bookings that are held or in progress, or confirmed and not over in the venue's time zone.
fn still_open(catalogue: &Catalogue, found: &[Booking], now: Instant) -> Vec<BookingId> {
    let today = |booking: &Booking| match catalogue.venue(booking.venue) {
        Some(venue) => now.date_in(&venue.time_zone),
        None => now.date_in(&TimeZone::UTC),
    };
    let open = found.iter().filter(|booking| booking.is_open(now, today(booking)));
    open.map(|booking| booking.id).take(TOLD_MAX).collect()
}
