//! The caller's own account and sessions.

use std::sync::Arc;

use app::App;
use app::identity::{profile, recovery, sessions};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::ids::SessionId;
use domain::permission::Permission;
use wire::problem::Problem;
use wire::problem::kinds;
use wire::requests::auth::{ActFor, PasswordChange, ProfileChange, TokenOnly};
use wire::view::auth::{ActingView, Done, ProfileView, SessionsView};

use super::extract::{Id, Sent, done, json, private};
use crate::caller::{Authenticated, Origin};
use crate::route::{READ, Route, WRITE};

type Shared = State<Arc<App>>;

pub fn all() -> Vec<Route> {
    vec![
        own(Route::get("/api/v1/auth/me", me), "getMe", "Read your account")
            .gives::<ProfileView>(200, "The account.")
            .refuses(READ),
        own(Route::patch("/api/v1/auth/me", change_me), "changeMe", "Change your account")
            .says("A new address takes effect after it is confirmed with the email sent to it.")
            .takes::<ProfileChange>()
            .gives::<ProfileView>(200, "The account after the change.")
            .refuses(&[kinds::TOO_OFTEN])
            .refuses(WRITE),
        own(
            Route::post("/api/v1/auth/password/change", change_password),
            "changePassword",
            "Change your password",
        )
        .says("All other sessions are ended.")
        .takes::<PasswordChange>()
        .gives::<Done>(200, "The password is changed.")
        .refuses(&[kinds::SIGN_IN_AGAIN, kinds::TOO_OFTEN])
        .refuses(WRITE),
        own(Route::post("/api/v1/auth/logout", logout), "logout", "End the current session")
            .gives::<Done>(200, "The session has ended.")
            .refuses(WRITE),
        own(Route::post("/api/v1/auth/logout-all", logout_all), "logoutAll", "End all your sessions")
            .gives::<Done>(200, "The sessions have ended.")
            .refuses(WRITE),
        own(Route::post("/api/v1/auth/revoke", revoke_token), "revokeToken", "Revoke an access token")
            .says("Its session continues. Revoking an invalid token succeeds.")
            .takes::<TokenOnly>()
            .gives::<Done>(200, "The token is revoked.")
            .refuses(WRITE),
        own(Route::post("/api/v1/auth/act-for", act_for), "actFor", "Choose whom the session acts for")
            .takes::<ActFor>()
            .gives::<ActingView>(200, "What the session acts as now.")
            .refuses(&[kinds::NOT_FOUND])
            .refuses(WRITE),
        own(Route::get("/api/v1/auth/sessions", list_sessions), "listSessions", "List your sessions")
            .gives::<SessionsView>(200, "The current sessions, newest first.")
            .refuses(READ),
        own(
            Route::delete("/api/v1/auth/sessions/{id}", revoke_session),
            "revokeSession",
            "End one of your sessions",
        )
        .id::<SessionId>("id", "The session's id.")
        .gives::<Done>(200, "The session has ended.")
        .refuses(&[kinds::NOT_FOUND])
        .refuses(WRITE),
        own(Route::post("/api/v1/auth/deactivate", deactivate), "deactivate", "Close your account")
            .says("All sessions are ended and the account can no longer be used. Bookings are kept.")
            .gives::<Done>(200, "The account is closed.")
            .refuses(&[kinds::LAST_OWNER])
            .refuses(WRITE),
    ]
}

fn own(route: Route, id: &'static str, summary: &'static str) -> Route {
    route.named(id, "People", summary).permission(Permission::UseOwnAccount)
}

async fn change_password(
    State(app): Shared,
    Authenticated(caller): Authenticated,
    Sent(asked): Sent<PasswordChange>,
) -> Result<Response, Problem> {
    let current = asked.current_password.as_deref();
    recovery::change(&app, caller, current, asked.new_password.as_str()).await?;
    Ok(done(StatusCode::OK))
}

async fn logout(State(app): Shared, Authenticated(caller): Authenticated) -> Result<Response, Problem> {
    sessions::log_out(&app, caller).await?;
    Ok(done(StatusCode::OK))
}

async fn logout_all(State(app): Shared, Authenticated(caller): Authenticated) -> Result<Response, Problem> {
    sessions::log_out_everywhere(&app, caller).await?;
    Ok(done(StatusCode::OK))
}

async fn revoke_token(
    State(app): Shared,
    Authenticated(caller): Authenticated,
    Sent(asked): Sent<TokenOnly>,
) -> Result<Response, Problem> {
    sessions::revoke_token(&app, caller, &asked.token).await?;
    Ok(done(StatusCode::OK))
}

async fn act_for(
    State(app): Shared,
    Authenticated(caller): Authenticated,
    Sent(asked): Sent<ActFor>,
) -> Result<Response, Problem> {
    let actor = sessions::act_for(&app, caller, asked.business_id).await?;
    Ok(private(json(StatusCode::OK, &ActingView::of(actor))))
}

async fn me(State(app): Shared, Authenticated(caller): Authenticated) -> Result<Response, Problem> {
    let found = profile::read(&app, caller).await?;
    Ok(private(json(StatusCode::OK, &ProfileView::from(&found))))
}

async fn change_me(
    State(app): Shared,
    Authenticated(caller): Authenticated,
    origin: Origin,
    Sent(asked): Sent<ProfileChange>,
) -> Result<Response, Problem> {
    profile::change(&app, caller, asked.into(), &origin.0).await?;
    let found = profile::read(&app, caller).await?;
    Ok(private(json(StatusCode::OK, &ProfileView::from(&found))))
}

async fn deactivate(State(app): Shared, Authenticated(caller): Authenticated) -> Result<Response, Problem> {
    profile::deactivate(&app, caller).await?;
    Ok(done(StatusCode::OK))
}

async fn list_sessions(
    State(app): Shared,
    Authenticated(caller): Authenticated,
) -> Result<Response, Problem> {
    let found = sessions::list(&app, caller).await?;
    Ok(private(json(StatusCode::OK, &SessionsView::from(found.as_slice()))))
}

async fn revoke_session(
    State(app): Shared,
    Authenticated(caller): Authenticated,
    Id(id): Id<SessionId>,
) -> Result<Response, Problem> {
    sessions::revoke(&app, caller, id).await?;
    Ok(done(StatusCode::OK))
}
