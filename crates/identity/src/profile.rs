//! A person's own account: reading, changing and closing it, and selecting a business.

use domain::actor::Actor;
use domain::identity::{Contact, Email};
use domain::ids::{BusinessId, PersonId};
use domain::permission::MemberRole;
use domain::time::Instant;
use engine::Subject;
use store::businesses::{self, Business};
use store::email_tokens::Purpose;
use store::people::{self, Account};

use super::registration::{CONFIRMATION_MS, Letter, Pending};
use super::sessions::{self, why};
use super::{Client, IdentityRefusal, contact, mails};
use crate::People;
use crate::credentials::Authenticated;
use engine::Fault;

/// An account as shown to its owner.
pub struct Profile {
    pub person: PersonId,
    pub contact: Contact,
    pub email_verified_at: Option<Instant>,
    pub mobile_verified_at: Option<Instant>,
    pub has_password: bool,
    pub is_admin: bool,
    pub created_at: Instant,
    pub businesses: Vec<(Business, MemberRole)>,
    pub actor: Actor,
}

pub async fn read(app: &People, caller: Authenticated) -> Result<Profile, IdentityRefusal> {
    let (person, _) = sessions::own(caller)?;
    let vault = app.vault.clone();
    let found = app.readers.ask(move |connection| {
        let Some(account) = people::by_id(connection, person)? else { return Ok(None) };
        let contact = contact::open(connection, &vault, person, &account.contact)?;
        Ok(Some((account, contact, businesses::of_person(connection, person)?)))
    });
    let found = found.await.map_err(Fault::from)?;
    let (account, contact, businesses) = found.ok_or(IdentityRefusal::SessionEnded)?;
    Ok(Profile {
        person,
        contact,
        email_verified_at: account.email_verified_at,
        mobile_verified_at: account.mobile_verified_at,
        has_password: account.password_hash.is_some(),
        is_admin: account.is_admin,
        created_at: account.created_at,
        businesses,
        actor: caller.actor,
    })
}

/// A change. `name` with `Some(None)` removes it.
#[derive(Clone)]
pub struct ProfilePatch {
    pub name: Option<Option<String>>,
    /// Takes effect when it is verified.
    pub email: Option<Email>,
}

/// Changes a name immediately. A new address gets a verification link, and the old one a notification.
pub async fn change(
    app: &People,
    caller: Authenticated,
    patch: ProfilePatch,
    client: &Client,
) -> Result<(), IdentityRefusal> {
    let (person, _) = sessions::own(caller)?;
    let letter = match &patch.email {
        Some(email) => {
            super::registration::charge_mail(app, email, client).await?;
            let pending = Pending { name: None, email: email.as_str().to_owned(), password_hash: None };
            Some(Letter::new(app, Purpose::ChangeEmail, Some(person), email, &pending))
        }
        None => None,
    };
    let confirm = letter.as_ref().zip(patch.email.as_ref());
    let confirm = confirm.and_then(|(letter, email)| mails::confirm(app, email, &letter.token));
    let (vault, messages) = (app.vault.clone(), app.messages.clone());
    let ids = [app.new_job(), app.new_job()];
    app.engine
        .save(Subject(person.0), move |unit| {
            let (connection, now) = unit.parts();
            let Some(mut account) = people::by_id_for_update(connection, person)? else { return Ok(()) };
            let mut known = contact::open(connection, &vault, person, &account.contact)?;
            if let Some(name) = &patch.name {
                known.name.clone_from(name);
                account.contact = contact::seal(connection, &vault, person, &known, now)?;
                account.updated_at = now;
                people::save(connection, &account)?;
            }
            // An address that belongs to someone else gets no email, and the caller cannot tell.
            let Some(letter) = &letter else { return Ok(()) };
            let Some(email) = &patch.email else { return Ok(()) };
            if known.email.as_ref() == Some(email) || contact::by_email(connection, &vault, email)?.is_some()
            {
                return Ok(());
            }
            letter.store(connection, &vault, now, CONFIRMATION_MS)?;
            let [first, second] = ids;
            messages.enqueue(connection, first, confirm.as_ref(), now)?;
            let old = known.email.as_ref().and_then(mails::address_changing);
            messages.enqueue(connection, second, old.as_ref(), now)
        })
        .await?;
    app.messages.wake();
    Ok(())
}

/// Closes the caller's account: its sessions end and it can no longer be used. Its bookings are kept.
pub async fn deactivate(app: &People, caller: Authenticated) -> Result<(), IdentityRefusal> {
    let (person, _) = sessions::own(caller)?;
    let access_ms = app.tokens.settings.access_ms;
    let ended = app.engine.save(Subject(person.0), move |unit| {
        let (connection, now) = unit.parts();
        let Some(account) = people::by_id_for_update(connection, person)? else { return Ok(None) };
        for (business, role) in businesses::of_person(connection, person)? {
            let owners = businesses::owners_for_update(connection, business.id)?;
            if role == MemberRole::Owner && owners == [person] {
                return Ok(Some(None));
            }
        }
        people::save(connection, &Account { deactivated_at: Some(now), updated_at: now, ..account })?;
        sessions::end_all_of(connection, (person, None), why::DEACTIVATED, access_ms, now).map(Some).map(Some)
    });
    match ended.await? {
        Some(Some(ended)) => {
            sessions::announce_all(app, &ended).await;
            Ok(())
        }
        Some(None) => Err(IdentityRefusal::LastOwner),
        None => Err(IdentityRefusal::SessionEnded),
    }
}

/// The business, if the person is a member. Others sign in for themselves, and learn nothing about it.
pub(super) async fn membership(
    app: &People,
    person: PersonId,
    asked: Option<BusinessId>,
) -> Result<Option<BusinessId>, Fault> {
    let Some(business) = asked else { return Ok(None) };
    let role = app.readers.ask(move |connection| businesses::role_of(connection, business, person)).await?;
    Ok(role.map(|_| business))
}
