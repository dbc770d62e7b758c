//! A venue: one owner, one time zone, one currency.

use jiff::tz::TimeZone;

use crate::ids::{BusinessId, VenueId};
use crate::money::Currency;
use crate::opening::OpeningHours;

#[derive(Debug, Clone, PartialEq)]
pub struct Venue {
    pub id: VenueId,
    pub business: BusinessId,
    /// A short name of the owner's choosing, unique over all venues and offerings, usable wherever the id is.
    pub code: Option<String>,
    pub kind: VenueKind,
    pub name: String,
    pub time_zone: TimeZone,
    pub currency: Currency,
    /// When timed pools can be booked; `None` is always.
    pub opening_hours: Option<OpeningHours>,
}

impl Venue {
    pub fn time_zone_name(&self) -> &str {
        self.time_zone.iana_name().unwrap_or("UTC")
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
    /// What sort of place it is; bookings show it as `venue_type`.
    VenueKind {
        Hotel = "hotel",
        Restaurant = "restaurant",
        Cafe = "cafe",
        Event = "event",
        Experience = "experience",
        Retail = "retail",
    }
}
