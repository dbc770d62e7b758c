//! The endpoints of people: signing in, sessions, passwords, one's own account.

use std::sync::Arc;

use app::App;
use app::identity::sessions::{self, SignedIn};
use app::identity::{codes, profile, recovery, registration, sign_in};
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use domain::ids::SessionId;

use super::{Body, Segment, json, path_id};
use crate::caller::{Authenticated, Origin};
use crate::form;
use crate::form::auth::{self, ActFor, WithDevice};
use crate::problem::Problem;
use crate::view::auth::{ActingView, CodeSent, Done, JwksView, ProfileView, SessionsView, SignedInView};

type Shared = State<Arc<App>>;

pub async fn send_otp(State(app): Shared, origin: Origin, Body(body): Body) -> Result<Response, Problem> {
    let WithDevice { asked, device_token } = form::read(&body, auth::send_otp)?;
    let sent = codes::send(&app, asked, &origin.with(device_token)).await?;
    let now = app.clock.now();
    Ok(private(json(StatusCode::OK, &CodeSent::new(&sent, now))))
}

pub async fn verify_otp(State(app): Shared, origin: Origin, Body(body): Body) -> Result<Response, Problem> {
    let WithDevice { asked, device_token } = form::read(&body, auth::verify_otp)?;
    let signed_in = codes::verify(&app, asked, &origin.with(device_token)).await?;
    Ok(shown(&app, &signed_in))
}

pub async fn login(State(app): Shared, origin: Origin, Body(body): Body) -> Result<Response, Problem> {
    let WithDevice { asked, device_token } = form::read(&body, auth::login)?;
    let signed_in = sign_in::sign_in(&app, asked, &origin.with(device_token)).await?;
    Ok(shown(&app, &signed_in))
}

pub async fn refresh(State(app): Shared, origin: Origin, Body(body): Body) -> Result<Response, Problem> {
    let token = form::read(&body, auth::refresh)?;
    let signed_in = sessions::refresh(&app, &token, &origin.0).await?;
    Ok(shown(&app, &signed_in))
}

pub async fn register(State(app): Shared, origin: Origin, Body(body): Body) -> Result<Response, Problem> {
    let asked = form::read(&body, auth::register)?;
    registration::register(&app, asked, &origin.0).await?;
    Ok(done(StatusCode::ACCEPTED))
}

pub async fn verify_email(State(app): Shared, Body(body): Body) -> Result<Response, Problem> {
    let token = form::read(&body, auth::only_token)?;
    registration::verify_email(&app, &token).await?;
    Ok(done(StatusCode::OK))
}

pub async fn resend_verification(
    State(app): Shared,
    origin: Origin,
    Body(body): Body,
) -> Result<Response, Problem> {
    let email = form::read(&body, auth::only_email)?;
    registration::resend(&app, email, &origin.0).await?;
    Ok(done(StatusCode::ACCEPTED))
}

pub async fn forgot_password(
    State(app): Shared,
    origin: Origin,
    Body(body): Body,
) -> Result<Response, Problem> {
    let email = form::read(&body, auth::only_email)?;
    recovery::forgot(&app, email, &origin.0).await?;
    Ok(done(StatusCode::ACCEPTED))
}

pub async fn reset_password(State(app): Shared, Body(body): Body) -> Result<Response, Problem> {
    let (token, password) = form::read(&body, auth::reset_password)?;
    recovery::reset(&app, &token, &password).await?;
    Ok(done(StatusCode::OK))
}

pub async fn change_password(
    State(app): Shared,
    Authenticated(caller): Authenticated,
    Body(body): Body,
) -> Result<Response, Problem> {
    let (current, new) = form::read(&body, auth::change_password)?;
    recovery::change(&app, caller, current.as_deref(), &new).await?;
    Ok(done(StatusCode::OK))
}

pub async fn logout(State(app): Shared, Authenticated(caller): Authenticated) -> Result<Response, Problem> {
    sessions::log_out(&app, caller).await?;
    Ok(done(StatusCode::OK))
}

pub async fn logout_all(
    State(app): Shared,
    Authenticated(caller): Authenticated,
) -> Result<Response, Problem> {
    sessions::log_out_everywhere(&app, caller).await?;
    Ok(done(StatusCode::OK))
}

pub async fn revoke_token(
    State(app): Shared,
    Authenticated(caller): Authenticated,
    Body(body): Body,
) -> Result<Response, Problem> {
    let token = form::read(&body, auth::only_token)?;
    sessions::revoke_token(&app, caller, &token).await?;
    Ok(done(StatusCode::OK))
}

pub async fn act_for(
    State(app): Shared,
    Authenticated(caller): Authenticated,
    Body(body): Body,
) -> Result<Response, Problem> {
    let ActFor(business) = form::read(&body, auth::act_for)?;
    let actor = sessions::act_for(&app, caller, business).await?;
    Ok(private(json(StatusCode::OK, &ActingView::of(actor))))
}

pub async fn me(State(app): Shared, Authenticated(caller): Authenticated) -> Result<Response, Problem> {
    let found = profile::read(&app, caller).await?;
    Ok(private(json(StatusCode::OK, &ProfileView::from(&found))))
}

pub async fn change_me(
    State(app): Shared,
    Authenticated(caller): Authenticated,
    origin: Origin,
    Body(body): Body,
) -> Result<Response, Problem> {
    let patch = form::read(&body, auth::profile)?;
    profile::change(&app, caller, patch, &origin.0).await?;
    let found = profile::read(&app, caller).await?;
    Ok(private(json(StatusCode::OK, &ProfileView::from(&found))))
}

pub async fn deactivate(
    State(app): Shared,
    Authenticated(caller): Authenticated,
) -> Result<Response, Problem> {
    profile::deactivate(&app, caller).await?;
    Ok(done(StatusCode::OK))
}

pub async fn list_sessions(
    State(app): Shared,
    Authenticated(caller): Authenticated,
) -> Result<Response, Problem> {
    let found = sessions::list(&app, caller).await?;
    Ok(private(json(StatusCode::OK, &SessionsView::from(found.as_slice()))))
}

pub async fn revoke_session(
    State(app): Shared,
    Authenticated(caller): Authenticated,
    Segment(id): Segment,
) -> Result<Response, Problem> {
    let id: SessionId = path_id(&id)?;
    sessions::revoke(&app, caller, id).await?;
    Ok(done(StatusCode::OK))
}

/// The public halves of the keys that sign tokens (RFC 7517), for whoever checks them without asking.
pub async fn jwks(State(app): Shared) -> Response {
    let mut response = json(StatusCode::OK, &JwksView::from(app.tokens.public_keys()));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    response
}

fn shown(app: &App, signed_in: &SignedIn) -> Response {
    private(json(StatusCode::OK, &SignedInView::new(signed_in, app.clock.now())))
}

fn done(status: StatusCode) -> Response {
    private(json(status, &Done { success: true }))
}

/// Nobody between us and the caller keeps a copy.
pub(super) fn private(response: Response) -> Response {
    ([(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))], response).into_response()
}
