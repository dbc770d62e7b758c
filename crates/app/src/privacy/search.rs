//! Finding bookings by an exact email address or phone number.

use std::collections::HashSet;

use domain::actor::Actor;
use domain::authorise::{Resource, authorise};
use domain::booking::{Booking, Person};
use domain::ids::{BookingId, VenueId};
use domain::permission::Permission;
use domain::venue::Venue;
use store::lists::{self, Contact};
use store::vault::{plain_email, plain_phone};
use store::{Connection, StoreError, Vault, bookings};

use crate::App;
use crate::audit::{self, AuditAction, AuditEntry};
use crate::bookings::BookingRefusal;
use crate::lanes::Fault;
use identity::Client;

/// Matches looked at in one step, and steps of one request: other venues' bookings of a guest count too.
const STEP_MATCHES_MAX: i64 = 200;
const STEPS_MAX: usize = 20;

/// The search criterion, as entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sought {
    Email(String),
    Phone(String),
}

impl Sought {
    /// Whether it is this person's, however both are written. Blind indexes of two texts may be equal by chance.
    fn is_of(&self, person: &Person) -> bool {
        match self {
            Self::Email(sought) => {
                person.email.as_deref().is_some_and(|email| plain_email(email) == plain_email(sought))
            }
            Self::Phone(sought) => {
                person.phone.as_deref().is_some_and(|phone| plain_phone(phone) == plain_phone(sought))
            }
        }
    }

    fn blind_index(&self, vault: &Vault) -> Option<Contact> {
        match self {
            Self::Email(email) => vault.email_index(email).map(Contact::Email),
            Self::Phone(phone) => vault.phone_index(phone).map(Contact::Phone),
        }
    }
}

#[derive(Debug, Default)]
pub struct Found {
    /// Newest first.
    pub bookings: Vec<Booking>,
    /// The booking after which the next page begins; `None` if this is the last page.
    pub next: Option<BookingId>,
}

/// Bookings with exactly this address or number: a business finds those at its own venues, an admin all. A page can
/// have fewer than `count_max` although there are more.
pub async fn search(
    app: &App,
    (actor, client): (Actor, &Client),
    sought: Sought,
    before: Option<BookingId>,
    count_max: usize,
) -> Result<Found, BookingRefusal> {
    authorise(actor, Permission::SearchBookings, Resource::SHARED)?;
    let Some(contact) = sought.blind_index(&app.vault) else { return Ok(Found::default()) };
    let by = match contact {
        Contact::Email(_) => "email",
        Contact::Phone(_) => "phone",
    };
    let catalogue = app.catalogue.snapshot();
    let is_own = |venue: &Venue| Resource::of_business("venue", venue.business).is_visible_to(actor);
    let venues: HashSet<VenueId> =
        catalogue.venues().filter(|venue| is_own(venue)).map(|venue| venue.id).collect();
    let vault = app.vault.clone();
    let found = app.readers.ask(move |connection| {
        let mut found = Found { bookings: Vec::new(), next: before };
        for _ in 0..STEPS_MAX {
            let more = step(connection, &vault, contact, &mut found, |booking| {
                venues.contains(&booking.venue) && sought.is_of(&booking.person)
            })?;
            if !more || found.bookings.len() >= count_max {
                break;
            }
        }
        if found.bookings.len() > count_max {
            found.bookings.truncate(count_max);
            found.next = found.bookings.last().map(|booking| booking.id);
        }
        Ok(found)
    });
    let found = found.await.map_err(Fault::from)?;
    let note = AuditEntry::by(actor, AuditAction::BookingsSearched).from(client).with("by", by);
    audit::record(app, note.with("found", found.bookings.len())).await?;
    Ok(found)
}

/// Looks at the next bookings with the blind index; whether there are more.
fn step(
    connection: &mut Connection,
    vault: &Vault,
    contact: Contact,
    found: &mut Found,
    fits: impl Fn(&Booking) -> bool,
) -> Result<bool, StoreError> {
    let matched = lists::by_contact(connection, contact, found.next, STEP_MATCHES_MAX)?;
    let ids: Vec<BookingId> = matched.iter().map(|matched| matched.booking).collect();
    found.bookings.extend(bookings::by_ids(connection, vault, &ids)?.into_iter().filter(fits));
    let more = i64::try_from(ids.len()) == Ok(STEP_MATCHES_MAX);
    found.next = ids.last().copied().filter(|_| more);
    Ok(more)
}
