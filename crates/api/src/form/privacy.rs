//! What a search for a person says.

use app::privacy::Sought;
use domain::ids::BookingId;
use domain::limits::LABEL_CHARS_MAX;

use super::Form;
use super::booking::{email_in, phone_in};
use crate::routes::query::{LIMIT_DEFAULT, LIMIT_MAX};

pub const CURSOR_EXAMPLE: &str = "bkg_0190f5c41b0a7c3e8a41d2f07b6c9e55";

/// A search as it was asked for.
pub struct Search {
    pub sought: Sought,
    pub before: Option<BookingId>,
    pub count_max: i64,
}

pub fn search(form: &mut Form<'_>) -> Option<Search> {
    let sought = if form.mentions("phone") {
        let phone = phone_in(form, "phone");
        form.required("phone", phone).map(Sought::Phone)
    } else {
        let email = email_in(form, "email");
        form.required("email", email).map(Sought::Email)
    };
    let count_max = form.integer_in("limit", 1, LIMIT_MAX).unwrap_or(LIMIT_DEFAULT);
    let cursor = form.text("cursor", 1, LABEL_CHARS_MAX);
    let before = cursor.as_deref().and_then(|text| text.parse().ok());
    if cursor.is_some() && before.is_none() {
        form.wrong("cursor", "is not a cursor of this list");
    }
    Some(Search { sought: sought?, before, count_max })
}
