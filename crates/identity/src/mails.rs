//! The mails about accounts: plain words, one link, no picture. Names in them are those the reader gave us.

use domain::identity::Email;
use domain::permission::MemberRole;

use crate::People;
use crate::messages::Message;

fn mail(to: &Email, subject: &str, text: String) -> Option<Message> {
    // What cannot be written to is not: whoever mistyped gets nothing, and nobody learns that.
    let to = to.as_str().parse().ok()?;
    Some(Message::Mail { to, subject: subject.to_owned(), text })
}

fn link(app: &People, page: &str, token: &str) -> String {
    format!("{}/{page}?token={token}", app.settings.public_url)
}

pub(super) fn confirm(app: &People, to: &Email, token: &str) -> Option<Message> {
    let text = format!(
        "Please confirm that this address is yours:\n\n{}\n\nThe link works once, for 24 hours. If you did not ask for \
         this, do nothing: without you nothing happens.\n",
        link(app, "verify-email", token)
    );
    mail(to, "Confirm your address", text)
}

pub(super) fn known_already(to: &Email) -> Option<Message> {
    let text = "Somebody, probably you, wanted to register with this address. You have an account already: sign in, or \
                ask for a new password if you have forgotten yours.\n";
    mail(to, "You have an account already", text.to_owned())
}

pub(super) fn reset(app: &People, to: &Email, token: &str) -> Option<Message> {
    let text = format!(
        "Choose a new password here:\n\n{}\n\nThe link works once, for an hour. If you did not ask for this, do \
         nothing: your password stays as it is.\n",
        link(app, "reset-password", token)
    );
    mail(to, "Choose a new password", text)
}

pub(super) fn password_changed(to: &Email) -> Option<Message> {
    let text = "The password of your account was changed, and your other devices were signed out. If that was not you, \
                ask for a new password now.\n";
    mail(to, "Your password was changed", text.to_owned())
}

pub(super) fn address_changing(to: &Email) -> Option<Message> {
    let text = "Somebody, probably you, is changing the address of your account to another one. If that was not you, \
                change your password now.\n";
    mail(to, "Your address is being changed", text.to_owned())
}

pub(crate) fn invitation(
    app: &People,
    to: &Email,
    business: &str,
    role: MemberRole,
    token: &str,
) -> Option<Message> {
    let role = match role {
        MemberRole::ReadOnly => "to look at its bookings",
        MemberRole::FrontDesk => "to work at its front desk",
        MemberRole::Manager => "to manage it",
        MemberRole::Owner => "to own it",
    };
    let text = format!(
        "You are invited to join {business}, {role}:\n\n{}\n\nThe link works once, for seven days. If you do not know \
         who this is, do nothing.\n",
        link(app, "invitation", token)
    );
    mail(to, "You are invited", text)
}
