//! What is known of a person, and what became of it.

use app::privacy::{Erased, Export};
use domain::actor::Actor;
use domain::catalogue::Catalogue;
use domain::ids::GuestId;
use domain::reference::ReferenceKey;
use domain::time::Instant;
use serde::Serialize;
use utoipa::ToSchema;

use super::booking::{BookingView, Eye, HistoryView};

/// Everything that is known of a person.
#[derive(Serialize, ToSchema)]
#[schema(as = Export)]
pub struct ExportView<'a> {
    #[schema(value_type = String)]
    guest_id: GuestId,
    #[schema(value_type = String, format = DateTime)]
    exported_at: Instant,
    /// Newest first; what venues noted is among it.
    bookings: Vec<ExportedBooking<'a>>,
}

#[derive(Serialize, ToSchema)]
pub struct ExportedBooking<'a> {
    booking: BookingView<'a>,
    history: Vec<HistoryView>,
}

impl<'a> ExportView<'a> {
    pub fn new(export: &'a Export, catalogue: &'a Catalogue, reference_key: ReferenceKey) -> Self {
        // Whom it is about is to see all of it, the venue's notes too.
        let eye = Eye { actor: Actor::System, catalogue, reference_key, now: export.at };
        let exported = |(booking, history): &'a (domain::booking::Booking, Vec<_>)| ExportedBooking {
            booking: BookingView::new(booking, eye),
            history: history.iter().cloned().map(HistoryView::from).collect(),
        };
        Self {
            guest_id: export.guest,
            exported_at: export.at,
            bookings: export.bookings.iter().map(exported).collect(),
        }
    }
}

/// A person who is erased.
#[derive(Serialize, ToSchema)]
#[schema(as = Erased)]
pub struct ErasedView {
    #[schema(value_type = String)]
    guest_id: GuestId,
    #[schema(value_type = String, format = DateTime)]
    erased_at: Instant,
    /// Bookings of the person, which stay without them.
    bookings: u64,
}

impl From<Erased> for ErasedView {
    fn from(erased: Erased) -> Self {
        Self { guest_id: erased.guest, erased_at: erased.at, bookings: erased.bookings }
    }
}
