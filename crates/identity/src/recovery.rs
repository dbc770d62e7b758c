//! Passwords: changing them with the old password, and resetting them by email.

use domain::identity::{Email, Password};
use domain::ids::SessionId;
use domain::time::{Instant, MINUTE_MS};
use engine::Subject;
use store::email_tokens::{EmailToken, Purpose};
use store::people::{self, Account};
use store::{Connection, StoreError, Vault, devices};

use super::limits::{charge, key};
use super::passwords::Check;
use super::registration::{Letter, Pending, charge_mail, take};
use super::sessions::{self, Ended, why};
use super::{Client, IdentityRefusal, contact, mails};
use crate::People;
use crate::credentials::Authenticated;
use engine::Fault;

/// Lifetime of a password reset link, in milliseconds.
const RESET_MS: i64 = 60 * MINUTE_MS;
/// Maximum age of a session that may act without a password, in milliseconds.
pub(super) const FRESH_MS: i64 = 10 * MINUTE_MS;

/// Sends a password reset link, if the address is known. The response does not reveal whether it is.
pub async fn forgot(app: &People, email: Email, client: &Client) -> Result<(), IdentityRefusal> {
    charge_mail(app, &email, client).await?;
    send_reset(app, email).await?;
    Ok(())
}

/// Like [`forgot`], for operators. Returns the token, if there is such an account.
pub async fn send_reset(app: &People, email: Email) -> Result<Option<String>, Fault> {
    let pending = Pending { name: None, email: email.as_str().to_owned(), password_hash: None };
    let letter = Letter::new(app, Purpose::ResetPassword, None, &email, &pending);
    let token = letter.token.clone();
    let (vault, messages, job) = (app.vault.clone(), app.messages.clone(), app.new_job());
    let mail = mails::reset(app, &email, &letter.token);
    let is_sent = app
        .engine
        .save(Subject(job.0), move |unit| {
            let (connection, now) = unit.parts();
            if contact::by_email(connection, &vault, &email)?.is_none() {
                return Ok(false);
            }
            letter.store(connection, &vault, now, RESET_MS)?;
            messages.enqueue(connection, job, mail.as_ref(), now).map(|()| true)
        })
        .await?;
    app.messages.wake();
    Ok(is_sent.then_some(token))
}

/// Sets a new password with the token from the email. All sessions end, and all devices become unknown.
pub async fn reset(app: &People, token: &str, password: &Password) -> Result<(), IdentityRefusal> {
    let hash = app.passwords.hash(password.as_str()).await?;
    let (vault, token, job) = (app.vault.clone(), token.to_owned(), app.new_job());
    let messages = app.messages.clone();
    let access_ms = app.tokens.settings.access_ms;
    let ended = app.engine.save(Subject(job.0), move |unit| {
        let (connection, now) = unit.parts();
        let Some((EmailToken { purpose: Purpose::ResetPassword, .. }, pending)) =
            take(connection, &vault, &token, now)?
        else {
            return Ok(None);
        };
        let Ok(email) = pending.email.parse::<Email>() else { return Ok(None) };
        let Some((account, _)) = contact::by_email(connection, &vault, &email)? else { return Ok(None) };
        devices::forget(connection, account.id)?;
        messages.enqueue(connection, job, mails::password_changed(&email).as_ref(), now)?;
        set(connection, account, &hash, (None, access_ms), now).map(Some)
    });
    let ended = ended.await?.ok_or(IdentityRefusal::WrongToken)?;
    app.messages.wake();
    sessions::announce_all(app, &ended).await;
    Ok(())
}

/// Stores a password's hash and ends all sessions except the spared one.
fn set(
    connection: &mut Connection,
    account: Account,
    hash: &str,
    (spared, access_ms): (Option<SessionId>, i64),
    now: Instant,
) -> Result<Ended, StoreError> {
    let person = account.id;
    let changed = Account { password_hash: Some(hash.to_owned()), updated_at: now, ..account };
    people::save(connection, &changed)?;
    sessions::end_all_of(connection, (person, spared), why::PASSWORD, access_ms, now)
}

/// Changes the caller's password; their other sessions end. A person without a password can set one soon after
/// signing in.
pub async fn change(
    app: &People,
    caller: Authenticated,
    current: Option<&str>,
    password: &str,
) -> Result<(), IdentityRefusal> {
    let (person, session) = sessions::own(caller)?;
    let limit = app.settings.limits.passwords_per_account;
    charge(app, &[(key(app, "change", &[person.0.as_bytes()]), limit)]).await?;
    let vault = app.vault.clone();
    let found = app.readers.ask(move |connection| known(connection, &vault, person, session)).await;
    let (account, email, begun) = found.map_err(Fault::from)?.ok_or(IdentityRefusal::SessionEnded)?;
    match (&account.password_hash, current) {
        (Some(hash), Some(current)) => {
            if app.passwords.check(current, Some(hash)).await? == Check::Wrong {
                return Err(IdentityRefusal::invalid("/current_password", "is not the current password"));
            }
        }
        (Some(_), None) => return Err(IdentityRefusal::invalid("/current_password", "is required")),
        (None, _) if begun + FRESH_MS > app.clock.now() => {}
        (None, _) => return Err(IdentityRefusal::SignInAgain),
    }
    let password = Password::new(password, email.as_ref())
        .map_err(|weak| IdentityRefusal::invalid("/new_password", weak.to_string()))?;
    let hash = app.passwords.hash(password.as_str()).await?;
    let (access_ms, job, messages) = (app.tokens.settings.access_ms, app.new_job(), app.messages.clone());
    let mail = email.as_ref().and_then(mails::password_changed);
    let ended = app.engine.save(Subject(person.0), move |unit| {
        let (connection, now) = unit.parts();
        messages.enqueue(connection, job, mail.as_ref(), now)?;
        let Some(account) = people::by_id_for_update(connection, person)? else { return Ok(None) };
        set(connection, account, &hash, (Some(session), access_ms), now).map(Some)
    });
    let ended = ended.await?.ok_or(IdentityRefusal::SessionEnded)?;
    app.messages.wake();
    sessions::announce_all(app, &ended).await;
    Ok(())
}

/// The account, its address, and when the session began.
type Known = (Account, Option<Email>, Instant);

fn known(
    connection: &mut Connection,
    vault: &Vault,
    person: domain::ids::PersonId,
    session: SessionId,
) -> Result<Option<Known>, StoreError> {
    let Some(account) = people::by_id(connection, person)? else { return Ok(None) };
    let email = contact::open(connection, vault, person, &account.contact)?.email;
    let begun = store::sessions::standing(connection, session)?.map(|standing| standing.session.created_at);
    Ok(begun.map(|begun| (account, email, begun)))
}
