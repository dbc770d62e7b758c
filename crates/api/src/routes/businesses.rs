//! Businesses and their API keys.

use std::sync::Arc;

use app::App;
use app::businesses::{self, api_keys};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::ids::{ApiKeyId, BusinessId};
use domain::permission::Permission;
use wire::problem::Problem;
use wire::problem::kinds;
use wire::requests::business::{ApiKeyRequest, NewBusiness};
use wire::view::auth::Done;
use wire::view::business::{ApiKeysView, BusinessView, BusinessesView, NewApiKeyView};

use super::extract::{Id, Ids, Sent, done, json, private};
use crate::caller::Authenticated;
use crate::route::{READ, Route, WRITE};

type Shared = State<Arc<App>>;

pub fn all() -> Vec<Route> {
    vec![
        Route::post("/api/v1/businesses", create)
            .named("createBusiness", "Businesses", "Create a business")
            .says("The caller becomes its owner, and the session acts for it.")
            .permission(Permission::CreateBusiness)
            .takes::<NewBusiness>()
            .gives::<BusinessView>(201, "The business.")
            .refuses(WRITE),
        Route::get("/api/v1/businesses", own)
            .named("listBusinesses", "Businesses", "List the caller's businesses")
            .permission(Permission::UseOwnAccount)
            .gives::<BusinessesView>(200, "All businesses that the caller belongs to.")
            .refuses(READ),
        business(Route::get("/api/v1/businesses/{id}", by_id))
            .named("getBusiness", "Businesses", "Retrieve a business")
            .permission(Permission::ReadBusiness)
            .gives::<BusinessView>(200, "The business.")
            .refuses(READ),
        business(Route::get("/api/v1/businesses/{id}/api-keys", list_api_keys))
            .named("listApiKeys", "Businesses", "List API keys")
            .permission(Permission::ReadApiKeys)
            .gives::<ApiKeysView>(200, "The keys that are not revoked.")
            .refuses(READ),
        business(Route::post("/api/v1/businesses/{id}/api-keys", create_api_key))
            .named("createApiKey", "Businesses", "Create an API key")
            .says("The secret is shown only in this answer. Send it as a bearer token.")
            .permission(Permission::ChangeApiKeys)
            .takes::<ApiKeyRequest>()
            .gives::<NewApiKeyView>(201, "The key and its secret.")
            .refuses(&[kinds::TOO_MANY])
            .refuses(WRITE),
        business(Route::delete("/api/v1/businesses/{id}/api-keys/{key_id}", revoke_api_key))
            .named("revokeApiKey", "Businesses", "Revoke an API key")
            .permission(Permission::ChangeApiKeys)
            .id::<ApiKeyId>("key_id", "The key's id.")
            .gives::<Done>(200, "The key is revoked.")
            .refuses(WRITE),
    ]
}

/// What is said of a route below one business.
pub fn business(route: Route) -> Route {
    route.id::<BusinessId>("id", "The business's id.").refuses(&[kinds::NOT_FOUND])
}

async fn create(
    State(app): Shared,
    Authenticated(caller): Authenticated,
    Sent(asked): Sent<NewBusiness>,
) -> Result<Response, Problem> {
    let made = businesses::create(&app, caller, asked.name).await?;
    Ok(json(StatusCode::CREATED, &BusinessView::from(&made)))
}

async fn own(State(app): Shared, Authenticated(caller): Authenticated) -> Result<Response, Problem> {
    let found = businesses::own(&app, caller).await?;
    Ok(json(StatusCode::OK, &BusinessesView::from(found.as_slice())))
}

async fn by_id(
    State(app): Shared,
    Authenticated(caller): Authenticated,
    Id(id): Id<BusinessId>,
) -> Result<Response, Problem> {
    let found = businesses::read(&app, caller, id).await?;
    Ok(json(StatusCode::OK, &BusinessView::from(&found)))
}

async fn list_api_keys(
    State(app): Shared,
    Authenticated(caller): Authenticated,
    Id(id): Id<BusinessId>,
) -> Result<Response, Problem> {
    let found = api_keys::list(&app, caller, id).await?;
    Ok(json(StatusCode::OK, &ApiKeysView::from(found.as_slice())))
}

async fn create_api_key(
    State(app): Shared,
    Authenticated(caller): Authenticated,
    Id(id): Id<BusinessId>,
    Sent(asked): Sent<ApiKeyRequest>,
) -> Result<Response, Problem> {
    let (key, secret) = api_keys::create(&app, caller, id, asked.into()).await?;
    Ok(private(json(StatusCode::CREATED, &NewApiKeyView::new(&key, secret))))
}

async fn revoke_api_key(
    State(app): Shared,
    Authenticated(caller): Authenticated,
    Ids(id, key): Ids<BusinessId, ApiKeyId>,
) -> Result<Response, Problem> {
    api_keys::revoke(&app, caller, id, key).await?;
    Ok(done(StatusCode::OK))
}
