//! Businesses, their members and their API keys.

use app::businesses::api_keys::NewKey;
use domain::identity::Email;
use domain::permission::{MemberRole, Scope};
use domain::time::Instant;

use super::shared::{email, name};
use crate::declare::request;
use crate::kind::{list, maybe, moment, word};

request! {
    /// A business. The person who creates it is its first owner.
    pub struct NewBusiness {
        /// The name that guests see.
        name: String = name("Bistro Kranich"),
    }
    example "A restaurant" {"name": "Bistro Kranich"};
}

request! {
    /// An invitation to a business, sent by email.
    pub struct NewInvitation {
        /// The address to invite.
        email: Email = email(),
        /// The role of the new member. Each role includes the permissions of those before it.
        role: MemberRole = word(),
    }
    example "A colleague" {"email": "joe.doe@example.com", "role": "front_desk"};
}

request! {
    /// A new role for a member.
    pub struct RoleChange {
        /// The new role. Each role includes the permissions of those before it.
        role: MemberRole = word(),
    }
    example "Promote a member" {"role": "manager"};
}

request! {
    /// An API key for a program of the business.
    pub struct ApiKeyRequest {
        /// What the key is for.
        name: String = name("Channel manager"),
        /// What the key permits.
        scopes: Vec<Scope> = list(1, Scope::ALL.len(), word()),
        /// When the key expires. A key without this never expires.
        expires_at: Option<Instant> = maybe(moment("2027-01-01T00:00:00Z")),
    }
    example "A channel manager" {"name": "Channel manager", "scopes": ["bookings:read", "catalogue:read"]};
}

impl From<ApiKeyRequest> for NewKey {
    fn from(asked: ApiKeyRequest) -> Self {
        Self { name: asked.name, scopes: asked.scopes.into_iter().collect(), expires_at: asked.expires_at }
    }
}
