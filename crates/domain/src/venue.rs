//! A venue: one owner, one time zone, one currency.

use jiff::tz::TimeZone;

use crate::ids::{BusinessId, VenueId};
use crate::money::Currency;
use crate::opening::{Opening, OpeningExceptions, OpeningHours};
use crate::time::Instant;

#[derive(Debug, Clone, PartialEq)]
pub struct Venue {
    pub id: VenueId,
    /// Grows by one with each change of the venue itself.
    pub version: i64,
    pub business: BusinessId,
    /// A short name that the owner chooses, unique over all venues and offerings. Requests can use it instead of the
    /// id.
    pub code: Option<String>,
    pub kind: VenueKind,
    pub name: String,
    pub time_zone: TimeZone,
    pub currency: Currency,
    /// When timed pools can be booked; `None` means always.
    pub opening_hours: Option<OpeningHours>,
    /// Dates on which other hours apply.
    pub opening_exceptions: OpeningExceptions,
    /// Since when it sells nothing more; what was booked stays as it is.
    pub withdrawn_at: Option<Instant>,
}

impl Venue {
    pub fn opening(&self) -> Opening<'_> {
        Opening { hours: self.opening_hours.as_ref(), exceptions: &self.opening_exceptions }
    }

    pub fn time_zone_name(&self) -> &str {
        self.time_zone.iana_name().unwrap_or("UTC")
    }
}

/// What is to be changed of a venue; what is absent stays. `Some(None)` removes a value.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct VenueChange {
    pub code: Option<Option<String>>,
    pub name: Option<String>,
    pub time_zone: Option<TimeZone>,
    pub currency: Option<Currency>,
    pub opening_hours: Option<Option<OpeningHours>>,
    pub opening_exceptions: Option<OpeningExceptions>,
}

impl Venue {
    /// The next version of the venue.
    #[must_use]
    pub fn changed(&self, change: VenueChange) -> Self {
        let now = self.clone();
        Self {
            version: now.version + 1,
            code: change.code.unwrap_or(now.code),
            name: change.name.unwrap_or(now.name),
            time_zone: change.time_zone.unwrap_or(now.time_zone),
            currency: change.currency.unwrap_or(now.currency),
            opening_hours: change.opening_hours.unwrap_or(now.opening_hours),
            opening_exceptions: change.opening_exceptions.unwrap_or(now.opening_exceptions),
            ..now
        }
    }

    /// What differs in `changed` though bookings rest on it: the dates and the money of what was booked.
    pub fn fixed_by_bookings(&self, changed: &Self) -> Option<&'static str> {
        if self.currency != changed.currency {
            return Some("currency");
        }
        (self.time_zone != changed.time_zone).then_some("time_zone")
    }
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $word:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($variant),* }

        impl $name {
            pub const WORDS: &'static [&'static str] = &[$($word),*];

            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}
pub(crate) use words;

words! {
    /// The kind of venue; shown in bookings as `venue_type`.
    VenueKind {
        Hotel = "hotel",
        Restaurant = "restaurant",
        Cafe = "cafe",
        Event = "event",
        Experience = "experience",
        Retail = "retail",
    }
}
