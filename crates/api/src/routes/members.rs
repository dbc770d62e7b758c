//! The members of a business, and invitations to it.

use std::sync::Arc;

use app::App;
use app::businesses::members;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::ids::{BusinessId, InvitationId, PersonId};
use domain::permission::Permission;
use wire::problem::Problem;
use wire::problem::kinds;
use wire::requests::auth::TokenOnly;
use wire::requests::business::{NewInvitation, RoleChange};
use wire::view::auth::Done;
use wire::view::business::{InvitedView, JoinedView, MembersView};

use super::businesses::business;
use super::extract::{Id, Ids, Sent, done, json, private};
use crate::caller::Authenticated;
use crate::route::{READ, Route, WRITE};

type Shared = State<Arc<App>>;

pub fn all() -> Vec<Route> {
    vec![
        business(Route::get("/api/v1/businesses/{id}/members", list))
            .named("listMembers", "Businesses", "List members and invitations")
            .permission(Permission::ReadMembers)
            .gives::<MembersView>(200, "The members and the open invitations.")
            .refuses(READ),
        business(Route::post("/api/v1/businesses/{id}/members", invite))
            .named("inviteMember", "Businesses", "Invite a member")
            .says("The answer is the same whether the address has an account or not.")
            .permission(Permission::ChangeMembers)
            .takes::<NewInvitation>()
            .gives::<InvitedView>(202, "The invitation. Its email is sent in the background.")
            .refuses(&[kinds::TOO_MANY])
            .refuses(WRITE),
        business(Route::patch("/api/v1/businesses/{id}/members/{person_id}", change_role))
            .named("changeRole", "Businesses", "Change a member's role")
            .permission(Permission::ChangeMembers)
            .id::<PersonId>("person_id", "The member's id.")
            .takes::<RoleChange>()
            .gives::<Done>(200, "The role is changed.")
            .refuses(&[kinds::LAST_OWNER])
            .refuses(WRITE),
        business(Route::delete("/api/v1/businesses/{id}/members/{person_id}", remove))
            .named("removeMember", "Businesses", "Remove a member")
            .says("Any member may leave, except the last owner.")
            .permission(Permission::ChangeMembers)
            .id::<PersonId>("person_id", "The member's id.")
            .gives::<Done>(200, "The person is no longer a member.")
            .refuses(&[kinds::LAST_OWNER])
            .refuses(WRITE),
        business(Route::delete("/api/v1/businesses/{id}/invitations/{invitation_id}", withdraw))
            .named("withdrawInvitation", "Businesses", "Withdraw an invitation")
            .permission(Permission::ChangeMembers)
            .id::<InvitationId>("invitation_id", "The invitation's id.")
            .gives::<Done>(200, "The invitation is withdrawn.")
            .refuses(WRITE),
        Route::post("/api/v1/invitations/accept", accept)
            .named("acceptInvitation", "Businesses", "Accept an invitation")
            .permission(Permission::UseOwnAccount)
            .takes::<TokenOnly>()
            .gives::<JoinedView>(200, "The business that the caller now belongs to.")
            .refuses(&[kinds::WRONG_TOKEN])
            .refuses(WRITE),
    ]
}

async fn list(
    State(app): Shared,
    Authenticated(caller): Authenticated,
    Id(id): Id<BusinessId>,
) -> Result<Response, Problem> {
    let (found, invited) = members::list(&app, caller, id).await?;
    Ok(private(json(StatusCode::OK, &MembersView::new(&found, &invited))))
}

async fn invite(
    State(app): Shared,
    Authenticated(caller): Authenticated,
    Id(id): Id<BusinessId>,
    Sent(asked): Sent<NewInvitation>,
) -> Result<Response, Problem> {
    let invited = members::invite(&app, caller, id, asked.email, asked.role).await?;
    Ok(private(json(StatusCode::ACCEPTED, &InvitedView::from(&invited))))
}

async fn accept(
    State(app): Shared,
    Authenticated(caller): Authenticated,
    Sent(asked): Sent<TokenOnly>,
) -> Result<Response, Problem> {
    let business_id = members::accept(&app, caller, &asked.token).await?;
    Ok(json(StatusCode::OK, &JoinedView { business_id }))
}

async fn withdraw(
    State(app): Shared,
    Authenticated(caller): Authenticated,
    Ids(id, invitation): Ids<BusinessId, InvitationId>,
) -> Result<Response, Problem> {
    members::withdraw(&app, caller, id, invitation).await?;
    Ok(done(StatusCode::OK))
}

async fn change_role(
    State(app): Shared,
    Authenticated(caller): Authenticated,
    Ids(id, member): Ids<BusinessId, PersonId>,
    Sent(asked): Sent<RoleChange>,
) -> Result<Response, Problem> {
    members::change_role(&app, caller, id, member, asked.role).await?;
    Ok(done(StatusCode::OK))
}

async fn remove(
    State(app): Shared,
    Authenticated(caller): Authenticated,
    Ids(id, member): Ids<BusinessId, PersonId>,
) -> Result<Response, Problem> {
    members::remove(&app, caller, id, member).await?;
    Ok(done(StatusCode::OK))
}
