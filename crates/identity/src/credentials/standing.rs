//! The standing of a session, as stored in the backplane for other processes.

use domain::actor::Actor;
use domain::ids::{BusinessId, PersonId};
use domain::permission::MemberRole;
use domain::time::Instant;
use serde::{Deserialize, Serialize};

/// The part of a session that authenticating a token needs. Contains ids and no personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    pub person: PersonId,
    /// Unix milliseconds.
    pub expires_at: i64,
    pub is_admin: bool,
    /// The business that the session acts for, and the person's role there.
    pub acts_for: Option<(BusinessId, String)>,
}

impl Standing {
    /// Of a stored session; `None` if it has ended or its person may not sign in.
    pub fn of(stored: &store::sessions::Standing) -> Option<Self> {
        let session = &stored.session;
        if session.revoked_at.is_some() || stored.is_deactivated {
            return None;
        }
        Some(Self {
            person: session.person,
            expires_at: session.expires_at.0,
            is_admin: stored.is_admin,
            acts_for: session.acts_for.zip(stored.role).map(|(business, role)| (business, role.to_string())),
        })
    }

    pub fn write(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("ids, numbers and words are always JSON")
    }

    /// Reads what another process wrote; `None` if it has a different version.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    pub fn expires(&self) -> Instant {
        Instant(self.expires_at)
    }

    pub fn actor(&self) -> Actor {
        let member = self
            .acts_for
            .as_ref()
            .and_then(|(business, word)| Some((*business, MemberRole::from_word(word)?)));
        actor_of(self.person, self.is_admin, member)
    }
}

/// The actor for a person: their chosen business, otherwise an admin if they are one, otherwise themselves.
pub fn actor_of(person: PersonId, is_admin: bool, member: Option<(BusinessId, MemberRole)>) -> Actor {
    match member {
        Some((business, role)) => Actor::member(business, person, role),
        None if is_admin => Actor::Admin(person),
        None => Actor::Guest(person.as_guest()),
    }
}
