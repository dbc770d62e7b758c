//! The emails about accounts: plain text with at most one link. The only names in them are the reader's own data.

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
        "Open this link to confirm your email address:\n\n{}\n\nThe link works once and expires in 24 hours. If you \
         did not request this, ignore this email.\n",
        link(app, "verify-email", token)
    );
    mail(to, "Confirm your email address", text)
}

pub(super) fn known_already(to: &Email) -> Option<Message> {
    let text = "Someone, probably you, tried to register with this email address. You already have an account. \
                Sign in, or reset your password if you have forgotten it.\n";
    mail(to, "You already have an account", text.to_owned())
}

pub(super) fn reset(app: &People, to: &Email, token: &str) -> Option<Message> {
    let text = format!(
        "Open this link to choose a new password:\n\n{}\n\nThe link works once and expires in one hour. If you did not \
         request this, ignore this email. Your password has not changed.\n",
        link(app, "reset-password", token)
    );
    mail(to, "Reset your password", text)
}

pub(super) fn password_changed(to: &Email) -> Option<Message> {
    let text = "The password of your account was changed and your other devices were signed out. If you did not do \
                this, reset your password now.\n";
    mail(to, "Your password was changed", text.to_owned())
}

pub(super) fn address_changing(to: &Email) -> Option<Message> {
    let text = "Someone, probably you, asked to change the email address of your account. If this was not you, \
                change your password now.\n";
    mail(to, "Email address change requested", text.to_owned())
}

pub(crate) fn invitation(
    app: &People,
    to: &Email,
    business: &str,
    role: MemberRole,
    token: &str,
) -> Option<Message> {
    let role = match role {
        MemberRole::ReadOnly => "read-only access",
        MemberRole::FrontDesk => "front desk",
        MemberRole::Manager => "manager",
        MemberRole::Owner => "owner",
    };
    let text = format!(
        "You have been invited to join {business} (role: {role}). Open this link to accept:\n\n{}\n\nThe link works \
         once and expires in seven days. If you do not know this business, ignore this email.\n",
        link(app, "invitation", token)
    );
    mail(to, "You have been invited to join a business", text)
}
