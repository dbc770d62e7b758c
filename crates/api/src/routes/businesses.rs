//! The endpoints of businesses, their members and their API keys.

use std::sync::Arc;

use app::App;
use app::businesses::{self, api_keys, members};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{self, MethodRouter};
use domain::ids::{ApiKeyId, BusinessId, InvitationId, PersonId};

use super::auth::private;
use super::{Body, Segment, json, path_id};
use crate::caller::Authenticated;
use crate::form;
use crate::form::{auth, business};
use crate::problem::Problem;
use crate::view::auth::Done;
use crate::view::business::{
    ApiKeysView, BusinessView, BusinessesView, InvitedView, JoinedView, MembersView, NewApiKeyView,
};

type Shared = State<Arc<App>>;
/// What can be done with one member.
pub fn member() -> MethodRouter<Arc<App>> {
    routing::patch(change_role).delete(remove)
}

/// What can be done with the keys of a business.
pub fn keys() -> MethodRouter<Arc<App>> {
    routing::post(create_api_key).get(list_api_keys)
}

type Two = Result<Path<(String, String)>, axum::extract::rejection::PathRejection>;

pub async fn create(
    State(app): Shared,
    Authenticated(caller): Authenticated,
    Body(body): Body,
) -> Result<Response, Problem> {
    let name = form::read(&body, business::name)?;
    let made = businesses::create(&app, caller, name).await?;
    Ok(json(StatusCode::CREATED, &BusinessView::from(&made)))
}

pub async fn own(State(app): Shared, Authenticated(caller): Authenticated) -> Result<Response, Problem> {
    let found = businesses::own(&app, caller).await?;
    Ok(json(StatusCode::OK, &BusinessesView::from(found.as_slice())))
}

pub async fn by_id(
    State(app): Shared,
    Authenticated(caller): Authenticated,
    Segment(id): Segment,
) -> Result<Response, Problem> {
    let found = businesses::read(&app, caller, path_id(&id)?).await?;
    Ok(json(StatusCode::OK, &BusinessView::from(&found)))
}

pub async fn list_members(
    State(app): Shared,
    Authenticated(caller): Authenticated,
    Segment(id): Segment,
) -> Result<Response, Problem> {
    let (found, invited) = members::list(&app, caller, path_id(&id)?).await?;
    Ok(private(json(StatusCode::OK, &MembersView::new(&found, &invited))))
}

pub async fn invite(
    State(app): Shared,
    Authenticated(caller): Authenticated,
    Segment(id): Segment,
    Body(body): Body,
) -> Result<Response, Problem> {
    let id: BusinessId = path_id(&id)?;
    let (email, role) = form::read(&body, business::invitation)?;
    let invited = members::invite(&app, caller, id, email, role).await?;
    Ok(private(json(StatusCode::ACCEPTED, &InvitedView::from(&invited))))
}

pub async fn accept(
    State(app): Shared,
    Authenticated(caller): Authenticated,
    Body(body): Body,
) -> Result<Response, Problem> {
    let token = form::read(&body, auth::only_token)?;
    let business_id = members::accept(&app, caller, &token).await?;
    Ok(json(StatusCode::OK, &JoinedView { business_id }))
}

pub async fn withdraw(
    State(app): Shared,
    Authenticated(caller): Authenticated,
    two: Two,
) -> Result<Response, Problem> {
    let (id, invitation): (BusinessId, InvitationId) = both(two)?;
    members::withdraw(&app, caller, id, invitation).await?;
    Ok(done())
}

pub async fn change_role(
    State(app): Shared,
    Authenticated(caller): Authenticated,
    two: Two,
    Body(body): Body,
) -> Result<Response, Problem> {
    let (id, member): (BusinessId, PersonId) = both(two)?;
    let role = form::read(&body, business::role)?;
    members::change_role(&app, caller, id, member, role).await?;
    Ok(done())
}

pub async fn remove(
    State(app): Shared,
    Authenticated(caller): Authenticated,
    two: Two,
) -> Result<Response, Problem> {
    let (id, member): (BusinessId, PersonId) = both(two)?;
    members::remove(&app, caller, id, member).await?;
    Ok(done())
}

pub async fn list_api_keys(
    State(app): Shared,
    Authenticated(caller): Authenticated,
    Segment(id): Segment,
) -> Result<Response, Problem> {
    let found = api_keys::list(&app, caller, path_id(&id)?).await?;
    Ok(json(StatusCode::OK, &ApiKeysView::from(found.as_slice())))
}

pub async fn create_api_key(
    State(app): Shared,
    Authenticated(caller): Authenticated,
    Segment(id): Segment,
    Body(body): Body,
) -> Result<Response, Problem> {
    let id: BusinessId = path_id(&id)?;
    let asked = form::read(&body, business::api_key)?;
    let (key, secret) = api_keys::create(&app, caller, id, asked).await?;
    Ok(private(json(StatusCode::CREATED, &NewApiKeyView::new(&key, secret))))
}

pub async fn revoke_api_key(
    State(app): Shared,
    Authenticated(caller): Authenticated,
    two: Two,
) -> Result<Response, Problem> {
    let (id, key): (BusinessId, ApiKeyId) = both(two)?;
    api_keys::revoke(&app, caller, id, key).await?;
    Ok(done())
}

fn done() -> Response {
    json(StatusCode::OK, &Done { success: true })
}

/// Two ids in the path; each that is wrong is named.
fn both<A, B>(two: Two) -> Result<(A, B), Problem>
where
    A: std::str::FromStr<Err = domain::ids::NotAnId>,
    B: std::str::FromStr<Err = domain::ids::NotAnId>,
{
    let Path((first, second)) = two.map_err(|_| Problem::invalid_field("path:id", "must be UTF-8"))?;
    Ok((path_id(&first)?, path_id(&second)?))
}
