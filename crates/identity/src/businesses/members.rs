//! Members of a business, and invitations. A person becomes a member only by accepting, and inviting does not reveal
//! whether an address has an account.

use domain::authorise::{Denied, Resource, authorise};
use domain::identity::{Contact, Email};
use domain::ids::{BusinessId, InvitationId, PersonId};
use domain::limits::MEMBERS_MAX;
use domain::permission::{MemberRole, Permission};
use domain::time::{DAY_MS, Instant};
use engine::Subject;
use store::businesses::{self, Invitation};
use store::vault::AadContext;
use store::{Connection, StoreError};

use super::{acting_in, announce, permitted, person_behind};
use crate::People;
use crate::audit::{AuditAction, AuditEntry};
use crate::credentials::{Authenticated, key_hash};
use crate::{IdentityRefusal, contact, mails, sessions};
use engine::Fault;

/// Lifetime of an invitation, in milliseconds.
const INVITATION_MS: i64 = 7 * DAY_MS;

/// A member as shown to the business.
pub struct Member {
    pub person: PersonId,
    pub contact: Contact,
    pub role: MemberRole,
    pub since: Instant,
}

/// A pending invitation.
pub struct Invited {
    pub id: InvitationId,
    pub email: Option<String>,
    pub role: MemberRole,
    pub created_at: Instant,
    pub expires_at: Instant,
}

/// The members and the pending invitations.
pub async fn list(
    app: &People,
    caller: Authenticated,
    business: BusinessId,
) -> Result<(Vec<Member>, Vec<Invited>), IdentityRefusal> {
    permitted(app, caller, business, Permission::ReadMembers).await?;
    let (vault, now) = (app.vault.clone(), app.clock.now());
    let found = app.readers.ask(move |connection| {
        let mut members = Vec::new();
        for row in businesses::members(connection, business)? {
            let contact = contact::open(connection, &vault, row.person, &row.contact)?;
            members.push(Member { person: row.person, contact, role: row.role, since: row.created_at });
        }
        let invited = businesses::invitations(connection, business, now)?;
        let invited = invited.iter().map(|row| shown(&vault, row)).collect::<Result<_, StoreError>>()?;
        Ok((members, invited))
    });
    Ok(found.await.map_err(Fault::from)?)
}

fn shown(vault: &store::Vault, row: &Invitation) -> Result<Invited, StoreError> {
    let email = vault.open_installation(aad_context(row.id), &row.contact)?;
    Ok(Invited {
        id: row.id,
        email: String::from_utf8(email).ok(),
        role: row.role,
        created_at: row.created_at,
        expires_at: row.expires_at,
    })
}

fn aad_context(id: InvitationId) -> AadContext {
    AadContext { column: "invitations.contact", row: id.0 }
}

/// Invites the owner of an email address.
pub async fn invite(
    app: &People,
    caller: Authenticated,
    business: BusinessId,
    email: Email,
    role: MemberRole,
) -> Result<Invited, IdentityRefusal> {
    permitted(app, caller, business, Permission::ChangeMembers).await?;
    let by = person_behind(caller, Permission::ChangeMembers)?;
    let name = super::read(app, caller, business).await?.name;
    let (id, now) = (InvitationId(app.new_id()), app.clock.now());
    let (token, job, messages) = (sessions::secret(), app.new_job(), app.messages.clone());
    let invitation = Invitation {
        id,
        business,
        email_index: contact::email_index(&app.vault, &email),
        contact: app.vault.seal_installation(aad_context(id), email.as_str().as_bytes()),
        role,
        invited_by: by,
        created_at: now,
        expires_at: now + INVITATION_MS,
    };
    let mail = mails::invitation(app, &email, &name, role, &token);
    let (hash, row) = (key_hash(&token), invitation.clone());
    let is_full = app
        .engine
        .save(Subject(business.0), move |unit| {
            let (connection, now) = unit.parts();
            let waiting = businesses::invitations(connection, business, now)?.len();
            let members = businesses::members(connection, business)?.len();
            if i64::try_from(waiting + members).unwrap_or(i64::MAX) >= MEMBERS_MAX {
                return Ok(true);
            }
            businesses::invite(connection, &row, &hash)?;
            messages.enqueue(connection, job, mail.as_ref(), now).map(|()| false)
        })
        .await?;
    if is_full {
        return Err(IdentityRefusal::TooMany("members"));
    }
    app.messages.wake();
    let Invitation { created_at, expires_at, .. } = invitation;
    Ok(Invited { id, email: Some(email.as_str().to_owned()), role, created_at, expires_at })
}

/// Withdraws an invitation.
pub async fn withdraw(
    app: &People,
    caller: Authenticated,
    business: BusinessId,
    id: InvitationId,
) -> Result<(), IdentityRefusal> {
    permitted(app, caller, business, Permission::ChangeMembers).await?;
    let withdrawn =
        app.engine.save(Subject(business.0), move |unit| businesses::withdraw(unit.connection, business, id));
    if withdrawn.await? { Ok(()) } else { Err(Denied::NotFound("invitation").into()) }
}

/// Makes the caller a member, with the token of an invitation.
pub async fn accept(app: &People, caller: Authenticated, token: &str) -> Result<BusinessId, IdentityRefusal> {
    let (person, _) = sessions::own(caller)?;
    let (hash, access_ms) = (key_hash(token), app.tokens.settings.access_ms);
    let accepted = app.engine.save(Subject(person.0), move |unit| {
        let (connection, now) = unit.parts();
        let Some(invitation) = businesses::take_invitation(connection, &hash, now)? else { return Ok(None) };
        let business = invitation.business;
        // An invitation never lowers a role.
        let has = businesses::role_for_update(connection, business, person)?;
        let role = has.map_or(invitation.role, |has| has.max(invitation.role));
        businesses::put_member(connection, business, person, role, now)?;
        let ended = sessions::look_up_anew(connection, person, access_ms, now)?;
        let entry = AuditEntry::by_person(Some(person), AuditAction::MemberChanged).at(business).to(person);
        unit.audit(entry.with("through", "invitation"));
        Ok(Some((business, ended)))
    });
    let (business, ended) = accepted.await?.ok_or(IdentityRefusal::WrongToken)?;
    announce(app, ended).await;
    Ok(business)
}

/// Changes a member's role. The last owner cannot be changed.
pub async fn change_role(
    app: &People,
    caller: Authenticated,
    business: BusinessId,
    member: PersonId,
    role: MemberRole,
) -> Result<(), IdentityRefusal> {
    let actor = permitted(app, caller, business, Permission::ChangeMembers).await?;
    let entry = AuditEntry::by(actor, AuditAction::MemberChanged).at(business).to(member);
    change(app, (business, member), Some(role), entry.with("role", role.as_str())).await
}

/// Removes a member. Members can remove themselves, except the last owner.
pub async fn remove(
    app: &People,
    caller: Authenticated,
    business: BusinessId,
    member: PersonId,
) -> Result<(), IdentityRefusal> {
    let actor = acting_in(app, caller, business).await?;
    if actor.person() != Some(member) {
        authorise(actor, Permission::ChangeMembers, Resource::of_business("business", business))?;
    }
    let entry = AuditEntry::by(actor, AuditAction::MemberRemoved).at(business).to(member);
    change(app, (business, member), None, entry).await
}

async fn change(
    app: &People,
    (business, member): (BusinessId, PersonId),
    role: Option<MemberRole>,
    entry: AuditEntry,
) -> Result<(), IdentityRefusal> {
    let access_ms = app.tokens.settings.access_ms;
    let changed = app.engine.save(Subject(business.0), move |unit| {
        let (connection, now) = unit.parts();
        if is_last_owner(connection, business, member)? && role != Some(MemberRole::Owner) {
            return Ok(Err(IdentityRefusal::LastOwner));
        }
        if businesses::role_for_update(connection, business, member)?.is_none() {
            return Ok(Err(Denied::NotFound("member").into()));
        }
        match role {
            Some(role) => businesses::put_member(connection, business, member, role, now)?,
            None => businesses::remove_member(connection, business, member).map(drop)?,
        }
        let ended = sessions::look_up_anew(connection, member, access_ms, now)?;
        unit.audit(entry.clone());
        Ok(Ok(ended))
    });
    announce(app, changed.await??).await;
    Ok(())
}

fn is_last_owner(
    connection: &mut Connection,
    business: BusinessId,
    person: PersonId,
) -> Result<bool, StoreError> {
    Ok(businesses::owners_for_update(connection, business)? == [person])
}
