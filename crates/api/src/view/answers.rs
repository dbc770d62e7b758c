//! Responses without a noun.

use domain::ids::PoolId;
use serde::Serialize;
use utoipa::ToSchema;

use super::catalogue::{OfferingView, PoolView, SlotView, VenueView};

#[derive(Serialize, ToSchema)]
pub struct Venues<'a> {
    pub venues: Vec<VenueView<'a>>,
    /// Where the next page begins; null on the last one.
    pub next_cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct Pools<'a> {
    pub pools: Vec<PoolView<'a>>,
    /// Where the next page begins; null on the last one.
    pub next_cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct Offerings<'a> {
    pub offerings: Vec<OfferingView<'a>>,
    /// Where the next page begins; null on the last one.
    pub next_cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct Slots {
    pub slots: Vec<SlotView>,
}

#[derive(Serialize, ToSchema)]
pub struct Capacity {
    #[schema(value_type = String)]
    pub pool_id: PoolId,
    pub capacity: i64,
}

/// What was added to the catalogue.
#[derive(Serialize, ToSchema)]
pub struct Added {
    pub venues: usize,
    pub pools: usize,
    pub offerings: usize,
    /// In the order of the request.
    pub venue_ids: Vec<String>,
}

impl From<app::catalogue::drafts::Added> for Added {
    fn from(added: app::catalogue::drafts::Added) -> Self {
        Self {
            venues: added.venues.len(),
            pools: added.pools,
            offerings: added.offerings,
            venue_ids: added.venues.iter().map(ToString::to_string).collect(),
        }
    }
}
