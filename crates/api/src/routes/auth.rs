//! Signing in, registering, recovering an account.

use std::sync::Arc;

use app::App;
use app::identity::sessions::{self, SignedIn};
use app::identity::{codes, recovery, registration, sign_in};
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use wire::problem::Problem;
use wire::problem::kinds;
use wire::requests::auth::{
    CodeProof, CodeRequest, EmailOnly, Login, PasswordReset, RefreshRequest, Registration, TokenOnly,
};
use wire::view::auth::{CodeSent, Done, JwksView, SignedInView};

use super::extract::{Sent, done, json, private};
use crate::caller::Origin;
use crate::route::{Route, WRITE};

type Shared = State<Arc<App>>;

pub fn all() -> Vec<Route> {
    vec![
        limited(Route::post("/api/v1/auth/send-otp", send_otp))
            .named("sendCode", "People", "Send a one-time code")
            .says("The answer is the same whether the number has an account or not. The SMS is sent in the background.")
            .takes::<CodeRequest>()
            .gives::<CodeSent>(200, "The code will be sent."),
        limited(Route::post("/api/v1/auth/verify-otp", verify_otp))
            .named("verifyCode", "People", "Sign in with a one-time code")
            .says("The first sign-in with a number creates an account. A code becomes invalid after five wrong \
                   attempts.")
            .takes::<CodeProof>()
            .gives::<SignedInView>(200, "The new session.")
            .refuses(&[kinds::WRONG_CODE]),
        limited(Route::post("/api/v1/auth/login", login))
            .named("login", "People", "Sign in with a password")
            .takes::<Login>()
            .gives::<SignedInView>(200, "The new session.")
            .refuses(&[kinds::WRONG_CREDENTIALS]),
        limited(Route::post("/api/v1/auth/refresh", refresh))
            .named("refresh", "People", "Refresh the tokens")
            .says("A refresh token works once. If it is used twice, its session ends.")
            .takes::<RefreshRequest>()
            .gives::<SignedInView>(200, "The same session with new tokens.")
            .refuses(&[kinds::SESSION_ENDED]),
        limited(Route::post("/api/v1/auth/register", register))
            .named("register", "People", "Register with an email address")
            .says("The answer is the same whether the address has an account or not. The email says which.")
            .takes::<Registration>()
            .gives::<Done>(202, "An email will be sent."),
        limited(Route::post("/api/v1/auth/verify-email", verify_email))
            .named("verifyEmail", "People", "Confirm an email address")
            .takes::<TokenOnly>()
            .gives::<Done>(200, "The account now has the address.")
            .refuses(&[kinds::WRONG_TOKEN]),
        limited(Route::post("/api/v1/auth/resend-verification", resend_verification))
            .named("resendVerification", "People", "Send the confirmation again")
            .takes::<EmailOnly>()
            .gives::<Done>(202, "If a confirmation is due, another email will be sent."),
        limited(Route::post("/api/v1/auth/password/forgot", forgot_password))
            .named("forgotPassword", "People", "Request a password reset")
            .says("The answer is the same whether the address has an account or not.")
            .takes::<EmailOnly>()
            .gives::<Done>(202, "If the address has an account, an email will be sent."),
        limited(Route::post("/api/v1/auth/password/reset", reset_password))
            .named("resetPassword", "People", "Reset the password")
            .says("All sessions are ended.")
            .takes::<PasswordReset>()
            .gives::<Done>(200, "The password is changed.")
            .refuses(&[kinds::WRONG_TOKEN]),
        Route::get("/.well-known/jwks.json", jwks)
            .named("getKeys", "People", "List the public keys for verifying tokens")
            .gives::<JwksView>(200, "The keys. There are none if tokens are signed with HS256."),
    ]
}

/// Needs no token, so the number of attempts is limited.
fn limited(route: Route) -> Route {
    route.refuses(WRITE).refuses(&[kinds::TOO_OFTEN])
}

async fn send_otp(
    State(app): Shared,
    origin: Origin,
    Sent(asked): Sent<CodeRequest>,
) -> Result<Response, Problem> {
    let sent = codes::send(&app, asked.mobile, &origin.with(asked.device_token)).await?;
    Ok(private(json(StatusCode::OK, &CodeSent::new(&sent, app.clock.now()))))
}

async fn verify_otp(
    State(app): Shared,
    origin: Origin,
    Sent(asked): Sent<CodeProof>,
) -> Result<Response, Problem> {
    let (proof, device_token) = asked.into_parts();
    let signed_in = codes::verify(&app, proof, &origin.with(device_token)).await?;
    Ok(shown(&app, &signed_in))
}

async fn login(State(app): Shared, origin: Origin, Sent(asked): Sent<Login>) -> Result<Response, Problem> {
    let (credentials, device_token) = asked.into_parts();
    let signed_in = sign_in::sign_in(&app, credentials, &origin.with(device_token)).await?;
    Ok(shown(&app, &signed_in))
}

async fn refresh(
    State(app): Shared,
    origin: Origin,
    Sent(asked): Sent<RefreshRequest>,
) -> Result<Response, Problem> {
    let signed_in = sessions::refresh(&app, &asked.refresh_token, &origin.0).await?;
    Ok(shown(&app, &signed_in))
}

async fn register(
    State(app): Shared,
    origin: Origin,
    Sent(asked): Sent<Registration>,
) -> Result<Response, Problem> {
    registration::register(&app, asked.into(), &origin.0).await?;
    Ok(done(StatusCode::ACCEPTED))
}

async fn verify_email(State(app): Shared, Sent(asked): Sent<TokenOnly>) -> Result<Response, Problem> {
    registration::verify_email(&app, &asked.token).await?;
    Ok(done(StatusCode::OK))
}

async fn resend_verification(
    State(app): Shared,
    origin: Origin,
    Sent(asked): Sent<EmailOnly>,
) -> Result<Response, Problem> {
    registration::resend(&app, asked.email, &origin.0).await?;
    Ok(done(StatusCode::ACCEPTED))
}

async fn forgot_password(
    State(app): Shared,
    origin: Origin,
    Sent(asked): Sent<EmailOnly>,
) -> Result<Response, Problem> {
    recovery::forgot(&app, asked.email, &origin.0).await?;
    Ok(done(StatusCode::ACCEPTED))
}

async fn reset_password(State(app): Shared, Sent(asked): Sent<PasswordReset>) -> Result<Response, Problem> {
    recovery::reset(&app, &asked.token, &asked.password).await?;
    Ok(done(StatusCode::OK))
}

/// The public keys for verifying tokens (RFC 7517).
async fn jwks(State(app): Shared) -> Response {
    let mut response = json(StatusCode::OK, &JwksView::from(app.tokens.public_keys()));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    response
}

fn shown(app: &App, signed_in: &SignedIn) -> Response {
    private(json(StatusCode::OK, &SignedInView::new(signed_in, app.clock.now())))
}
