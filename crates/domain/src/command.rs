//! What a lane is asked to do. A command has been authorised and planned; only what depends on the counts is open.

use crate::actor::Actor;
use crate::booking::{Notes, Person};
use crate::ids::{BookingId, GuestId};
use crate::plan::{Need, Plan};
use crate::status::Status;

#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    Create(NewOrder),
    Update(Box<Update>),
    SetStatus(SetStatus),
    /// Ends a hold that is past its time; does nothing to any other booking.
    Expire(BookingId),
}

/// Bookings decided together: all or nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct NewOrder {
    pub bookings: Vec<NewBooking>,
    /// Whether the bookings carry an order's id.
    pub grouped: bool,
    pub by: Actor,
}

#[derive(Debug, Clone, PartialEq)]
pub struct NewBooking {
    /// Chosen by an import that must name the booking before it is decided; generated otherwise.
    pub id: Option<BookingId>,
    pub plan: Plan,
    /// `None` is a guest the server does not know yet.
    pub guest: Option<GuestId>,
    pub person: Person,
    pub notes: Notes,
    /// In minor units; the booking is refused if it would cost anything else.
    pub expected_total_minor: Option<i64>,
}

/// Replaces what can be changed of a booking.
#[derive(Debug, Clone, PartialEq)]
pub struct Update {
    pub booking: BookingId,
    pub expected_version: i64,
    /// New lines and times; `None` keeps the old ones and their price.
    pub plan: Option<Plan>,
    pub person: Person,
    pub notes: Notes,
    pub by: Actor,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetStatus {
    pub booking: BookingId,
    pub to: Status,
    pub expected_version: Option<i64>,
    pub by: Actor,
    pub reason: Option<String>,
}

impl Command {
    /// The stored booking the command changes.
    pub fn booking(&self) -> Option<BookingId> {
        match self {
            Self::Create(_) => None,
            Self::Update(update) => Some(update.booking),
            Self::SetStatus(change) => Some(change.booking),
            Self::Expire(booking) => Some(*booking),
        }
    }

    /// Whether all the command does to slots is to take units whose place does not matter. Such commands get along
    /// without locks: whoever comes second adds to what the first has taken, and the schema says where it ends. A seat
    /// that is still to be chosen would be chosen by both.
    pub fn only_takes(&self) -> bool {
        let chosen_by_place = |need: &Need| matches!(need, Need::BestSeats { .. });
        matches!(self, Self::Create(_)) && !self.plans().flat_map(Plan::needs).any(chosen_by_place)
    }

    /// The plans whose slots the command may claim.
    pub fn plans(&self) -> impl Iterator<Item = &Plan> {
        let (new, update) = match self {
            Self::Create(order) => (Some(&order.bookings), None),
            Self::Update(update) => (None, update.plan.as_ref()),
            Self::SetStatus(_) | Self::Expire(_) => (None, None),
        };
        new.into_iter().flatten().map(|booking| &booking.plan).chain(update)
    }
}
