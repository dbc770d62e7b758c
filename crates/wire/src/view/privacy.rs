//! A person's data, and the result of an erasure.

use app::businesses::Business;
use app::identity::known::{Known, KnownSession};
use app::privacy::{Erased, Export};
use domain::actor::Actor;
use domain::catalogue::Catalogue;
use domain::identity::{Email, Mobile};
use domain::ids::{BusinessId, GuestId, SessionId};
use domain::permission::MemberRole;
use domain::reference::ReferenceKey;
use domain::time::Instant;

use super::booking::{BookingView, HistoryView, ViewContext};

use crate::shape::view;

view! {
    /// All data about a person.
    pub struct ExportView<'a> as "Export" {
        guest_id: GuestId,
        exported_at: Instant,
        /// The person's account. Null if they have none.
        account: Option<ExportedAccount<'a>>,
        /// Newest first, with the venues' notes.
        bookings: Vec<ExportedBooking<'a>>,
    }

    pub struct ExportedBooking<'a> as "ExportedBooking" {
        booking: BookingView<'a>,
        history: Vec<HistoryView>,
    }
}

impl<'a> ExportView<'a> {
    pub fn new(export: &'a Export, catalogue: &'a Catalogue, reference_key: ReferenceKey) -> Self {
        // People see all of their data, including the venue's notes.
        let context = ViewContext { actor: Actor::System, catalogue, reference_key, now: export.at };
        let exported = |(booking, history): &'a (domain::booking::Booking, Vec<_>)| ExportedBooking {
            booking: BookingView::new(booking, context),
            history: history.iter().cloned().map(HistoryView::from).collect(),
        };
        Self {
            guest_id: export.guest,
            exported_at: export.at,
            account: export.account.as_ref().map(ExportedAccount::from),
            bookings: export.bookings.iter().map(exported).collect(),
        }
    }
}

view! {
    pub struct ExportedAccount<'a> as "ExportedAccount" {
        name: Option<&'a str>,
        email: Option<&'a str>,
        mobile: Option<&'a str>,
        email_verified_at: Option<Instant>,
        mobile_verified_at: Option<Instant>,
        has_password: bool,
        is_admin: bool,
        created_at: Instant,
        deactivated_at: Option<Instant>,
        businesses: Vec<ExportedMembership<'a>>,
        /// The current sessions.
        sessions: Vec<ExportedSession<'a>>,
    }

    pub struct ExportedMembership<'a> as "ExportedMembership" {
        business_id: BusinessId,
        name: &'a str,
        role: &'static str,
    }

    pub struct ExportedSession<'a> as "ExportedSession" {
        session_id: SessionId,
        /// The address that last used it.
        address: Option<String>,
        user_agent: Option<&'a str>,
        created_at: Instant,
        last_seen_at: Instant,
    }
}

impl<'a> From<&'a Known> for ExportedAccount<'a> {
    fn from(known: &'a Known) -> Self {
        let Known { account, contact, businesses, sessions } = known;
        let membership = |(business, role): &'a (Business, MemberRole)| ExportedMembership {
            business_id: business.id,
            name: &business.name,
            role: role.as_str(),
        };
        let session = |session: &'a KnownSession| ExportedSession {
            session_id: session.id,
            address: session.address.map(|address| address.to_string()),
            user_agent: session.user_agent.as_deref(),
            created_at: session.created_at,
            last_seen_at: session.last_seen_at,
        };
        Self {
            name: contact.name.as_deref(),
            email: contact.email.as_ref().map(Email::as_str),
            mobile: contact.mobile.as_ref().map(Mobile::as_str),
            email_verified_at: account.email_verified_at,
            mobile_verified_at: account.mobile_verified_at,
            has_password: account.password_hash.is_some(),
            is_admin: account.is_admin,
            created_at: account.created_at,
            deactivated_at: account.deactivated_at,
            businesses: businesses.iter().map(membership).collect(),
            sessions: sessions.iter().map(session).collect(),
        }
    }
}

view! {
    /// The result of an erasure.
    pub struct ErasedView as "Erased" {
        guest_id: GuestId,
        erased_at: Instant,
        /// The number of the person's bookings. They stay, without personal data.
        bookings: u64,
    }
}

impl From<Erased> for ErasedView {
    fn from(erased: Erased) -> Self {
        Self { guest_id: erased.guest, erased_at: erased.at, bookings: erased.bookings }
    }
}
