//! What is sent about businesses, their members and their keys.

use app::businesses::api_keys::NewKey;
use domain::identity::Email;
use domain::limits::{EMAIL_CHARS_MAX, NAME_CHARS_MAX, NAME_CHARS_MIN};
use domain::permission::{MemberRole, Scope, Scopes};
use domain::time::Instant;

use super::Form;

pub fn name(form: &mut Form<'_>) -> Option<String> {
    let text = form.text("name", NAME_CHARS_MIN, NAME_CHARS_MAX);
    form.required("name", text)
}

pub fn invitation(form: &mut Form<'_>) -> Option<(Email, MemberRole)> {
    let text = form.text("email", 1, EMAIL_CHARS_MAX);
    let email = form.required("email", text).map(|text| text.parse::<Email>());
    let role = role(form);
    match email? {
        Ok(email) => Some((email, role?)),
        Err(wrong) => {
            form.wrong("email", wrong.to_string());
            None
        }
    }
}

pub fn role(form: &mut Form<'_>) -> Option<MemberRole> {
    let role = form.word("role", MemberRole::WORDS, MemberRole::from_word);
    form.required("role", role)
}

pub fn api_key(form: &mut Form<'_>) -> Option<NewKey> {
    let name = name(form);
    let words = form.strings("scopes", (1, Scope::ALL.len()), 32);
    let words = form.required("scopes", words);
    let scopes =
        words.map(|words| words.iter().map(|word| Scope::from_word(word)).collect::<Option<Scopes>>());
    if scopes == Some(None) {
        form.wrong("scopes", format!("must be some of {}", Scope::WORDS.join(", ")));
    }
    let expires_at = expires_at(form);
    Some(NewKey { name: name?, scopes: scopes??, expires_at })
}

/// A moment; never, where there is none.
fn expires_at(form: &mut Form<'_>) -> Option<Instant> {
    let moment = form.value("expires_at")?.as_str().and_then(|text| text.parse::<jiff::Timestamp>().ok());
    if moment.is_none() {
        form.wrong("expires_at", "must be a moment like 2026-12-31T00:00:00Z");
    }
    moment.map(Instant::from)
}
