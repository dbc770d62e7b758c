//! Authentication of the caller before a handler runs, so that no handler can omit it.

use std::sync::Arc;

use app::App;
use app::credentials::{self, NotAuthenticated};
use app::identity::Client;
use axum::extract::FromRequestParts;
use axum::http::header::{AUTHORIZATION, USER_AGENT};
use axum::http::request::Parts;
use domain::actor::Actor;

use crate::client::ClientAddress;
use crate::middleware::quotas::{charge_caller, charge_stranger};
use crate::middleware::{Known, log};
use wire::problem::Problem;

/// The authenticated caller.
pub struct Caller(pub Actor);

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        authenticated(parts, app).await.map(|caller| Self(caller.actor))
    }
}

/// The authenticated caller and how they authenticated, for requests about sessions.
pub struct Authenticated(pub credentials::Authenticated);

impl FromRequestParts<Arc<App>> for Authenticated {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        authenticated(parts, app).await.map(Self)
    }
}

async fn authenticated(parts: &Parts, app: &App) -> Result<credentials::Authenticated, Problem> {
    let header = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let bearer =
        header.and_then(|value| value.strip_prefix("Bearer ").or_else(|| value.strip_prefix("bearer ")));
    let known = Known::of(parts);
    let Some(bearer) = bearer.map(str::trim).filter(|bearer| !bearer.is_empty()) else {
        charge_stranger(known)?;
        return Err(Problem::unauthorized());
    };
    match credentials::authenticate(app, bearer).await {
        Ok(caller) => {
            log::record_caller(caller.actor);
            charge_caller(known, caller.method.whose(), &parts.method, parts.uri.path())?;
            Ok(caller)
        }
        Err(not) => {
            match not {
                NotAuthenticated::Nobody | NotAuthenticated::IssuerUnavailable { .. } => {
                    charge_stranger(known)?;
                }
                NotAuthenticated::Failed(_) => {}
            }
            Err(not.into())
        }
    }
}

/// The origin of a request that may be unauthenticated.
pub struct Origin(pub Client);

impl<S: Send + Sync> FromRequestParts<S> for Origin {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let ClientAddress(address) = ClientAddress::from_request_parts(parts, state).await?;
        let agent = parts.headers.get(USER_AGENT).and_then(|value| value.to_str().ok());
        Ok(Self(Client { address, user_agent: agent.map(str::to_owned), device_token: None }))
    }
}

impl Origin {
    /// With the token that identifies the device, if the client sent one.
    pub fn with(self, device_token: Option<String>) -> Client {
        Client { device_token, ..self.0 }
    }
}
