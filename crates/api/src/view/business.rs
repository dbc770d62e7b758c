//! Businesses, their members and their keys in JSON.

use app::businesses::api_keys::ApiKey;
use app::businesses::members::{Invited, Member};
use domain::ids::{ApiKeyId, BusinessId, InvitationId, PersonId};
use domain::permission::{MemberRole, Scope};
use domain::time::Instant;
use serde::Serialize;
use utoipa::ToSchema;

/// What a person is in a business.
#[derive(ToSchema)]
#[schema(as = MemberRole, rename_all = "snake_case")]
#[expect(dead_code, reason = "only describes how a role is written")]
pub enum RoleView {
    ReadOnly,
    FrontDesk,
    Manager,
    Owner,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Business)]
pub struct BusinessView<'a> {
    #[schema(value_type = String)]
    id: BusinessId,
    name: &'a str,
    #[schema(value_type = String, format = DateTime)]
    created_at: Instant,
}

impl<'a> From<&'a app::businesses::Business> for BusinessView<'a> {
    fn from(business: &'a app::businesses::Business) -> Self {
        Self { id: business.id, name: &business.name, created_at: business.created_at }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = Businesses)]
pub struct BusinessesView<'a> {
    businesses: Vec<OwnBusinessView<'a>>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = OwnBusiness)]
pub struct OwnBusinessView<'a> {
    #[schema(value_type = String)]
    id: BusinessId,
    name: &'a str,
    #[schema(value_type = RoleView)]
    role: &'static str,
    #[schema(value_type = String, format = DateTime)]
    created_at: Instant,
}

impl<'a> From<&'a [(app::businesses::Business, MemberRole)]> for BusinessesView<'a> {
    fn from(own: &'a [(app::businesses::Business, MemberRole)]) -> Self {
        let view = |(business, role): &'a (app::businesses::Business, MemberRole)| OwnBusinessView {
            id: business.id,
            name: &business.name,
            role: role.as_str(),
            created_at: business.created_at,
        };
        Self { businesses: own.iter().map(view).collect() }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = Members)]
pub struct MembersView<'a> {
    members: Vec<MemberView<'a>>,
    invitations: Vec<InvitedView<'a>>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Member)]
pub struct MemberView<'a> {
    #[schema(value_type = String)]
    person_id: PersonId,
    name: Option<&'a str>,
    email: Option<&'a str>,
    #[schema(value_type = RoleView)]
    role: &'static str,
    #[schema(value_type = String, format = DateTime)]
    since: Instant,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Invitation)]
pub struct InvitedView<'a> {
    #[schema(value_type = String)]
    id: InvitationId,
    email: Option<&'a str>,
    #[schema(value_type = RoleView)]
    role: &'static str,
    #[schema(value_type = String, format = DateTime)]
    created_at: Instant,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Instant,
}

impl<'a> MembersView<'a> {
    pub fn new(members: &'a [Member], invited: &'a [Invited]) -> Self {
        let view = |member: &'a Member| MemberView {
            person_id: member.person,
            name: member.contact.name.as_deref(),
            email: member.contact.email.as_ref().map(domain::identity::Email::as_str),
            role: member.role.as_str(),
            since: member.since,
        };
        Self {
            members: members.iter().map(view).collect(),
            invitations: invited.iter().map(InvitedView::from).collect(),
        }
    }
}

impl<'a> From<&'a Invited> for InvitedView<'a> {
    fn from(invited: &'a Invited) -> Self {
        Self {
            id: invited.id,
            email: invited.email.as_deref(),
            role: invited.role.as_str(),
            created_at: invited.created_at,
            expires_at: invited.expires_at,
        }
    }
}

/// The business one has joined.
#[derive(Serialize, ToSchema)]
#[schema(as = Joined)]
pub struct JoinedView {
    #[schema(value_type = String)]
    pub business_id: BusinessId,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ApiKeys)]
pub struct ApiKeysView<'a> {
    api_keys: Vec<ApiKeyView<'a>>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ApiKey)]
pub struct ApiKeyView<'a> {
    #[schema(value_type = String)]
    id: ApiKeyId,
    name: &'a str,
    /// How the key begins.
    prefix: &'a str,
    scopes: Vec<&'static str>,
    #[schema(value_type = String)]
    created_by: PersonId,
    #[schema(value_type = String, format = DateTime)]
    created_at: Instant,
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Instant>,
}

impl<'a> From<&'a ApiKey> for ApiKeyView<'a> {
    fn from(key: &'a ApiKey) -> Self {
        Self {
            id: key.id,
            name: &key.name,
            prefix: &key.shown,
            scopes: key.scopes.iter().map(Scope::as_str).collect(),
            created_by: key.created_by,
            created_at: key.created_at,
            expires_at: key.expires_at,
        }
    }
}

impl<'a> From<&'a [ApiKey]> for ApiKeysView<'a> {
    fn from(keys: &'a [ApiKey]) -> Self {
        Self { api_keys: keys.iter().map(ApiKeyView::from).collect() }
    }
}

/// A key with its secret, which is shown this once.
#[derive(Serialize, ToSchema)]
#[schema(as = NewApiKey)]
pub struct NewApiKeyView<'a> {
    api_key: ApiKeyView<'a>,
    /// Sent as `Authorization: Bearer hfk_…`. It cannot be shown again.
    secret: String,
}

impl<'a> NewApiKeyView<'a> {
    pub fn new(key: &'a ApiKey, secret: String) -> Self {
        Self { api_key: key.into(), secret }
    }
}
