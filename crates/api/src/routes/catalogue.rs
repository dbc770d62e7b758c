//! The endpoints of venues, pools and offerings.

use std::collections::HashMap;
use std::sync::Arc;

use app::App;
use app::catalogue::{self, Additions};
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use domain::actor::Actor;
use domain::authorise::{Resource, authorise};
use domain::catalogue::{Catalogue, Selector};
use domain::decide::Chance as _;
use domain::field::FieldErrors;
use domain::ids::{BusinessId, OfferingId, PoolId, VenueId};
use domain::offering::{Offering, Part, Recipe};
use domain::permission::Permission;
use domain::pool::{Axis, Pool};
use domain::venue::Venue;
use wire::problem::Problem;
use wire::problem::kinds;
use wire::requests::lists::SlotList;

use super::examples;
use super::extract::{Body, Segment, json, path_id};
use crate::caller::Caller;
use crate::form;
use crate::form::catalogue::{AskedOffering, AskedPool, AskedVenue};
use crate::route::{READ, Route, WRITE};
use crate::view::answers::{Added, Capacity, Offerings, Pools, Slots, Venues};
use crate::view::catalogue::{OfferingView, PoolView, SlotView, VenueView};

type Shared = State<Arc<App>>;

/// Bytes of a request that adds a whole catalogue.
const CATALOGUE_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Slots shown in one answer.
const SLOTS_SHOWN_MAX: i64 = 2_000;

pub fn all() -> Vec<Route> {
    let venue = |route: Route| route.segment("id", "The venue's id or code.", "bistro");
    let pool = |route: Route| route.id::<PoolId>("id", "The pool's id.");
    vec![
        change(Route::post("/api/v1/catalogue", add_all), Permission::AddVenue)
            .named("addCatalogue", "Catalogue", "Add venues with their pools and offerings")
            .body_bytes_max(CATALOGUE_BYTES_MAX)
            .takes_named("NewCatalogue", examples::catalogues)
            .gives_named(201, "Added", "How much was added.")
            .refuses(&[kinds::CODE_TAKEN]),
        read(Route::get("/api/v1/venues", venues))
            .named("listVenues", "Catalogue", "List venues")
            .gives_named(200, "Venues", "All venues."),
        change(Route::post("/api/v1/venues", add_venue), Permission::AddVenue)
            .named("addVenue", "Catalogue", "Add a venue")
            .body_bytes_max(CATALOGUE_BYTES_MAX)
            .takes_named("NewVenue", examples::venues)
            .gives_named(201, "Venue", "The venue.")
            .refuses(&[kinds::CODE_TAKEN]),
        venue(read(Route::get("/api/v1/venues/{id}", self::venue)))
            .named("getVenue", "Catalogue", "Read a venue")
            .gives_named(200, "Venue", "The venue.")
            .refuses(&[kinds::NOT_FOUND]),
        venue(read(Route::get("/api/v1/venues/{id}/pools", pools)))
            .named("listPools", "Catalogue", "List a venue's pools")
            .gives_named(200, "Pools", "All pools of the venue.")
            .refuses(&[kinds::NOT_FOUND]),
        venue(change(Route::post("/api/v1/venues/{id}/pools", add_pool), Permission::ChangeCatalogue))
            .named("addPool", "Catalogue", "Add a pool")
            .body_bytes_max(CATALOGUE_BYTES_MAX)
            .takes_named("NewPool", examples::pools)
            .gives_named(201, "Pool", "The pool.")
            .refuses(&[kinds::NOT_FOUND]),
        venue(read(Route::get("/api/v1/venues/{id}/offerings", offerings)))
            .named("listOfferings", "Catalogue", "List a venue's offerings")
            .gives_named(200, "Offerings", "All offerings of the venue.")
            .refuses(&[kinds::NOT_FOUND]),
        venue(change(
            Route::post("/api/v1/venues/{id}/offerings", add_offering),
            Permission::ChangeCatalogue,
        ))
        .named("addOffering", "Catalogue", "Add an offering")
        .takes_named("NewOffering", examples::offerings)
        .gives_named(201, "Offering", "The offering.")
        .refuses(&[kinds::NOT_FOUND, kinds::CODE_TAKEN]),
        pool(change(Route::put("/api/v1/pools/{id}/capacity", change_capacity), Permission::ChangeCapacity))
            .named("changeCapacity", "Catalogue", "Change a capacity")
            .takes_named("CapacityChange", examples::capacities)
            .gives_named(200, "Capacity", "The new capacity.")
            .refuses(&[kinds::NOT_FOUND, kinds::CAPACITY_BELOW_TAKEN]),
        pool(read(Route::get("/api/v1/pools/{id}/slots", slots)))
            .named("listSlots", "Catalogue", "Read how much of a pool is taken")
            .query::<SlotList>()
            .gives_named(200, "Slots", "The slots from `from` to `to`, both included.")
            .refuses(&[kinds::NOT_FOUND])
            .refuses(READ),
    ]
}

fn read(route: Route) -> Route {
    route.permission(Permission::ReadCatalogue)
}

fn change(route: Route, permission: Permission) -> Route {
    route.permission(permission).refuses(WRITE)
}

async fn add_all(State(app): Shared, Caller(actor): Caller, Body(body): Body) -> Result<Response, Problem> {
    Ok(json(StatusCode::CREATED, &add_json(&app, actor, &body).await?))
}

/// Adds a catalogue written as JSON, as `POST /api/v1/catalogue` does. An error says what is wrong with it.
pub async fn add_catalogue(app: &App, actor: Actor, json: &'static str) -> Result<usize, String> {
    let added = add_json(app, actor, &Bytes::from_static(json.as_bytes())).await;
    added.map(|added| added.venues).map_err(|problem| problem.to_string())
}

/// Adds a catalogue written as JSON.
async fn add_json(app: &App, actor: Actor, body: &Bytes) -> Result<Added, Problem> {
    authorise(actor, Permission::AddVenue, Resource::SHARED)?;
    let asked = form::read(body, form::catalogue::venues)?;
    let additions = Drawing::new(app).venues(actor, asked)?;
    let added = Added {
        venues: additions.venues.len(),
        pools: additions.pools.len(),
        offerings: additions.offerings.len(),
        venue_ids: additions.venues.iter().map(|venue| venue.id.to_string()).collect(),
    };
    catalogue::add(app, additions).await?;
    Ok(added)
}

async fn add_venue(State(app): Shared, Caller(actor): Caller, Body(body): Body) -> Result<Response, Problem> {
    authorise(actor, Permission::AddVenue, Resource::SHARED)?;
    let asked = form::read(&body, form::catalogue::venue)?;
    let additions = Drawing::new(&app).venues(actor, vec![asked])?;
    let id = additions.venues.first().map(|venue| venue.id).ok_or_else(|| Problem::not_found("venue"))?;
    catalogue::add(&app, additions).await?;
    let snapshot = app.catalogue.snapshot();
    let venue = snapshot.venue(id).ok_or_else(|| Problem::not_found("venue"))?;
    Ok(json(StatusCode::CREATED, &VenueView::from(venue.as_ref())))
}

async fn venues(State(app): Shared, Caller(actor): Caller) -> Result<Response, Problem> {
    authorise(actor, Permission::ReadCatalogue, Resource::SHARED)?;
    let snapshot = app.catalogue.snapshot();
    let mut all: Vec<&Arc<Venue>> = snapshot.venues().collect();
    all.sort_by_key(|venue| venue.id);
    let venues = all.into_iter().map(|venue| VenueView::from(venue.as_ref())).collect();
    Ok(json(StatusCode::OK, &Venues { venues }))
}

async fn venue(State(app): Shared, Caller(actor): Caller, Segment(id): Segment) -> Result<Response, Problem> {
    authorise(actor, Permission::ReadCatalogue, Resource::SHARED)?;
    let snapshot = app.catalogue.snapshot();
    let venue = find_venue(&snapshot, &id)?;
    Ok(json(StatusCode::OK, &VenueView::from(venue.as_ref())))
}

async fn add_pool(
    State(app): Shared,
    Caller(actor): Caller,
    Segment(id): Segment,
    Body(body): Body,
) -> Result<Response, Problem> {
    let venue = changeable(&app, actor, &id)?;
    let asked = form::read(&body, form::catalogue::pool)?;
    let mut drawing = Drawing::new(&app);
    drawing.pool(venue.id, asked);
    let pool = drawing.additions.pools.first().cloned().ok_or_else(|| Problem::not_found("pool"))?;
    catalogue::add(&app, drawing.additions).await?;
    Ok(json(StatusCode::CREATED, &PoolView::from(&pool)))
}

async fn pools(State(app): Shared, Caller(actor): Caller, Segment(id): Segment) -> Result<Response, Problem> {
    authorise(actor, Permission::ReadCatalogue, Resource::SHARED)?;
    let snapshot = app.catalogue.snapshot();
    let venue = find_venue(&snapshot, &id)?;
    let mut all: Vec<&Arc<Pool>> = snapshot.pools().filter(|pool| pool.venue == venue.id).collect();
    all.sort_by_key(|pool| pool.id);
    let pools = all.into_iter().map(|pool| PoolView::from(pool.as_ref())).collect();
    Ok(json(StatusCode::OK, &Pools { pools }))
}

async fn add_offering(
    State(app): Shared,
    Caller(actor): Caller,
    Segment(id): Segment,
    Body(body): Body,
) -> Result<Response, Problem> {
    let venue = changeable(&app, actor, &id)?;
    let asked = form::read(&body, form::catalogue::offering)?;
    let mut drawing = Drawing::new(&app);
    drawing.offering(venue.id, asked);
    let additions = drawing.finish()?;
    let offering = additions.offerings.first().cloned().ok_or_else(|| Problem::not_found("offering"))?;
    catalogue::add(&app, additions).await?;
    Ok(json(StatusCode::CREATED, &OfferingView::new(&offering, venue.currency)))
}

async fn offerings(
    State(app): Shared,
    Caller(actor): Caller,
    Segment(id): Segment,
) -> Result<Response, Problem> {
    authorise(actor, Permission::ReadCatalogue, Resource::SHARED)?;
    let snapshot = app.catalogue.snapshot();
    let venue = find_venue(&snapshot, &id)?;
    let mut all: Vec<&Arc<Offering>> =
        snapshot.offerings().filter(|offering| offering.venue == venue.id).collect();
    all.sort_by_key(|offering| offering.id);
    let offerings = all.into_iter().map(|offering| OfferingView::new(offering, venue.currency)).collect();
    Ok(json(StatusCode::OK, &Offerings { offerings }))
}

async fn change_capacity(
    State(app): Shared,
    Caller(actor): Caller,
    Segment(id): Segment,
    Body(body): Body,
) -> Result<Response, Problem> {
    let id: PoolId = path_id(&id)?;
    let snapshot = app.catalogue.snapshot();
    let pool = snapshot.pool(id).ok_or_else(|| Problem::not_found("pool"))?;
    let asked = form::read(&body, |form| form::catalogue::capacity(form, &pool.axis))?;
    catalogue::change_capacity(&app, actor, id, asked.extent(), asked.capacity).await?;
    Ok(json(StatusCode::OK, &Capacity { pool_id: id, capacity: asked.capacity }))
}

async fn slots(
    State(app): Shared,
    Caller(actor): Caller,
    Segment(id): Segment,
    uri: Uri,
) -> Result<Response, Problem> {
    authorise(actor, Permission::ReadCatalogue, Resource::SHARED)?;
    let id: PoolId = path_id(&id)?;
    let snapshot = app.catalogue.snapshot();
    let pool = snapshot.pool(id).ok_or_else(|| Problem::not_found("pool"))?;
    let (first, last) = shown_range(&pool.axis, &pairs(&uri)?)?;
    let found = catalogue::occupancy(&app, pool, first, last).await?;
    Ok(json(StatusCode::OK, &Slots { slots: SlotView::all(pool, found) }))
}

/// All parameters of a query, in their order.
fn pairs(uri: &Uri) -> Result<Vec<(String, String)>, Problem> {
    let pairs = Query::<Vec<(String, String)>>::try_from_uri(uri);
    pairs.map(|Query(pairs)| pairs).map_err(|_| Problem::invalid_field("query:", "cannot be read"))
}

/// The slots from `from` to `to`; all of them where the pool has no time.
fn shown_range(axis: &Axis, pairs: &[(String, String)]) -> Result<(i64, i64), Problem> {
    let wrong = |name: &str, detail: &str| Problem::invalid_field(format!("query:{name}"), detail);
    if let Some((name, _)) = pairs.iter().find(|(name, _)| name != "from" && name != "to") {
        return Err(wrong(name, "is not a parameter here"));
    }
    let end = |name: &str| {
        let text = pairs.iter().find(|(known, _)| known == name).map(|(_, text)| text.as_str());
        let slot = match axis {
            Axis::Quantity => Some(0),
            Axis::Seated(map) if name == "from" => Some(map.seat_count().min(0)),
            Axis::Seated(map) => Some(map.seat_count() - 1),
            Axis::Nightly => text.and_then(form::date).map(domain::time::day_number),
            Axis::Timed(ticks) => text
                .and_then(|text| text.parse::<jiff::Timestamp>().ok())
                .map(|at| ticks.at_or_after(at.into())),
        };
        slot.ok_or_else(|| wrong(name, "is required: a date for a nightly pool, a moment for a timed one"))
    };
    let (first, last) = (end("from")?, end("to")?);
    let limited = matches!(axis, Axis::Nightly | Axis::Timed(_));
    if last < first || (limited && last - first >= SLOTS_SHOWN_MAX) {
        return Err(wrong("to", &format!("must be from 0 to {SLOTS_SHOWN_MAX} slots after from")));
    }
    Ok((first, last))
}

fn find_venue<'c>(snapshot: &'c Catalogue, id: &str) -> Result<&'c Arc<Venue>, Problem> {
    snapshot.find_venue(&form::selector(id, VenueId::PREFIX)).ok_or_else(|| Problem::not_found("venue"))
}

fn changeable(app: &App, actor: Actor, id: &str) -> Result<Arc<Venue>, Problem> {
    let snapshot = app.catalogue.snapshot();
    let venue = find_venue(&snapshot, id)?;
    authorise(actor, Permission::ChangeCatalogue, Resource::of_business("venue", venue.business))?;
    Ok(Arc::clone(venue))
}

/// Additions on their way from a request: ids are drawn and names resolved.
struct Drawing<'a> {
    app: &'a App,
    snapshot: Arc<Catalogue>,
    additions: Additions,
    references: HashMap<String, PoolId>,
    errors: FieldErrors,
}

impl<'a> Drawing<'a> {
    fn new(app: &'a App) -> Self {
        let (snapshot, errors) = (app.catalogue.snapshot(), FieldErrors::default());
        Self { app, snapshot, additions: Additions::default(), references: HashMap::new(), errors }
    }

    fn finish(self) -> Result<Additions, Problem> {
        self.errors.or(self.additions).map_err(|errors| Problem::invalid(&errors))
    }

    fn venues(mut self, actor: Actor, asked: Vec<AskedVenue>) -> Result<Additions, Problem> {
        for venue in asked {
            let business = self.business(actor, venue.business)?;
            self.venue(business, venue);
        }
        self.finish()
    }

    /// A business adds venues of its own; an admin says whose they are.
    fn business(&self, actor: Actor, asked: Option<BusinessId>) -> Result<BusinessId, Problem> {
        match actor {
            Actor::Business(staff) if asked.is_none_or(|asked| asked == staff.business) => Ok(staff.business),
            Actor::Guest(_) | Actor::Business(_) => Err(Problem::forbidden(Permission::AddVenue)),
            Actor::Admin(_) | Actor::System => Ok(asked.unwrap_or_else(|| BusinessId(self.draw()))),
        }
    }

    fn venue(&mut self, business: BusinessId, asked: AskedVenue) {
        let id = VenueId(self.draw());
        let AskedVenue { code, kind, name, time_zone, currency, opening_hours, pools, offerings, .. } = asked;
        self.additions.venues.push(Venue {
            id,
            business,
            code,
            kind,
            name,
            time_zone,
            currency,
            opening_hours,
        });
        self.references.clear();
        for pool in pools {
            self.pool(id, pool);
        }
        for offering in offerings {
            self.offering(id, offering);
        }
    }

    fn pool(&mut self, venue: VenueId, asked: AskedPool) {
        let id = PoolId(self.draw());
        let AskedPool { reference, name, axis, capacity } = asked;
        self.references.extend(reference.map(|reference| (reference, id)));
        self.additions.pools.push(Pool { id, venue, name, axis, capacity });
    }

    fn offering(&mut self, venue: VenueId, asked: AskedOffering) {
        let mut recipes = Vec::with_capacity(asked.recipes.len());
        for recipe in &asked.recipes {
            let mut parts = Vec::with_capacity(recipe.len());
            for part in recipe {
                match self.pool_of(venue, &asked, &part.pool) {
                    Ok(pool) => parts.push(Part { pool, units: part.units }),
                    Err(detail) => self.errors.add_at(&asked.base, "recipes", detail),
                }
            }
            recipes.push(Recipe(parts));
        }
        let AskedOffering {
            code,
            kind,
            name,
            unit_price_minor,
            confirmation,
            party,
            seating,
            starts_at,
            active,
            ..
        } = asked;
        let (party_min, party_max) = party;
        self.additions.offerings.push(Offering {
            id: OfferingId(self.draw()),
            venue,
            code,
            kind,
            name,
            unit_price_minor,
            confirmation,
            party_min,
            party_max,
            seating,
            starts_at,
            recipes,
            active,
        });
    }

    /// The pool that a recipe names: of the same venue, and of a kind that the offering can draw on.
    fn pool_of(&self, venue: VenueId, offering: &AskedOffering, named: &Selector) -> Result<PoolId, String> {
        let id = match named {
            Selector::Code(reference) => self.references.get(reference).copied(),
            Selector::Id(id) => Some(PoolId(*id)),
        };
        let new = self.additions.pools.iter().find(|pool| Some(pool.id) == id);
        let known = id.and_then(|id| self.snapshot.pool(id)).map(Arc::as_ref);
        let pool =
            new.or(known).filter(|pool| pool.venue == venue).ok_or("no pool of this venue has this id")?;
        let kinds = offering.kind.pool_kinds();
        if kinds.contains(&pool.axis.kind()) {
            return Ok(pool.id);
        }
        Err(format!("a {} draws on pools that are {}", offering.kind.as_str(), kinds.join(" or ")))
    }

    fn draw(&self) -> uuid::Uuid {
        let mut chance = self.app.chance.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        chance.id(self.app.clock.now(), 0)
    }
}
