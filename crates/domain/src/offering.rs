//! What a buyer sees and books: a room type, a table for two, an adult ticket, a mug.

use crate::ids::{OfferingId, PoolId, VenueId};
use crate::time::{Instant, MINUTE_MS};
use crate::venue::words;

#[derive(Debug, Clone, PartialEq)]
pub struct Offering {
    pub id: OfferingId,
    pub venue: VenueId,
    /// See [`crate::venue::Venue::code`].
    pub code: Option<String>,
    pub kind: OfferingKind,
    pub name: String,
    /// Price of one unit in minor units of the venue's currency: per night for a stay, for the whole time otherwise.
    pub unit_price_minor: i64,
    pub confirmation: Confirmation,
    /// Fewest and most people of one unit: guests of a room, party at a table.
    pub party_min: i64,
    pub party_max: i64,
    pub seating: Seating,
    /// When an event begins; tickets are sold until then.
    pub starts_at: Option<Instant>,
    /// In order of preference. None at all sells without limit (a transfer, a late breakfast).
    pub recipes: Vec<Recipe>,
    pub active: bool,
}

words! {
    /// The kind of line that books the offering.
    OfferingKind {
        Stay = "stay",
        Table = "table",
        Experience = "experience",
        Ticket = "ticket",
        Product = "product",
        Service = "service",
    }
}

impl OfferingKind {
    /// The kinds of pool ([`crate::pool::Axis::kind`]) that the offering may draw on.
    pub fn pool_kinds(self) -> &'static [&'static str] {
        match self {
            Self::Stay => &["nightly"],
            Self::Table | Self::Experience => &["timed"],
            Self::Ticket => &["quantity", "seated"],
            Self::Product | Self::Service => &["quantity"],
        }
    }
}

/// When a booking of the offering is confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirmation {
    /// At once: pay at the venue.
    Instant,
    /// Held until somebody confirms, at most this long.
    Hold { minutes: i64 },
}

impl Confirmation {
    pub fn hold_ms(self) -> Option<i64> {
        match self {
            Self::Instant => None,
            Self::Hold { minutes } => Some(minutes * MINUTE_MS),
        }
    }
}

/// How long a table or an experience is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seating {
    /// Where the booking names no duration.
    pub duration_minutes: i64,
    /// Cleared and laid again before the next party.
    pub turn_minutes: i64,
}

/// One way to serve the offering: units of one or more pools, all or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipe(pub Vec<Part>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    pub pool: PoolId,
    pub units: i64,
}
