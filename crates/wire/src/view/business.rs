//! Businesses, their members and their keys in JSON.

use app::businesses::api_keys::ApiKey;
use app::businesses::members::{Invited, Member};
use domain::ids::{ApiKeyId, BusinessId, InvitationId, PersonId};
use domain::permission::{MemberRole, Scope};
use domain::time::Instant;

use crate::shape::view;

view! {
    pub struct BusinessView<'a> as "Business" {
        id: BusinessId,
        name: &'a str,
        created_at: Instant,
    }
}

impl<'a> From<&'a app::businesses::Business> for BusinessView<'a> {
    fn from(business: &'a app::businesses::Business) -> Self {
        Self { id: business.id, name: &business.name, created_at: business.created_at }
    }
}

view! {
    pub struct BusinessesView<'a> as "Businesses" {
        businesses: Vec<OwnBusinessView<'a>>,
    }

    pub struct OwnBusinessView<'a> as "OwnBusiness" {
        id: BusinessId,
        name: &'a str,
        role: &'static str as MemberRole,
        created_at: Instant,
    }
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

view! {
    pub struct MembersView<'a> as "Members" {
        members: Vec<MemberView<'a>>,
        invitations: Vec<InvitedView<'a>>,
    }

    pub struct MemberView<'a> as "Member" {
        person_id: PersonId,
        name: Option<&'a str>,
        email: Option<&'a str>,
        role: &'static str as MemberRole,
        since: Instant,
    }

    pub struct InvitedView<'a> as "Invitation" {
        id: InvitationId,
        email: Option<&'a str>,
        role: &'static str as MemberRole,
        created_at: Instant,
        expires_at: Instant,
    }
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

view! {
    /// The business that the caller now belongs to.
    pub struct JoinedView as "Joined" {
        business_id: BusinessId,
    }

    pub struct ApiKeysView<'a> as "ApiKeys" {
        api_keys: Vec<ApiKeyView<'a>>,
    }

    pub struct ApiKeyView<'a> as "ApiKey" {
        id: ApiKeyId,
        name: &'a str,
        /// The first characters of the key.
        prefix: &'a str,
        scopes: Vec<&'static str>,
        created_by: PersonId,
        created_at: Instant,
        expires_at: Option<Instant>,
    }
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

view! {
    /// A key with its secret, which is shown only in this answer.
    pub struct NewApiKeyView<'a> as "NewApiKey" {
        api_key: ApiKeyView<'a>,
        /// Sent as `Authorization: Bearer hfk_…`. It cannot be shown again.
        secret: String,
    }
}

impl<'a> NewApiKeyView<'a> {
    pub fn new(key: &'a ApiKey, secret: String) -> Self {
        Self { api_key: key.into(), secret }
    }
}
