//! Venues, pools and offerings as they are asked for. Pools and offerings may name each other by `ref` within one
//! request, as ids are generated afterwards.

use std::collections::HashMap;
use std::sync::Arc;

use domain::actor::Actor;
use domain::authorise::{Denied, Resource, authorise};
use domain::catalogue::{Catalogue, Selector};
use domain::decide::Chance as _;
use domain::field::FieldErrors;
use domain::ids::{BusinessId, OfferingId, PoolId, VenueId};
use domain::money::Currency;
use domain::offering::{Confirmation, LengthRule, Offering, OfferingKind, Part, Recipe, SaleWindow, Seating};
use domain::opening::{OpeningExceptions, OpeningHours};
use domain::permission::Permission;
use domain::pool::{Axis, Pool};
use domain::time::Instant;
use domain::venue::{Venue, VenueKind};
use jiff::tz::TimeZone;

use super::CatalogueRefusal;
use super::additions::{Additions, add_by};
use crate::App;

pub struct VenueDraft {
    /// Said by an admin; a business adds venues of its own.
    pub business: Option<BusinessId>,
    pub code: Option<String>,
    pub kind: VenueKind,
    pub name: String,
    pub time_zone: TimeZone,
    pub currency: Currency,
    pub opening_hours: Option<OpeningHours>,
    pub opening_exceptions: OpeningExceptions,
    pub pools: Vec<PoolDraft>,
    pub offerings: Vec<OfferingDraft>,
}

pub struct PoolDraft {
    /// A name for offerings of the same request to use.
    pub reference: Option<String>,
    pub name: String,
    pub axis: Axis,
    pub capacity: i64,
}

pub struct OfferingDraft {
    /// JSON pointer of the offering's object in the request.
    pub base: String,
    pub code: Option<String>,
    pub kind: OfferingKind,
    pub name: String,
    pub unit_price_minor: i64,
    pub confirmation: Confirmation,
    pub party: (i64, i64),
    pub seating: Seating,
    pub lengths: LengthRule,
    pub starts_at: Option<Instant>,
    pub sale: SaleWindow,
    pub recipes: Vec<Vec<PartDraft>>,
    pub active: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct PartDraft {
    /// The pool's id, or its `ref` in the same request.
    pub pool: Selector,
    pub units: i64,
}

/// How much was added, and which venues.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Added {
    pub venues: Vec<VenueId>,
    pub pools: usize,
    pub offerings: usize,
}

/// Adds venues with their pools and offerings.
pub async fn add_all(app: &App, actor: Actor, drafts: Vec<VenueDraft>) -> Result<Added, CatalogueRefusal> {
    authorise(actor, Permission::AddVenue, Resource::SHARED)?;
    let mut resolving = Resolving::new(app);
    for draft in drafts {
        let business = resolving.business(actor, draft.business)?;
        resolving.venue(business, draft);
    }
    let additions = resolving.finish()?;
    let added = Added {
        venues: additions.venues.iter().map(|venue| venue.id).collect(),
        pools: additions.pools.len(),
        offerings: additions.offerings.len(),
    };
    add_by(app, actor, additions).await?;
    Ok(added)
}

/// Drafts on their way to additions: ids are generated and names resolved. Collects everything that is wrong.
pub(super) struct Resolving<'a> {
    app: &'a App,
    snapshot: Arc<Catalogue>,
    additions: Additions,
    references: HashMap<String, PoolId>,
    errors: FieldErrors,
}

impl<'a> Resolving<'a> {
    pub fn new(app: &'a App) -> Self {
        let (snapshot, errors) = (app.catalogue.snapshot(), FieldErrors::default());
        Self { app, snapshot, additions: Additions::default(), references: HashMap::new(), errors }
    }

    pub fn finish(self) -> Result<Additions, CatalogueRefusal> {
        Ok(self.errors.or(self.additions)?)
    }

    /// A business adds its own venues; an admin names the business.
    pub fn business(&self, actor: Actor, asked: Option<BusinessId>) -> Result<BusinessId, Denied> {
        match actor {
            Actor::Business(staff) if asked.is_none_or(|asked| asked == staff.business) => Ok(staff.business),
            Actor::Guest(_) | Actor::Business(_) => Err(Denied::Forbidden(Permission::AddVenue)),
            Actor::Admin(_) | Actor::System => Ok(asked.unwrap_or_else(|| BusinessId(self.new_id()))),
        }
    }

    pub fn venue(&mut self, business: BusinessId, draft: VenueDraft) {
        let id = VenueId(self.new_id());
        self.additions.venues.push(Venue {
            id,
            version: 1,
            business,
            code: draft.code,
            kind: draft.kind,
            name: draft.name,
            time_zone: draft.time_zone,
            currency: draft.currency,
            opening_hours: draft.opening_hours,
            opening_exceptions: draft.opening_exceptions,
            withdrawn_at: None,
        });
        self.references.clear();
        draft.pools.into_iter().for_each(|pool| self.pool(id, pool));
        draft.offerings.into_iter().for_each(|offering| self.offering(id, offering));
    }

    pub fn pool(&mut self, venue: VenueId, draft: PoolDraft) {
        let id = PoolId(self.new_id());
        let PoolDraft { reference, name, axis, capacity } = draft;
        self.references.extend(reference.map(|reference| (reference, id)));
        self.additions.pools.push(Pool { id, version: 1, venue, name, axis, capacity, withdrawn_at: None });
    }

    pub fn offering(&mut self, venue: VenueId, draft: OfferingDraft) {
        let find = |named: &Selector| {
            let id = match named {
                Selector::Code(reference) => self.references.get(reference).copied()?,
                Selector::Id(id) => PoolId(*id),
            };
            let new = self.additions.pools.iter().find(|pool| pool.id == id);
            new.or_else(|| self.snapshot.pool(id).map(Arc::as_ref)).filter(|pool| pool.venue == venue)
        };
        let recipes = recipes(&draft.base, draft.kind, &draft.recipes, find, &mut self.errors);
        let (party_min, party_max) = draft.party;
        let offering = Offering {
            id: OfferingId(self.new_id()),
            version: 1,
            venue,
            code: draft.code,
            kind: draft.kind,
            name: draft.name,
            unit_price_minor: draft.unit_price_minor,
            confirmation: draft.confirmation,
            party_min,
            party_max,
            seating: draft.seating,
            lengths: draft.lengths,
            starts_at: draft.starts_at,
            sale: draft.sale,
            recipes,
            active: draft.active,
            withdrawn_at: None,
        };
        offering.check(&draft.base, &mut self.errors);
        self.additions.offerings.push(offering);
    }

    fn new_id(&self) -> uuid::Uuid {
        let mut chance = self.app.chance.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        chance.id(self.app.clock.now(), 0)
    }
}

/// The recipes with their pools, which `find` looks up at the venue. Notes each part that names none, or one of a kind
/// that the offering cannot draw on.
pub(super) fn recipes<'p>(
    base: &str,
    kind: OfferingKind,
    drafts: &[Vec<PartDraft>],
    find: impl Fn(&Selector) -> Option<&'p Pool>,
    errors: &mut FieldErrors,
) -> Vec<Recipe> {
    let mut part = |part: &PartDraft| {
        let kinds = kind.pool_kinds();
        let wrong = match find(&part.pool) {
            None => "no pool of this venue has this id".to_owned(),
            Some(pool) if pool.withdrawn_at.is_some() => "the pool is withdrawn".to_owned(),
            Some(pool) if kinds.contains(&pool.axis.kind()) => {
                return Some(Part { pool: pool.id, units: part.units });
            }
            Some(_) => format!("a {} needs pools of kind {}", kind.as_str(), kinds.join(" or ")),
        };
        errors.add_at(base, "recipes", wrong);
        None
    };
    drafts.iter().map(|recipe| Recipe(recipe.iter().filter_map(&mut part).collect())).collect()
}
