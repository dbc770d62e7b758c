//! Who acts. Proved by the edge, carried through every use case, written into every history row.
//!
//! What an actor may do is decided by [`crate::authorise`].

use std::fmt;

use uuid::Uuid;

use crate::ids::{ApiKeyId, BusinessId, GuestId, PersonId};
use crate::permission::{MemberRole, Permission, Scopes, Standing};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Actor {
    /// A person, for themselves.
    Guest(GuestId),
    /// A business, through one of its people or one of its programs.
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

    /// The person or program behind the actor: the scope of its idempotency keys.
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

    /// The person behind the actor; a program is nobody.
    pub fn person(self) -> Option<PersonId> {
        match self {
            Self::Guest(id) => Some(PersonId(id.0)),
            Self::Business(Staff { by: StaffCredential::Member(person, _), .. }) | Self::Admin(person) => {
                Some(person)
            }
            Self::Business(Staff { by: StaffCredential::Key(..), .. }) | Self::System => None,
        }
    }

    /// Whether the table lets the actor do this with what is theirs.
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
    /// As `changed_by` and `cancelled_by` show it: a guest need not know which of the staff it was.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Guest(id) => id.fmt(f),
            Self::Business(staff) => staff.business.fmt(f),
            Self::Admin(id) => write!(f, "adm_{}", id.0.as_simple()),
            Self::System => f.write_str("system"),
        }
    }
}
