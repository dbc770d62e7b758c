//! Signing in with an email address and a password.

use std::time::Duration;

use domain::identity::Email;
use domain::ids::{BusinessId, PersonId};
use engine::Subject;
use store::people;

use super::contact;
use super::device::Device;
use super::limits::{charge, key, key_of};
use super::passwords::Check;
use super::sessions::{self, SignedIn};
use super::{Client, IdentityRefusal};
use crate::People;
use crate::audit::{self, AuditAction, AuditEntry};
use engine::Fault;

/// Duration of a refusal, in milliseconds: longer than any hash, so that timing reveals nothing.
const REFUSAL_MS: u64 = 350;

/// The credentials.
pub struct SignIn {
    pub email: Email,
    pub password: String,
    /// The business to act for, if the person is a member.
    pub acts_for: Option<BusinessId>,
}

/// Opens a session, if the email address and password are correct.
pub async fn sign_in(app: &People, asked: SignIn, client: &Client) -> Result<SignedIn, IdentityRefusal> {
    let begun = tokio::time::Instant::now();
    let signed_in = try_sign_in(app, asked, client).await;
    if matches!(signed_in, Err(IdentityRefusal::WrongCredentials)) {
        app.metrics.auth_refused.with_label_values(&["wrong_password"]).inc();
        tokio::time::sleep_until(begun + Duration::from_millis(REFUSAL_MS)).await;
    }
    signed_in
}

async fn try_sign_in(app: &People, asked: SignIn, client: &Client) -> Result<SignedIn, IdentityRefusal> {
    let device = Device::of(app, client);
    let (vault, email) = (app.vault.clone(), asked.email.clone());
    let found = app.readers.ask(move |connection| {
        let Some((account, _)) = contact::by_email(connection, &vault, &email)? else { return Ok(None) };
        let known = device.known_to(connection, account.id)?;
        Ok(Some((account, known)))
    });
    let found = found.await.map_err(Fault::from)?;
    let known = found.as_ref().and_then(|(_, known)| known.as_ref());
    let limits = &app.settings.limits;
    let index = contact::email_index(&app.vault, &asked.email).0.to_be_bytes();
    charge(
        app,
        &[
            (key_of(app, "login", &index, known), limits.passwords_per_account),
            (key(app, "tries", &[client.address.to_string().as_bytes()]), limits.tries_per_address),
        ],
    )
    .await?;
    let hash = found.as_ref().and_then(|(account, _)| account.password_hash.as_deref());
    let checked = app.passwords.check(&asked.password, hash).await?;
    let named = found.as_ref().map(|(account, _)| account.id);
    let refused =
        AuditEntry::by_person(named, AuditAction::SignInRefused).from(client).with("through", "password");
    let Some((account, _)) = found.filter(|(account, _)| account.deactivated_at.is_none()) else {
        audit::note(app, refused).await;
        return Err(IdentityRefusal::WrongCredentials);
    };
    match checked {
        Check::Wrong => {
            audit::note(app, refused).await;
            return Err(IdentityRefusal::WrongCredentials);
        }
        Check::RightButOld => upgrade(app, account.id, account.password_hash, &asked.password).await?,
        Check::Right => {}
    }
    let acts_for = super::profile::membership(app, account.id, asked.acts_for).await?;
    Ok(sessions::open(app, account.id, client, acts_for).await?)
}

/// Replaces an outdated hash.
async fn upgrade(app: &People, person: PersonId, old: Option<String>, password: &str) -> Result<(), Fault> {
    let Some(old) = old else { return Ok(()) };
    let new = app.passwords.hash(password).await?;
    let rehash =
        app.engine.save(Subject(person.0), move |unit| people::rehash(unit.connection, person, &old, &new));
    rehash.await
}
