//! The use cases of a booking, one file per act.

mod cancel;
mod create;
mod read;
mod submit;
mod update;

pub use cancel::{StatusChange, set_status};
pub use create::{Draft, OrderDraft, Preview, create, preview};
pub use read::{ListAsked, by_id, by_reference, history, of_guest, of_order, of_venue};
pub use store::bookings::StoredHistory;
pub use store::lists::{Cursor, Filter, Page};
pub use submit::resume;
pub use update::{NotesPatch, Patch, PersonPatch, update};

use domain::authorise::Denied;
use domain::field::FieldError;
use domain::refusal::Refusal;

use crate::lanes::Fault;

/// Why a use case of bookings was refused.
#[derive(Debug, Clone, thiserror::Error)]
pub enum BookingRefusal {
    #[error("invalid request")]
    Invalid(Vec<FieldError>),
    /// The only error is that the event does not exist, which is answered with 404.
    #[error("event not found")]
    NoSuchEvent(Vec<FieldError>),
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error(transparent)]
    Refused(Refusal),
    #[error(transparent)]
    Failed(#[from] Fault),
}
