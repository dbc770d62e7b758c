//! Who acts. Proved by the edge, carried through every use case, written into every history row.

use std::fmt;

use uuid::Uuid;

use crate::ids::{BusinessId, GuestId, VenueId};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Actor {
    /// Sees and cancels their own bookings.
    Guest(GuestId),
    /// Runs the venues it owns.
    Business(BusinessId),
    Admin(Uuid),
    /// The server itself: expiry, imports.
    System,
}

impl Actor {
    /// The identity behind the actor: the scope of its idempotency keys.
    pub fn subject(self) -> Uuid {
        match self {
            Self::Guest(id) => id.0,
            Self::Business(id) => id.0,
            Self::Admin(id) => id,
            Self::System => Uuid::nil(),
        }
    }

    /// Whether the actor may see and change what belongs to `owner`'s venue and, of a booking, to `guest`.
    pub fn may_see(self, guest: GuestId, owner: BusinessId) -> bool {
        match self {
            Self::Guest(id) => id == guest,
            Self::Business(id) => id == owner,
            Self::Admin(_) | Self::System => true,
        }
    }

    /// Whether the actor runs venues of `owner`.
    pub fn may_run(self, owner: BusinessId) -> bool {
        match self {
            Self::Guest(_) => false,
            Self::Business(id) => id == owner,
            Self::Admin(_) | Self::System => true,
        }
    }

    pub fn is_guest(self) -> bool {
        matches!(self, Self::Guest(_))
    }
}

impl fmt::Display for Actor {
    /// As `changed_by` and `cancelled_by` show it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Guest(id) => id.fmt(f),
            Self::Business(id) => id.fmt(f),
            Self::Admin(id) => write!(f, "adm_{}", id.as_simple()),
            Self::System => f.write_str("system"),
        }
    }
}

/// A venue named where only its owner matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owned {
    pub venue: VenueId,
    pub owner: BusinessId,
}
