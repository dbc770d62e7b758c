//! Who calls: proved by the bearer token before a handler runs, so that no handler can forget it.

use std::sync::Arc;

use app::App;
use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use domain::actor::Actor;
use uuid::Uuid;

use crate::edges::Known;
use crate::edges::quotas::{charge_caller, charge_stranger};
use crate::problem::Problem;

/// The proven caller.
pub struct Caller(pub Actor);

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let header = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token =
            header.and_then(|value| value.strip_prefix("Bearer ").or_else(|| value.strip_prefix("bearer ")));
        let actor = token.and_then(|token| app.tokens.actor(token.trim(), app.clock.now()));
        let known = Known::of(parts);
        let Some(actor) = actor else {
            charge_stranger(known)?;
            return Err(Problem::unauthorized());
        };
        charge_caller(known, subject(actor), &parts.method, parts.uri.path())?;
        Ok(Self(actor))
    }
}

/// Whose quota a request is counted in.
fn subject(actor: Actor) -> Uuid {
    match actor {
        Actor::Guest(id) => id.0,
        Actor::Business(id) => id.0,
        Actor::Admin(id) => id,
        Actor::System => Uuid::nil(),
    }
}
