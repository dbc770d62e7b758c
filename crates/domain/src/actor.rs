//! Who acts. Authenticated by `api`, passed through every use case, recorded in every history row.
//!
//! This module decides ownership only. The permissions are in the table of [`crate::permission`].

use std::fmt;

use uuid::Uuid;

use crate::ids::{ApiKeyId, BusinessId, GuestId, PersonId};
use crate::permission::{MemberRole, Permission, Scopes, Standing};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Actor {
    /// A person acting for themselves.
    Guest(GuestId),
    /// A business, through a member or an API key.
    Business(Staff),
    Admin(PersonId),
    /// The server itself: expiry, imports.
    System,
}

/// Who acts for a business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Staff {
    pub business: BusinessId,
    pub by: StaffCredential,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StaffCredential {
    Member(PersonId, MemberRole),
    Key(ApiKeyId, Scopes),
}

impl Actor {
    pub fn member(business: BusinessId, person: PersonId, role: MemberRole) -> Self {
        Self::Business(Staff { business, by: StaffCredential::Member(person, role) })
    }

    pub fn key(business: BusinessId, key: ApiKeyId, scopes: Scopes) -> Self {
        Self::Business(Staff { business, by: StaffCredential::Key(key, scopes) })
    }

    /// The person or API key behind the actor: the scope of its idempotency keys.
    pub fn subject(self) -> Uuid {
        match self {
            Self::Guest(id) => id.0,
            Self::Business(Staff { by: StaffCredential::Member(person, _), .. }) | Self::Admin(person) => {
                person.0
            }
            Self::Business(Staff { by: StaffCredential::Key(key, _), .. }) => key.0,
            Self::System => Uuid::nil(),
        }
    }

    /// The person behind the actor; `None` for an API key.
    pub fn person(self) -> Option<PersonId> {
        match self {
            Self::Guest(id) => Some(PersonId(id.0)),
            Self::Business(Staff { by: StaffCredential::Member(person, _), .. }) | Self::Admin(person) => {
                Some(person)
            }
            Self::Business(Staff { by: StaffCredential::Key(..), .. }) | Self::System => None,
        }
    }

    /// Whether the permission table allows the actor to do this with its own resources.
    pub fn may(self, act: Permission) -> bool {
        act.is_allowed_to(self.standing())
    }

    fn standing(self) -> Standing {
        match self {
            Self::Guest(_) => Standing::Guest,
            Self::Business(Staff { by: StaffCredential::Member(_, role), .. }) => Standing::Member(role),
            Self::Business(Staff { by: StaffCredential::Key(_, scopes), .. }) => Standing::Key(scopes),
            Self::Admin(_) | Self::System => Standing::Admin,
        }
    }
}

impl fmt::Display for Actor {
    /// The form used in `changed_by` and `cancelled_by`. It does not reveal to a guest which member of the staff
    /// acted.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Guest(id) => id.fmt(f),
            Self::Business(staff) => staff.business.fmt(f),
            Self::Admin(id) => write!(f, "adm_{}", id.0.as_simple()),
            Self::System => f.write_str("system"),
        }
    }
}
