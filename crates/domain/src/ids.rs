//! One newtype per thing that has an identity, so that a guest can never be passed where a venue is meant.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

/// A text that is not the id it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be an id like {0}_0190f5c41b0a7c3e8a41d2f07b6c9e55, or a UUID")]
pub struct NotAnId(pub &'static str);

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub Uuid);

        impl $name {
            pub const PREFIX: &'static str = $prefix;
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "_{}"), self.0.as_simple())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            /// Takes the written form with its prefix, and a bare UUID as other systems write it.
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                let bare = text.strip_prefix(concat!($prefix, "_")).unwrap_or(text);
                Uuid::try_parse(bare).map(Self).map_err(|_| NotAnId($prefix))
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

ids! {
    /// A booking: one venue, one currency, one state.
    BookingId = "bkg";
    /// Bookings that were decided together.
    OrderId = "ord";
    /// A hotel, a restaurant, an event, a shop.
    VenueId = "ven";
    /// Whoever owns venues.
    BusinessId = "biz";
    /// Equal units cut into slots.
    PoolId = "pol";
    /// What a buyer sees: a room type, a table for two, an adult ticket.
    OfferingId = "off";
    /// Whom a booking is for: of a person with an account, the same number as their [`PersonId`].
    GuestId = "gst";
    /// Whoever personal data is about: a guest, or the holder of an account.
    PersonId = "psn";
    /// One sign-in on one device.
    SessionId = "ses";
    /// A key with which a business's own programs call.
    ApiKeyId = "key";
    /// A place in a business, offered to an address.
    InvitationId = "inv";
    /// Something to be done outside the transaction that asked for it.
    JobId = "job";
}

impl PersonId {
    /// The person as whoever bookings are for.
    pub fn as_guest(self) -> GuestId {
        GuestId(self.0)
    }
}

impl From<GuestId> for PersonId {
    /// A guest is a person under the same number.
    fn from(guest: GuestId) -> Self {
        Self(guest.0)
    }
}

impl VenueId {
    /// Sixteen bits by which ids of one venue can be told apart, for partitioning by venue later.
    pub fn hint(self) -> u16 {
        let bytes = self.0.as_bytes();
        u16::from_be_bytes([bytes[14], bytes[15]])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_what_it_writes_and_takes_a_bare_uuid() {
        let id = BookingId(Uuid::from_u128(0x0190_f5c4_1b0a_7c3e_8a41_d2f0_7b6c_9e55));
        assert_eq!(id.to_string(), "bkg_0190f5c41b0a7c3e8a41d2f07b6c9e55");
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!("0190f5c4-1b0a-7c3e-8a41-d2f07b6c9e55".parse(), Ok(id));
    }

    #[test]
    fn another_things_prefix_is_refused() {
        let text = "ven_0190f5c41b0a7c3e8a41d2f07b6c9e55";
        assert_eq!(text.parse::<BookingId>(), Err(NotAnId("bkg")));
    }
}
