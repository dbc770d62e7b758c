//! All data about a person, for themselves or for an admin.

use domain::actor::Actor;
use domain::authorise::{Resource, authorise};
use domain::booking::Booking;
use domain::ids::GuestId;
use domain::permission::Permission;
use domain::time::Instant;
use store::bookings::StoredHistory;
use store::lists::{Cursor, Filter};
use store::{bookings, lists};

use crate::App;
use crate::audit::{self, AuditAction, AuditEntry};
use crate::bookings::BookingRefusal;
use crate::lanes::Fault;
use identity::Client;
use identity::known::{self, Known};

/// Bookings read per query.
const PAGE_BOOKINGS_MAX: i64 = 100;

pub struct Export {
    pub guest: GuestId,
    pub at: Instant,
    /// If the person has an account.
    pub account: Option<Known>,
    /// Newest first, each with its history.
    pub bookings: Vec<(Booking, Vec<StoredHistory>)>,
}

pub async fn export(
    app: &App,
    (actor, client): (Actor, &Client),
    guest: GuestId,
) -> Result<Export, BookingRefusal> {
    authorise(actor, Permission::ExportPerson, Resource::of_guest("person", guest))?;
    let at = app.clock.now();
    let vault = app.vault.clone();
    let account = app.readers.ask(move |connection| known::of(connection, &vault, guest.into(), at));
    let account = account.await.map_err(Fault::from)?;
    let mut export = Export { guest, at, account, bookings: Vec::new() };
    let mut after: Option<Cursor> = None;
    loop {
        let vault = app.vault.clone();
        let page = app.readers.ask(move |connection| {
            let all = Filter::default();
            let limits = (PAGE_BOOKINGS_MAX, at);
            let page = lists::of_guest((&mut *connection, &vault), guest, &all, after, limits)?;
            let told = page.bookings.into_iter().map(|booking| {
                let history = bookings::history(connection, booking.id)?;
                Ok((booking, history))
            });
            Ok((told.collect::<store::error::Result<Vec<_>>>()?, page.next))
        });
        let (told, next) = page.await.map_err(Fault::from)?;
        export.bookings.extend(told);
        after = next;
        if after.is_none() {
            break;
        }
    }
    audit::record(app, AuditEntry::by(actor, AuditAction::PersonExported).from(client).to(guest)).await?;
    Ok(export)
}
