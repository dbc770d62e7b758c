//! Whether an actor may do something with a thing. The one place that every use case asks.
//!
//! Two questions in this order: does the thing exist for the actor at all, and does the table in [`crate::permission`]
//! allow the act. A thing of somebody else is reported as absent, so that its existence stays private.

use crate::actor::{Actor, Staff};
use crate::ids::{BusinessId, GuestId};
use crate::permission::Permission;

/// What is acted on: its name in messages, and whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resource {
    what: &'static str,
    owner: Owner,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owner {
    Everyone,
    Business(BusinessId),
    Guest(GuestId),
    /// A guest and the business whose venue it is at; `None` while this process does not know the venue yet.
    Both(GuestId, Option<BusinessId>),
    /// A guest, and each business for its own part.
    GuestAndBusinesses(GuestId),
    /// The operator of the server.
    Operator,
}

impl Resource {
    /// What everyone may know of: the table alone decides.
    pub const SHARED: Self = Self { what: "resource", owner: Owner::Everyone };

    pub const fn of_business(what: &'static str, business: BusinessId) -> Self {
        Self { what, owner: Owner::Business(business) }
    }

    /// What no business has a share in.
    pub const fn of_guest(what: &'static str, guest: GuestId) -> Self {
        Self { what, owner: Owner::Guest(guest) }
    }

    pub const fn booking(guest: GuestId, venue_owner: Option<BusinessId>) -> Self {
        Self { what: "booking", owner: Owner::Both(guest, venue_owner) }
    }

    /// The bookings of a guest as a list, of which a business sees those at its own venues.
    pub const fn bookings_of(guest: GuestId) -> Self {
        Self { what: "booking", owner: Owner::GuestAndBusinesses(guest) }
    }

    pub const fn of_operator(what: &'static str) -> Self {
        Self { what, owner: Owner::Operator }
    }

    /// Whether the thing exists for the actor.
    pub fn is_visible_to(self, actor: Actor) -> bool {
        match (actor, self.owner) {
            (Actor::Admin(_) | Actor::System, _)
            | (_, Owner::Everyone)
            | (Actor::Business(_), Owner::GuestAndBusinesses(_)) => true,
            (
                Actor::Guest(id),
                Owner::Guest(guest) | Owner::Both(guest, _) | Owner::GuestAndBusinesses(guest),
            ) => id == guest,
            (
                Actor::Business(Staff { business, .. }),
                Owner::Business(owner) | Owner::Both(_, Some(owner)),
            ) => business == owner,
            (Actor::Business(_), Owner::Guest(_) | Owner::Both(_, None) | Owner::Operator)
            | (Actor::Guest(_), Owner::Business(_) | Owner::Operator) => false,
        }
    }
}

/// Why an actor was turned away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// It does not exist, or not for this actor.
    #[error("{0} not found")]
    NotFound(&'static str),
    /// The actor may know of it, but not do this with it.
    #[error("permission denied: {permission} is granted to: {allowed}", permission = .0, allowed = .0.allowed())]
    Forbidden(Permission),
}

pub fn authorise(actor: Actor, permission: Permission, resource: Resource) -> Result<(), Denied> {
    if !resource.is_visible_to(actor) {
        return Err(Denied::NotFound(resource.what));
    }
    if actor.may(permission) { Ok(()) } else { Err(Denied::Forbidden(permission)) }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::ids::{ApiKeyId, PersonId};
    use crate::permission::{MemberRole, Scope};

    const GUEST: GuestId = GuestId(Uuid::from_u128(1));
    const STRANGER: GuestId = GuestId(Uuid::from_u128(2));
    const OWN: BusinessId = BusinessId(Uuid::from_u128(3));
    const OTHER: BusinessId = BusinessId(Uuid::from_u128(4));

    /// Every kind of actor, those of a business once for each of two businesses.
    fn actors() -> Vec<Actor> {
        let person = PersonId(Uuid::from_u128(5));
        let staff = [OWN, OTHER].into_iter().flat_map(|business| {
            let members = MemberRole::ALL.iter().map(move |role| Actor::member(business, person, *role));
            let every = Scope::ALL.iter().copied().collect();
            members.chain([Actor::key(business, ApiKeyId(Uuid::from_u128(6)), every)])
        });
        let others = [Actor::Guest(GUEST), Actor::Guest(STRANGER), Actor::Admin(person), Actor::System];
        others.into_iter().chain(staff).collect()
    }

    /// Each kind of thing, and the actors it exists for as a word: guest, stranger, own, other (staff), admin.
    const VISIBLE: &[(Resource, &[&str])] = &[
        (Resource::SHARED, &["guest", "stranger", "own", "other", "admin"]),
        (Resource::of_business("venue", OWN), &["own", "admin"]),
        (Resource::of_guest("person", GUEST), &["guest", "admin"]),
        (Resource::booking(GUEST, Some(OWN)), &["guest", "own", "admin"]),
        (Resource::booking(GUEST, None), &["guest", "admin"]),
        (Resource::bookings_of(GUEST), &["guest", "own", "other", "admin"]),
        (Resource::of_operator("job"), &["admin"]),
    ];

    fn word(actor: Actor) -> &'static str {
        match actor {
            Actor::Guest(id) if id == GUEST => "guest",
            Actor::Guest(_) => "stranger",
            Actor::Business(staff) if staff.business == OWN => "own",
            Actor::Business(_) => "other",
            Actor::Admin(_) | Actor::System => "admin",
        }
    }

    #[test]
    fn every_permission_of_every_actor_follows_from_visibility_and_the_table() {
        for (resource, visible_to) in VISIBLE {
            for actor in actors() {
                for permission in Permission::ALL {
                    let expected = match (visible_to.contains(&word(actor)), actor.may(*permission)) {
                        (false, _) => Err(Denied::NotFound(resource.what)),
                        (true, false) => Err(Denied::Forbidden(*permission)),
                        (true, true) => Ok(()),
                    };
                    let told = authorise(actor, *permission, *resource);
                    assert_eq!(told, expected, "{actor:?} {permission} {resource:?}");
                }
            }
        }
    }

    #[test]
    fn a_stranger_learns_nothing_and_staff_learn_what_they_lack() {
        let booking = Resource::booking(GUEST, Some(OWN));
        let stranger = authorise(Actor::Guest(STRANGER), Permission::CancelBooking, booking);
        assert_eq!(stranger.map_err(|denied| denied.to_string()), Err("booking not found".to_owned()));
        let reader = Actor::member(OWN, PersonId(Uuid::from_u128(5)), MemberRole::ReadOnly);
        let told = authorise(reader, Permission::CancelBooking, booking).map_err(|denied| denied.to_string());
        let expected = "permission denied: bookings.cancel is granted to: guests; members with the role front_desk or \
                        higher; API keys with the scope bookings:write; admins";
        assert_eq!(told, Err(expected.to_owned()));
    }
}
