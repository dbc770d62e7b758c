//! The endpoints of pools, their capacities and their slots.

use app::catalogue::{capacity, occupancy, pools};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::ids::PoolId;
use domain::permission::Permission;
use domain::pool::Axis;
use wire::kind::read_date;
use wire::problem::{Problem, kinds};
use wire::read::read_optional;
use wire::requests::catalogue::{PoolChange, PoolList, Withdrawal};
use wire::requests::lists::SlotList;

use super::catalogue::{CATALOGUE_BYTES_MAX, Shared, change, edit, named, read, venue, withdraw};
use super::examples;
use super::extract::{Asked, Body, Id, Segment, Versioned, json, tagged};
use crate::caller::Caller;
use crate::form;
use crate::route::{READ, Route};
use crate::view::answers::{Capacity, Pools, Slots};
use crate::view::catalogue::{PoolView, SlotView};

/// Slots shown in one answer.
const SLOTS_SHOWN_MAX: i64 = 2_000;

pub fn all() -> Vec<Route> {
    let pool = |route: Route| route.id::<PoolId>("id", "The pool's id.");
    vec![
        venue(read(Route::get("/api/v1/venues/{id}/pools", list)))
            .named("listPools", "Catalogue", "List a venue's pools")
            .says("In the order in which they were added.")
            .query::<PoolList>()
            .gives_named(200, "Pools", "A page of pools.")
            .refuses(&[kinds::NOT_FOUND]),
        venue(change(Route::post("/api/v1/venues/{id}/pools", add), Permission::ChangeCatalogue))
            .named("addPool", "Catalogue", "Add a pool")
            .body_bytes_max(CATALOGUE_BYTES_MAX)
            .takes_named("NewPool", examples::pools)
            .gives_named(201, "Pool", "The pool.")
            .refuses(&[kinds::NOT_FOUND, kinds::WITHDRAWN]),
        pool(read(Route::get("/api/v1/pools/{id}", by_id)))
            .named("getPool", "Catalogue", "Read a pool")
            .says("The header ETag contains the version.")
            .gives_named(200, "Pool", "The pool.")
            .refuses(&[kinds::NOT_FOUND, kinds::INVALID_REQUEST]),
        pool(edit(Route::patch("/api/v1/pools/{id}", edit_pool)))
            .named("changePool", "Catalogue", "Change a pool")
            .body_bytes_max(CATALOGUE_BYTES_MAX)
            .takes::<PoolChange>()
            .gives_named(200, "Pool", "The pool after the change.")
            .refuses(&[kinds::CAPACITY_BELOW_TAKEN, kinds::IN_USE]),
        pool(withdraw(Route::post("/api/v1/pools/{id}/withdraw", withdraw_pool)))
            .named("withdrawPool", "Catalogue", "Withdraw a pool")
            .gives_named(200, "Pool", "The pool, withdrawn."),
        pool(change(Route::put("/api/v1/pools/{id}/capacity", change_capacity), Permission::ChangeCapacity))
            .named("changeCapacity", "Catalogue", "Change a pool's capacity")
            .takes_named("CapacityChange", examples::capacities)
            .gives_named(200, "Capacity", "The new capacity.")
            .refuses(&[kinds::NOT_FOUND, kinds::CAPACITY_BELOW_TAKEN]),
        pool(read(Route::get("/api/v1/pools/{id}/slots", slots)))
            .named("listSlots", "Catalogue", "Read how much of a pool is taken")
            .query::<SlotList>()
            .gives_named(200, "Slots", "The slots from `from` to `to`, inclusive.")
            .refuses(&[kinds::NOT_FOUND])
            .refuses(READ),
    ]
}

async fn list(
    State(app): Shared,
    Caller(actor): Caller,
    Segment(id): Segment,
    Asked(asked): Asked<PoolList>,
) -> Result<Response, Problem> {
    let page = pools::list(&app, actor, &named(&id), asked.into())?;
    let pools = page.items.iter().map(|pool| PoolView::from(pool.as_ref())).collect();
    Ok(json(StatusCode::OK, &Pools { pools, next_cursor: page.next.map(|id| id.to_string()) }))
}

async fn add(
    State(app): Shared,
    Caller(actor): Caller,
    Segment(id): Segment,
    Body(body): Body,
) -> Result<Response, Problem> {
    let draft = form::read(&body, form::catalogue::pool)?;
    let pool = pools::add(&app, actor, &named(&id), draft).await?;
    Ok(json(StatusCode::CREATED, &PoolView::from(&pool)))
}

async fn by_id(State(app): Shared, Caller(actor): Caller, Id(id): Id<PoolId>) -> Result<Response, Problem> {
    let pool = pools::read(&app, actor, id)?;
    Ok(tagged(pool.version, &PoolView::from(pool.as_ref())))
}

async fn edit_pool(
    State(app): Shared,
    Caller(actor): Caller,
    Id(id): Id<PoolId>,
    Versioned(version, asked): Versioned<PoolChange>,
) -> Result<Response, Problem> {
    let pool = pools::edit(&app, actor, id, version, asked.into()).await?;
    Ok(tagged(pool.version, &PoolView::from(pool.as_ref())))
}

async fn withdraw_pool(
    State(app): Shared,
    Caller(actor): Caller,
    Id(id): Id<PoolId>,
    Body(body): Body,
) -> Result<Response, Problem> {
    let asked = read_optional::<Withdrawal>(&body)?;
    let pool = pools::withdraw(&app, actor, id, asked.expected_version).await?;
    Ok(tagged(pool.version, &PoolView::from(pool.as_ref())))
}

async fn change_capacity(
    State(app): Shared,
    Caller(actor): Caller,
    Id(id): Id<PoolId>,
    Body(body): Body,
) -> Result<Response, Problem> {
    let axis = capacity::axis(&app, id)?;
    let asked = form::read(&body, |form| form::catalogue::capacity(form, &axis))?;
    capacity::change_capacity(&app, actor, id, asked.extent(), asked.capacity).await?;
    Ok(json(StatusCode::OK, &Capacity { pool_id: id, capacity: asked.capacity }))
}

async fn slots(
    State(app): Shared,
    Caller(actor): Caller,
    Id(id): Id<PoolId>,
    Asked(asked): Asked<SlotList>,
) -> Result<Response, Problem> {
    let pool = pools::read(&app, actor, id)?;
    let (first, last) = shown_range(&pool.axis, &asked)?;
    let found = occupancy::occupancy(&app, &pool, first, last).await?;
    Ok(json(StatusCode::OK, &Slots { slots: SlotView::all(&pool, found) }))
}

/// The slots from `from` to `to`; all slots if the pool has no time.
fn shown_range(axis: &Axis, asked: &SlotList) -> Result<(i64, i64), Problem> {
    let wrong = |name: &str, detail: &str| Problem::invalid_field(format!("query:{name}"), detail);
    let end = |name: &str, text: Option<&str>| {
        let slot = match axis {
            Axis::Quantity => Some(0),
            Axis::Seated(map) if name == "from" => Some(map.last_slot().min(0)),
            Axis::Seated(map) => Some(map.last_slot()),
            Axis::Nightly => text.and_then(read_date).map(domain::time::day_number),
            Axis::Timed(ticks) => text
                .and_then(|text| text.parse::<jiff::Timestamp>().ok())
                .map(|at| ticks.at_or_after(at.into())),
        };
        slot.ok_or_else(|| {
            wrong(name, "is required: a date for a nightly pool, a date and time for a timed one")
        })
    };
    let (first, last) = (end("from", asked.from.as_deref())?, end("to", asked.to.as_deref())?);
    let limited = matches!(axis, Axis::Nightly | Axis::Timed(_));
    if last < first || (limited && last - first >= SLOTS_SHOWN_MAX) {
        return Err(wrong("to", &format!("must be from 0 to {SLOTS_SHOWN_MAX} slots after from")));
    }
    Ok((first, last))
}
