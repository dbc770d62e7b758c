//! One newtype for each kind of id, so that, for example, a guest's id cannot be passed as a venue's.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

/// A string that is not a valid id of the expected kind.
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

            /// Accepts the written form with its prefix, or a bare UUID.
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
    /// A booking: one venue, one currency, one status.
    BookingId = "bkg";
    /// Bookings that were decided together.
    OrderId = "ord";
    /// A hotel, a restaurant, an event, a shop.
    VenueId = "ven";
    /// The owner of venues.
    BusinessId = "biz";
    /// Equal units cut into slots.
    PoolId = "pol";
    /// What a buyer sees: a room type, a table for two, an adult ticket.
    OfferingId = "off";
    /// The guest of a booking. For a person with an account it has the same value as their [`PersonId`].
    GuestId = "gst";
    /// A person: a guest, or the holder of an account.
    PersonId = "psn";
    /// One sign-in on one device.
    SessionId = "ses";
    /// A key with which a business's programs authenticate.
    ApiKeyId = "key";
    /// An invitation to join a business, sent to an email address.
    InvitationId = "inv";
    /// Work to be done after the transaction that requested it.
    JobId = "job";
}

impl PersonId {
    /// The guest id of this person.
    pub fn as_guest(self) -> GuestId {
        GuestId(self.0)
    }
}

impl From<GuestId> for PersonId {
    /// A guest is the person with the same value.
    fn from(guest: GuestId) -> Self {
        Self(guest.0)
    }
}

impl VenueId {
    /// 16 bits that distinguish the ids of one venue, for partitioning by venue.
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
