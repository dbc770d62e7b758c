//! Registration with an email address. Nothing is created until the address is verified, so that an address cannot be
//! taken by another person.

use domain::identity::{Contact, Email, Password};
use domain::ids::PersonId;
use domain::time::{DAY_MS, Instant};
use engine::Subject;
use serde::{Deserialize, Serialize};
use store::email_tokens::{self, EmailToken, Purpose};
use store::vault::AadContext;
use store::{Connection, StoreError, Vault, people};
use uuid::Uuid;

use super::accounts::{NewAccount, account, is_taken};
use super::limits::{charge, key};
use super::{Client, IdentityRefusal, contact, mails, sessions};
use crate::People;
use crate::credentials::key_hash;
use engine::Fault;

/// Lifetime of a verification link, in milliseconds.
pub const CONFIRMATION_MS: i64 = DAY_MS;

pub struct Registration {
    pub name: Option<String>,
    pub email: Email,
    pub password: Password,
}

/// What happens when an address is verified.
#[derive(Serialize, Deserialize)]
pub(super) struct Pending {
    pub name: Option<String>,
    pub email: String,
    pub password_hash: Option<String>,
}

/// Sends a verification link, or, if the address has an account, a notice of that. The response does not reveal
/// which.
pub async fn register(app: &People, asked: Registration, client: &Client) -> Result<(), IdentityRefusal> {
    charge_mail(app, &asked.email, client).await?;
    let password_hash = app.passwords.hash(asked.password.as_str()).await?;
    let Registration { name, email, .. } = asked;
    let pending = Pending { name, email: email.as_str().to_owned(), password_hash: Some(password_hash) };
    let letter = Letter::new(app, Purpose::Register, None, &email, &pending);
    let confirm = mails::confirm(app, &email, &letter.token);
    let (vault, messages, job) = (app.vault.clone(), app.messages.clone(), app.new_job());
    app.engine
        .save(Subject(job.0), move |unit| {
            let (connection, now) = unit.parts();
            let known = contact::by_email(connection, &vault, &email)?;
            let mail = if known.is_some() { mails::known_already(&email) } else { confirm.clone() };
            if known.is_none() {
                letter.store(connection, &vault, now, CONFIRMATION_MS)?;
            }
            messages.enqueue(connection, job, mail.as_ref(), now)
        })
        .await?;
    app.messages.wake();
    Ok(())
}

/// Charges the limits on emails that are requested without signing in.
pub(super) async fn charge_mail(app: &People, email: &Email, client: &Client) -> Result<(), IdentityRefusal> {
    let limits = &app.settings.limits;
    let index = contact::email_index(&app.vault, email).0.to_be_bytes();
    let keys = [
        (key(app, "mails", &[&index]), limits.mails_per_email),
        (key(app, "mails-from", &[client.address.to_string().as_bytes()]), limits.mails_per_address),
    ];
    charge(app, &keys).await
}

/// A token to be sent to an address, and its purpose.
#[derive(Clone)]
pub(super) struct Letter {
    pub token: String,
    purpose: Purpose,
    person: Option<PersonId>,
    email_index: store::vault::BlindIndex,
    plain: Vec<u8>,
}

impl Letter {
    pub fn new(
        app: &People,
        purpose: Purpose,
        person: Option<PersonId>,
        email: &Email,
        pending: &Pending,
    ) -> Self {
        let plain = serde_json::to_vec(pending).expect("texts are always JSON");
        Self {
            token: sessions::secret(),
            purpose,
            person,
            email_index: contact::email_index(&app.vault, email),
            plain,
        }
    }

    pub fn store(
        &self,
        connection: &mut Connection,
        vault: &Vault,
        now: Instant,
        valid_ms: i64,
    ) -> Result<(), StoreError> {
        let hash = key_hash(&self.token);
        let token = EmailToken {
            purpose: self.purpose,
            person: self.person,
            email_index: self.email_index,
            payload: vault.seal_installation(aad_context(&hash), &self.plain),
            created_at: now,
            expires_at: now + valid_ms,
        };
        email_tokens::replace(connection, &hash, &token)
    }
}

/// The row of a token, for binding its sealed bytes.
fn aad_context(token_hash: &[u8]) -> AadContext {
    let row = token_hash.first_chunk().map_or(Uuid::nil(), |first| Uuid::from_bytes(*first));
    AadContext { column: "email_tokens.payload", row }
}

/// Executes and removes a token.
pub(super) fn take(
    connection: &mut Connection,
    vault: &Vault,
    token: &str,
    now: Instant,
) -> Result<Option<(EmailToken, Pending)>, StoreError> {
    let hash = key_hash(token);
    let Some(found) = email_tokens::take(connection, &hash, now)? else { return Ok(None) };
    let plain = vault.open_installation(aad_context(&hash), &found.payload)?;
    let corrupt = |_| StoreError::corrupt("email_tokens", "payload", "a token");
    let pending = serde_json::from_slice(&plain).map_err(corrupt)?;
    Ok(Some((found, pending)))
}

/// Verifies an address with the token sent to it: an account is created, or gets the address.
pub async fn verify_email(app: &People, token: &str) -> Result<PersonId, IdentityRefusal> {
    let (vault, token, id) = (app.vault.clone(), token.to_owned(), PersonId(app.new_id()));
    let verified = app.engine.save(Subject(id.0), move |unit| {
        let (connection, now) = unit.parts();
        match take(connection, &vault, &token, now)? {
            Some((EmailToken { purpose: Purpose::Register, .. }, pending)) => {
                settle(connection, &vault, id, &pending, now)
            }
            Some((EmailToken { purpose: Purpose::ChangeEmail, person: Some(person), .. }, pending)) => {
                move_to(connection, &vault, person, &pending, now)
            }
            Some(_) | None => Ok(None),
        }
    });
    match verified.await {
        Ok(Some(person)) => Ok(person),
        Ok(None) => Err(IdentityRefusal::WrongToken),
        // Someone else has verified the same address in the meantime.
        Err(Fault::Store(error)) if is_taken(&error) => Err(IdentityRefusal::WrongToken),
        Err(error) => Err(error.into()),
    }
}

fn settle(
    connection: &mut Connection,
    vault: &Vault,
    id: PersonId,
    pending: &Pending,
    now: Instant,
) -> Result<Option<PersonId>, StoreError> {
    let Ok(email) = pending.email.parse() else { return Ok(None) };
    let new = NewAccount {
        id: Some(id),
        contact: Contact { name: pending.name.clone(), email: Some(email), mobile: None },
        password_hash: pending.password_hash.clone(),
        is_admin: false,
    };
    let account = account(connection, vault, id, &new, now)?;
    people::insert(connection, &[account])?;
    Ok(Some(id))
}

fn move_to(
    connection: &mut Connection,
    vault: &Vault,
    person: PersonId,
    pending: &Pending,
    now: Instant,
) -> Result<Option<PersonId>, StoreError> {
    let Ok(email) = pending.email.parse::<Email>() else { return Ok(None) };
    let Some(mut account) = people::by_id_for_update(connection, person)? else { return Ok(None) };
    let mut known = contact::open(connection, vault, person, &account.contact)?;
    account.email_index = Some(contact::email_index(vault, &email));
    account.email_verified_at = Some(now);
    account.updated_at = now;
    known.email = Some(email);
    account.contact = contact::seal(connection, vault, person, &known, now)?;
    people::save(connection, &account)?;
    Ok(Some(person))
}

/// Sends a verification link again, if a verification is pending.
pub async fn resend(app: &People, email: Email, client: &Client) -> Result<(), IdentityRefusal> {
    charge_mail(app, &email, client).await?;
    let index = contact::email_index(&app.vault, &email);
    let (vault, token, job) = (app.vault.clone(), sessions::secret(), app.new_job());
    let messages = app.messages.clone();
    let confirm = mails::confirm(app, &email, &token);
    app.engine
        .save(Subject(job.0), move |unit| {
            let (connection, now) = unit.parts();
            for purpose in [Purpose::Register, Purpose::ChangeEmail] {
                let Some((hash, waiting)) = email_tokens::pending(connection, index, purpose, now)? else {
                    continue;
                };
                let plain = vault.open_installation(aad_context(&hash), &waiting.payload)?;
                let letter = Letter {
                    token: token.clone(),
                    purpose,
                    person: waiting.person,
                    email_index: index,
                    plain,
                };
                letter.store(connection, &vault, now, CONFIRMATION_MS)?;
                return messages.enqueue(connection, job, confirm.as_ref(), now);
            }
            Ok(())
        })
        .await?;
    app.messages.wake();
    Ok(())
}
