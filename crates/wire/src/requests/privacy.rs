//! Searching for the bookings of a person.

use app::privacy::Sought;
use domain::ids::BookingId;
use serde_json::json;

use super::lists::{CursorOf, LIMIT_DEFAULT, limit};
use super::shared::{EMAIL_EXAMPLE, contact_email, contact_phone};
use crate::declare::request;
use crate::kind::{maybe, or};
use crate::reader::Reader;
use crate::request::{Examples, Request};
use crate::schema::{Described, Schemas, any_of};

request! {
    /// A search by email address. It is sent in the body, because URLs are often logged.
    pub struct EmailSearch {
        ..page: SearchPage,
        /// An email address.
        email: String = contact_email(),
    }
}

request! {
    /// A search by phone number. It is sent in the body, because URLs are often logged.
    pub struct PhoneSearch {
        ..page: SearchPage,
        /// A number of 7 to 15 digits.
        phone: String = contact_phone(),
    }
}

request! {
    /// A page of the result.
    pub struct SearchPage {
        /// The maximum number of bookings on the page.
        limit: i64 = or(limit(), LIMIT_DEFAULT),
        /// The `next_cursor` of the previous page.
        cursor: Option<BookingId> =
            maybe(CursorOf { read: |text| text.parse().ok(), example: "bkg_0190f5c41b0a7c3e8a41d2f07b6c9e55" }),
    }
}

/// A search by one of the two.
pub struct BookingSearch {
    pub sought: Sought,
    pub page: SearchPage,
}

impl Request for BookingSearch {
    const NAME: &'static str = "BookingSearch";

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        if reader.mentions("phone") {
            let PhoneSearch { page, phone } = PhoneSearch::read(reader)?;
            return Some(Self { sought: Sought::Phone(phone), page });
        }
        let EmailSearch { page, email } = EmailSearch::read(reader)?;
        Some(Self { sought: Sought::Email(email), page })
    }

    fn schema(schemas: &mut Schemas) -> Described {
        schemas.named(Self::NAME, |schemas| {
            any_of(
                "A search for a person's bookings.",
                [EmailSearch::schema(schemas), PhoneSearch::schema(schemas)],
            )
        })
    }

    fn examples() -> Examples {
        vec![
            ("By email address", json!({"email": EMAIL_EXAMPLE, "limit": 20})),
            ("By phone number", json!({"phone": "+49 30 1234567"})),
        ]
    }
}
