//! The commands of a lane. A command is authorised and planned; the lane decides only what depends on the counts.

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
    /// Expires a hold whose time is over. Has no effect on any other booking.
    Expire(BookingId),
}

/// Bookings that are decided together, all or nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct NewOrder {
    pub bookings: Vec<NewBooking>,
    /// Whether the bookings belong to an order.
    pub grouped: bool,
    pub by: Actor,
}

#[derive(Debug, Clone, PartialEq)]
pub struct NewBooking {
    /// Set by an import, which needs to know the id before the booking is decided; otherwise generated.
    pub id: Option<BookingId>,
    pub plan: Plan,
    /// `None` for a guest who has no record yet.
    pub guest: Option<GuestId>,
    pub person: Person,
    pub notes: Notes,
    /// In minor units. The booking is refused if its price differs.
    pub expected_total_minor: Option<i64>,
}

/// Replaces the changeable parts of a booking.
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

    /// Whether the command only takes units that are interchangeable. Such a command needs no locks: a second one
    /// adds to what the first has taken, and the check constraint enforces the capacity. Seats that are still to be
    /// chosen are not interchangeable, because two commands could choose the same seat.
    pub fn only_takes(&self) -> bool {
        let chosen_by_place = |need: &Need| matches!(need, Need::BestSeats { .. });
        matches!(self, Self::Create(_)) && !self.plans().flat_map(Plan::needs).any(chosen_by_place)
    }

    /// The plans whose slots the command can claim.
    pub fn plans(&self) -> impl Iterator<Item = &Plan> {
        let (new, update) = match self {
            Self::Create(order) => (Some(&order.bookings), None),
            Self::Update(update) => (None, update.plan.as_ref()),
            Self::SetStatus(_) | Self::Expire(_) => (None, None),
        };
        new.into_iter().flatten().map(|booking| &booking.plan).chain(update)
    }
}
