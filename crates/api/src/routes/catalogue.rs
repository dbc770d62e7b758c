//! The endpoints of venues, and of whole catalogues.

use std::sync::Arc;

use app::App;
use app::catalogue::{drafts, venues};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::actor::Actor;
use domain::catalogue::Selector;
use domain::ids::VenueId;
use domain::permission::Permission;
use wire::kind::read_selector;
use wire::problem::{Problem, kinds};
use wire::read::read_optional;
use wire::requests::catalogue::{VenueChange, VenueList, Withdrawal};

use super::examples;
use super::extract::{Asked, Body, Segment, Versioned, json, tagged};
use crate::caller::Caller;
use crate::form;
use crate::route::{Route, WRITE};
use crate::view::answers::{Added, Venues};
use crate::view::catalogue::VenueView;

pub type Shared = State<Arc<App>>;

/// Bytes of a request that adds a whole catalogue.
pub const CATALOGUE_BYTES_MAX: usize = 16 * 1024 * 1024;

pub fn all() -> Vec<Route> {
    vec![
        change(Route::post("/api/v1/catalogue", add_all), Permission::AddVenue)
            .named("addCatalogue", "Catalogue", "Add venues with their pools and offerings")
            .body_bytes_max(CATALOGUE_BYTES_MAX)
            .takes_named("NewCatalogue", examples::catalogues)
            .gives_named(201, "Added", "What was added.")
            .refuses(&[kinds::CODE_TAKEN]),
        read(Route::get("/api/v1/venues", list))
            .named("listVenues", "Catalogue", "List venues")
            .says("In the order in which they were added.")
            .query::<VenueList>()
            .gives_named(200, "Venues", "A page of venues."),
        change(Route::post("/api/v1/venues", add), Permission::AddVenue)
            .named("addVenue", "Catalogue", "Add a venue")
            .body_bytes_max(CATALOGUE_BYTES_MAX)
            .takes_named("NewVenue", examples::venues)
            .gives_named(201, "Venue", "The venue.")
            .refuses(&[kinds::CODE_TAKEN]),
        venue(read(Route::get("/api/v1/venues/{id}", by_id)))
            .named("getVenue", "Catalogue", "Retrieve a venue")
            .says("The header ETag contains the version.")
            .gives_named(200, "Venue", "The venue.")
            .refuses(&[kinds::NOT_FOUND]),
        venue(edit(Route::patch("/api/v1/venues/{id}", edit_venue)))
            .named("changeVenue", "Catalogue", "Change a venue")
            .takes::<VenueChange>()
            .gives_named(200, "Venue", "The venue after the change.")
            .refuses(&[kinds::CODE_TAKEN, kinds::IN_USE]),
        venue(withdraw(Route::post("/api/v1/venues/{id}/withdraw", withdraw_venue)))
            .named("withdrawVenue", "Catalogue", "Withdraw a venue")
            .gives_named(200, "Venue", "The venue, withdrawn."),
    ]
}

pub fn venue(route: Route) -> Route {
    route.segment("id", "The venue's id or code.", "bistro")
}

pub fn read(route: Route) -> Route {
    route.permission(Permission::ReadCatalogue)
}

pub fn change(route: Route, permission: Permission) -> Route {
    route.permission(permission).refuses(WRITE)
}

/// A change at the version that the caller has read.
pub fn edit(route: Route) -> Route {
    change(route, Permission::ChangeCatalogue)
        .says("Send the version you have read in `expected_version` or in the header If-Match.")
        .if_match()
        .refuses(&[kinds::NOT_FOUND, kinds::VERSION_CONFLICT, kinds::WITHDRAWN])
}

/// Withdrawing instead of deleting.
pub fn withdraw(route: Route) -> Route {
    change(route, Permission::ChangeCatalogue)
        .says("For good. Nothing more is sold; existing bookings stay as they are.")
        .may_take::<Withdrawal>()
        .refuses(&[kinds::NOT_FOUND, kinds::VERSION_CONFLICT, kinds::WITHDRAWN])
}

async fn add_all(State(app): Shared, Caller(actor): Caller, Body(body): Body) -> Result<Response, Problem> {
    Ok(json(StatusCode::CREATED, &add_json(&app, actor, &body).await?))
}

/// Adds a catalogue given as JSON, like `POST /api/v1/catalogue`. The error lists what is wrong with it.
pub async fn add_catalogue(app: &App, actor: Actor, json: &'static str) -> Result<usize, String> {
    let added = add_json(app, actor, &Bytes::from_static(json.as_bytes())).await;
    added.map(|added| added.venues).map_err(|problem| problem.to_string())
}

async fn add_json(app: &App, actor: Actor, body: &Bytes) -> Result<Added, Problem> {
    let asked = form::read(body, form::catalogue::venues)?;
    Ok(drafts::add_all(app, actor, asked).await?.into())
}

async fn add(State(app): Shared, Caller(actor): Caller, Body(body): Body) -> Result<Response, Problem> {
    let draft = form::read(&body, form::catalogue::venue)?;
    let venue = venues::add(&app, actor, draft).await?;
    Ok(json(StatusCode::CREATED, &VenueView::from(venue.as_ref())))
}

async fn list(
    State(app): Shared,
    Caller(actor): Caller,
    Asked(asked): Asked<VenueList>,
) -> Result<Response, Problem> {
    let page = venues::list(&app, actor, asked.into())?;
    let venues = page.items.iter().map(|venue| VenueView::from(venue.as_ref())).collect();
    Ok(json(StatusCode::OK, &Venues { venues, next_cursor: page.next.map(|id| id.to_string()) }))
}

async fn by_id(State(app): Shared, Caller(actor): Caller, Segment(id): Segment) -> Result<Response, Problem> {
    let venue = venues::read(&app, actor, &named(&id))?;
    Ok(tagged(venue.version, &VenueView::from(venue.as_ref())))
}

async fn edit_venue(
    State(app): Shared,
    Caller(actor): Caller,
    Segment(id): Segment,
    Versioned(version, asked): Versioned<VenueChange>,
) -> Result<Response, Problem> {
    let venue = venues::edit(&app, actor, &named(&id), version, asked.into()).await?;
    Ok(tagged(venue.version, &VenueView::from(venue.as_ref())))
}

async fn withdraw_venue(
    State(app): Shared,
    Caller(actor): Caller,
    Segment(id): Segment,
    Body(body): Body,
) -> Result<Response, Problem> {
    let asked = read_optional::<Withdrawal>(&body)?;
    let venue = venues::withdraw(&app, actor, &named(&id), asked.expected_version).await?;
    Ok(tagged(venue.version, &VenueView::from(venue.as_ref())))
}

pub fn named(id: &str) -> Selector {
    read_selector::<VenueId>(id)
}
