//! Businesses: creating, reading and joining them, and their API keys.
//!
//! Roles are read from the database, not from the session, so that a person with several businesses can manage each
//! of them without switching. To other persons a business looks nonexistent.

pub mod api_keys;
pub mod members;

use domain::actor::{Actor, Staff, StaffCredential};
use domain::authorise::{Denied, Resource, authorise};
use domain::ids::{BusinessId, PersonId, SessionId};
use domain::permission::{MemberRole, Permission};
use engine::Subject;
use store::businesses;
pub use store::businesses::Business;

use crate::People;
use crate::credentials::{AuthMethod, Authenticated};
use crate::revocations;
use crate::{IdentityRefusal, sessions};
use engine::Fault;

/// Creates a business. The caller becomes its owner, and their session acts for it unless it already acts for
/// another.
pub async fn create(app: &People, caller: Authenticated, name: String) -> Result<Business, IdentityRefusal> {
    authorise(caller.actor, Permission::CreateBusiness, Resource::SHARED)?;
    let (person, session) = sessions::own(caller)?;
    let business = Business { id: BusinessId(app.new_id()), name, created_at: app.clock.now() };
    let acts_for_none = !matches!(caller.actor, Actor::Business(_));
    let (new, access_ms) = (business.clone(), app.tokens.settings.access_ms);
    let revocation = app
        .engine
        .save(Subject(new.id.0), move |unit| {
            let (connection, now) = unit.parts();
            businesses::insert(connection, &new)?;
            businesses::put_member(connection, new.id, person, MemberRole::Owner, now)?;
            if acts_for_none {
                store::sessions::act_for(connection, session, Some(new.id))?;
            }
            revocations::record(connection, revocations::Ending::Session(session), access_ms, now)
        })
        .await?;
    revocations::announce(app, &revocation, &[session]).await;
    Ok(business)
}

/// The caller's businesses, with their role in each.
pub async fn own(
    app: &People,
    caller: Authenticated,
) -> Result<Vec<(Business, MemberRole)>, IdentityRefusal> {
    let (person, _) = sessions::own(caller)?;
    let found = app.readers.ask(move |connection| businesses::of_person(connection, person)).await;
    Ok(found.map_err(Fault::from)?)
}

pub async fn read(app: &People, caller: Authenticated, id: BusinessId) -> Result<Business, IdentityRefusal> {
    permitted(app, caller, id, Permission::ReadBusiness).await?;
    let found = app.readers.ask(move |connection| businesses::by_id(connection, id)).await;
    found.map_err(Fault::from)?.ok_or(Denied::NotFound("business").into())
}

/// The caller as an actor in a business, if the table lets them do this there.
async fn permitted(
    app: &People,
    caller: Authenticated,
    business: BusinessId,
    permission: Permission,
) -> Result<Actor, IdentityRefusal> {
    let actor = acting_in(app, caller, business).await?;
    authorise(actor, permission, Resource::of_business("business", business))?;
    Ok(actor)
}

/// The caller as an actor in a business: with the role they have there now. To a stranger it does not exist.
async fn acting_in(
    app: &People,
    caller: Authenticated,
    business: BusinessId,
) -> Result<Actor, IdentityRefusal> {
    match (caller.actor, caller.method) {
        (actor @ Actor::Business(Staff { business: own, .. }), _) if own == business => Ok(actor),
        (actor @ (Actor::Admin(_) | Actor::System), _) => {
            let asked = move |connection: &mut store::Connection| businesses::by_id(connection, business);
            let found = app.readers.ask(asked).await.map_err(Fault::from)?;
            found.map(|_| actor).ok_or(Denied::NotFound("business").into())
        }
        (_, AuthMethod::Session(person, _)) => {
            let asked =
                move |connection: &mut store::Connection| businesses::role_of(connection, business, person);
            let role = app.readers.ask(asked).await.map_err(Fault::from)?;
            let role = role.ok_or(Denied::NotFound("business"))?;
            Ok(Actor::Business(Staff { business, by: StaffCredential::Member(person, role) }))
        }
        (_, AuthMethod::Key(_) | AuthMethod::External(_)) => Err(Denied::NotFound("business").into()),
    }
}

/// The person who does it; a program neither makes nor changes people.
fn person_behind(caller: Authenticated, act: Permission) -> Result<PersonId, IdentityRefusal> {
    caller.actor.person().ok_or(Denied::Forbidden(act).into())
}

/// Announces a change of role to all caches of the old one.
async fn announce(app: &People, (sessions, revocation): (Vec<SessionId>, revocations::Revocation)) {
    revocations::announce(app, &revocation, &sessions).await;
}
