//! What a view of a booking needs besides the booking.

use domain::actor::Actor;
use domain::catalogue::Catalogue;
use domain::reference::ReferenceKey;
use domain::time::Instant;

/// The viewer, and the data needed for the view.
#[derive(Clone, Copy)]
pub struct ViewContext<'a> {
    pub actor: Actor,
    pub catalogue: &'a Catalogue,
    pub reference_key: ReferenceKey,
    pub now: Instant,
}
