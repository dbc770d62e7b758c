//! The endpoints of offerings and of events.

use app::catalogue::{events, offerings};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::catalogue::Selector;
use domain::ids::OfferingId;
use domain::permission::Permission;
use wire::kind::read_selector;
use wire::problem::{Problem, kinds};
use wire::read::read_optional;
use wire::requests::catalogue::{EventList, OfferingChange, OfferingList, Withdrawal};
use wire::view::events::{EventPage, EventView};

use super::catalogue::{Shared, change, edit, named as venue_named, read, venue, withdraw};
use super::examples;
use super::extract::{Asked, Body, Segment, Versioned, json, tagged};
use crate::caller::Caller;
use crate::form;
use crate::route::{READ, Route};
use crate::view::answers::Offerings;
use crate::view::catalogue::OfferingView;

pub fn all() -> Vec<Route> {
    let offering = |route: Route| route.segment("id", "The offering's id or code.", "city-double");
    vec![
        venue(read(Route::get("/api/v1/venues/{id}/offerings", list)))
            .named("listOfferings", "Catalogue", "List a venue's offerings")
            .says("In the order in which they were added.")
            .query::<OfferingList>()
            .gives_named(200, "Offerings", "A page of offerings.")
            .refuses(&[kinds::NOT_FOUND]),
        venue(change(Route::post("/api/v1/venues/{id}/offerings", add), Permission::ChangeCatalogue))
            .named("addOffering", "Catalogue", "Add an offering")
            .takes_named("NewOffering", examples::offerings)
            .gives_named(201, "Offering", "The offering.")
            .refuses(&[kinds::NOT_FOUND, kinds::CODE_TAKEN, kinds::WITHDRAWN]),
        offering(read(Route::get("/api/v1/offerings/{id}", by_id)))
            .named("getOffering", "Catalogue", "Read an offering")
            .says("The header ETag contains the version.")
            .gives_named(200, "Offering", "The offering.")
            .refuses(&[kinds::NOT_FOUND]),
        offering(edit(Route::patch("/api/v1/offerings/{id}", edit_offering)))
            .named("changeOffering", "Catalogue", "Change an offering")
            .takes::<OfferingChange>()
            .gives_named(200, "Offering", "The offering after the change.")
            .refuses(&[kinds::CODE_TAKEN, kinds::IN_USE]),
        offering(withdraw(Route::post("/api/v1/offerings/{id}/withdraw", withdraw_offering)))
            .named("withdrawOffering", "Catalogue", "Withdraw an offering")
            .gives_named(200, "Offering", "The offering, withdrawn."),
        read(Route::get("/api/v1/events", list_events))
            .named("listEvents", "Catalogue", "List events and the seats that are left")
            .says("Ticketed offerings that are for sale, in the order in which they begin.")
            .query::<EventList>()
            .gives::<EventPage>(200, "A page of events.")
            .refuses(READ),
        read(Route::get("/api/v1/events/{id}", event))
            .named("getEvent", "Catalogue", "Read an event and the seats that are left")
            .segment("id", "The id or code of a ticketed offering.", "concert-standing")
            .gives::<EventView>(200, "The event.")
            .refuses(&[kinds::NOT_FOUND])
            .refuses(READ),
    ]
}

async fn list(
    State(app): Shared,
    Caller(actor): Caller,
    Segment(id): Segment,
    Asked(asked): Asked<OfferingList>,
) -> Result<Response, Problem> {
    let page = offerings::list(&app, actor, &venue_named(&id), asked.into())?;
    let offerings = page.items.iter().map(OfferingView::new).collect();
    Ok(json(StatusCode::OK, &Offerings { offerings, next_cursor: page.next.map(|id| id.to_string()) }))
}

async fn add(
    State(app): Shared,
    Caller(actor): Caller,
    Segment(id): Segment,
    Body(body): Body,
) -> Result<Response, Problem> {
    let draft = form::read(&body, form::catalogue::offering)?;
    let offering = offerings::add(&app, actor, &venue_named(&id), draft).await?;
    Ok(json(StatusCode::CREATED, &OfferingView::new(&offering)))
}

async fn by_id(State(app): Shared, Caller(actor): Caller, Segment(id): Segment) -> Result<Response, Problem> {
    let offering = offerings::read(&app, actor, &named(&id))?;
    Ok(tagged(offering.offering.version, &OfferingView::new(&offering)))
}

async fn edit_offering(
    State(app): Shared,
    Caller(actor): Caller,
    Segment(id): Segment,
    Versioned(version, asked): Versioned<OfferingChange>,
) -> Result<Response, Problem> {
    let offering = offerings::edit(&app, actor, &named(&id), version, asked.into()).await?;
    Ok(tagged(offering.offering.version, &OfferingView::new(&offering)))
}

async fn withdraw_offering(
    State(app): Shared,
    Caller(actor): Caller,
    Segment(id): Segment,
    Body(body): Body,
) -> Result<Response, Problem> {
    let asked = read_optional::<Withdrawal>(&body)?;
    let offering = offerings::withdraw(&app, actor, &named(&id), asked.expected_version).await?;
    Ok(tagged(offering.offering.version, &OfferingView::new(&offering)))
}

async fn list_events(
    State(app): Shared,
    Caller(actor): Caller,
    Asked(EventList { page, page_size }): Asked<EventList>,
) -> Result<Response, Problem> {
    let found = events::list(&app, actor, page, page_size).await?;
    let events = found.events.iter().map(EventView::from).collect();
    Ok(json(StatusCode::OK, &EventPage { events, page, page_size, total: found.total }))
}

async fn event(State(app): Shared, Caller(actor): Caller, Segment(id): Segment) -> Result<Response, Problem> {
    let event = events::read(&app, actor, &named(&id)).await?;
    Ok(json(StatusCode::OK, &EventView::from(&event)))
}

fn named(id: &str) -> Selector {
    read_selector::<OfferingId>(id)
}
