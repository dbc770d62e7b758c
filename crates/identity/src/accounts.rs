//! Creating accounts as an operator: the first admin, the demo's users, imports.

use domain::actor::Actor;
use domain::identity::{Contact, Password};
use domain::ids::{BusinessId, PersonId};
use domain::permission::MemberRole;
use domain::time::Instant;
use engine::Subject;
use store::people::{self, Account};
use store::{Connection, Constraint, StoreError, Vault, businesses};

use super::{Client, IdentityRefusal, contact, sessions};
use crate::People;
use crate::audit::{AuditAction, AuditEntry};
use crate::sessions::SignedIn;
use engine::Fault;

/// A new account.
#[derive(Clone)]
pub struct NewAccount {
    /// Generated if absent.
    pub id: Option<PersonId>,
    pub contact: Contact,
    /// In a format that names the algorithm: argon2id or bcrypt.
    pub password_hash: Option<String>,
    pub is_admin: bool,
}

/// Creates an account whose email address and phone number count as verified, because the operator vouches for them.
pub async fn create(app: &People, new: NewAccount) -> Result<PersonId, IdentityRefusal> {
    let id = new.id.unwrap_or_else(|| PersonId(app.new_id()));
    let vault = app.vault.clone();
    let made = app.engine.save(Subject(id.0), move |unit| {
        let (connection, now) = unit.parts();
        let account = account(connection, &vault, id, &new, now)?;
        people::insert(connection, &[account])?;
        if new.is_admin {
            unit.audit(AuditEntry::by(Actor::System, AuditAction::AdminMade).to(id));
        }
        Ok(())
    });
    match made.await {
        Ok(()) => Ok(id),
        Err(Fault::Store(error)) if is_taken(&error) => {
            Err(IdentityRefusal::invalid("/email", "already belongs to an account"))
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) fn is_taken(error: &StoreError) -> bool {
    matches!(error, StoreError::Constraint(Constraint::PeopleEmailUnique | Constraint::PeopleMobileUnique))
}

pub(super) fn account(
    connection: &mut Connection,
    vault: &Vault,
    id: PersonId,
    new: &NewAccount,
    now: Instant,
) -> Result<Account, StoreError> {
    let (email, mobile) = (new.contact.email.as_ref(), new.contact.mobile.as_ref());
    Ok(Account {
        id,
        contact: contact::seal(connection, vault, id, &new.contact, now)?,
        email_index: email.map(|email| contact::email_index(vault, email)),
        mobile_index: mobile.map(|mobile| contact::mobile_index(vault, mobile)),
        email_verified_at: email.map(|_| now),
        mobile_verified_at: mobile.map(|_| now),
        password_hash: new.password_hash.clone(),
        is_admin: new.is_admin,
        created_at: now,
        updated_at: now,
        deactivated_at: None,
    })
}

/// The hash of a password, as stored in an account.
pub async fn hash(app: &People, password: &Password) -> Result<String, Fault> {
    app.passwords.hash(password.as_str()).await
}

/// The account with this email address, if there is one.
pub async fn find(app: &People, email: &domain::identity::Email) -> Result<Option<PersonId>, Fault> {
    let (vault, email) = (app.vault.clone(), email.clone());
    let found = app.readers.ask(move |connection| contact::by_email(connection, &vault, &email)).await?;
    Ok(found.map(|(account, _)| account.id))
}

/// Creates a business with this id, and makes the person a member.
pub async fn employ(
    app: &People,
    person: PersonId,
    (business, name): (BusinessId, &str),
    role: MemberRole,
) -> Result<(), Fault> {
    let name = name.to_owned();
    app.engine
        .save(Subject(business.0), move |unit| {
            let (connection, now) = unit.parts();
            if businesses::by_id(connection, business)?.is_none() {
                let new = businesses::Business { id: business, name: name.clone(), created_at: now };
                businesses::insert(connection, &new)?;
            }
            businesses::put_member(connection, business, person, role, now)
        })
        .await
}

/// Opens a session without authentication, for operators.
pub async fn sign_in_as(
    app: &People,
    person: PersonId,
    client: &Client,
    acts_for: Option<BusinessId>,
) -> Result<SignedIn, Fault> {
    sessions::open(app, person, client, acts_for).await
}
