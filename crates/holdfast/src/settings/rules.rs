//! Rules between settings, and what production refuses.

use super::BUILT_IN_SECRET;
use super::sources::{Sources, Wrong};
use super::table::Settings;
use super::values::{DatabaseTls, Environment};

/// Errors in any environment, for any command.
pub fn together(settings: &Settings, sources: &Sources) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    let mut must = |holds: bool, key: &str, says: &str| {
        if !holds {
            wrong.push(Wrong(format!("{} {says}", sources.name(key))));
        }
    };
    let pairs = [
        ("tls.certificate", settings.tls_certificate.is_some(), "tls.key", settings.tls_key.is_some()),
        (
            "twilio.account_sid",
            settings.twilio_account_sid.is_some(),
            "twilio.auth_token",
            settings.twilio_auth_token.is_some(),
        ),
        ("mail.smtp_url", settings.smtp_url.is_some(), "mail.from", settings.mail_from.is_some()),
    ];
    for (one, has_one, other, has_other) in pairs {
        must(has_one || !has_other, one, &format!("is not set, but {other} is; set both"));
        must(has_other || !has_one, other, &format!("is not set, but {one} is; set both"));
    }
    let outside = [
        ("external_issuer.issuer", settings.external_issuer_name.is_some()),
        ("external_issuer.audience", settings.external_issuer_audience.is_some()),
        ("external_issuer.jwks_url", settings.external_issuer_jwks_url.is_some()),
    ];
    let some_outside = outside.iter().any(|(_, is_set)| *is_set);
    for (key, is_set) in outside {
        must(
            is_set || !some_outside,
            key,
            "is not set, but other external_issuer settings are; set all three",
        );
    }
    must(
        settings.external_issuer_name.as_ref() != Some(&settings.jwt_issuer),
        "external_issuer.issuer",
        "must differ from tokens.issuer",
    );
    if let Some(Err(error)) = settings.tls().map(api::tls::Tls::load) {
        must(false, "tls.certificate", &format!("is invalid: {error}"));
    }
    let senders = [settings.twilio_from_number.is_some(), settings.twilio_messaging_service_sid.is_some()];
    let senders = senders.into_iter().filter(|is_set| *is_set).count();
    must(
        settings.twilio_account_sid.is_none() || senders == 1,
        "twilio.from_number",
        "or twilio.messaging_service_sid must be set, but not both",
    );
    must(
        settings.twilio_account_sid.is_some() || senders == 0,
        "twilio.account_sid",
        "is not set, but the sender of SMS is; set both",
    );
    let verified = settings.database_tls == Some(DatabaseTls::VerifyFull);
    must(
        settings.database_root_certificate.is_none() || verified,
        "database.root_certificate",
        "requires database.tls = verify-full",
    );
    wrong
}

/// Settings with which a production server does not start.
pub fn production(settings: &Settings, sources: &Sources) -> Vec<Wrong> {
    if settings.environment != Environment::Production {
        return Vec::new();
    }
    let mut wrong = Vec::new();
    let mut must = |holds: bool, key: &str, says: &str| {
        if !holds {
            wrong.push(Wrong(format!("{} {says}", sources.name(key))));
        }
    };
    must(
        settings.secret_key.is_some(),
        "secrets.key",
        "is not set: production requires a secret; generate one with `openssl rand -base64 48`",
    );
    let known = |secret: &super::Secret| secret.expose() == BUILT_IN_SECRET;
    must(
        !settings.secret_key.as_ref().is_some_and(known),
        "secrets.key",
        "is the built-in secret, which is public",
    );
    must(
        settings.public_url.is_some(),
        "public_url",
        "is not set: production requires the URL that people use, for links in messages and as the accepted host",
    );
    must(
        settings.twilio_account_sid.is_some(),
        "twilio.account_sid",
        "is not set: production requires SMS to be sent",
    );
    must(settings.smtp_url.is_some(), "mail.smtp_url", "is not set: production requires mail to be sent");
    wrong
}
