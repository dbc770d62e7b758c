//! Answers that only wrap something.

use domain::ids::PoolId;
use serde::Serialize;
use utoipa::ToSchema;

use super::booking::HistoryView;
use super::catalogue::{OfferingView, PoolView, SlotView, VenueView};
use crate::problem::kinds::Kind;

#[derive(Serialize, ToSchema)]
pub struct History {
    pub history: Vec<HistoryView>,
}

#[derive(Serialize, ToSchema)]
pub struct Venues<'a> {
    pub venues: Vec<VenueView<'a>>,
}

#[derive(Serialize, ToSchema)]
pub struct Pools<'a> {
    pub pools: Vec<PoolView<'a>>,
}

#[derive(Serialize, ToSchema)]
pub struct Offerings<'a> {
    pub offerings: Vec<OfferingView<'a>>,
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

/// How much was added to the catalogue.
#[derive(Serialize, ToSchema)]
pub struct Added {
    pub venues: usize,
    pub pools: usize,
    pub offerings: usize,
    /// In the order of the request.
    pub venue_ids: Vec<String>,
}

#[derive(Serialize, ToSchema)]
pub struct Health {
    /// `ok`.
    pub status: &'static str,
    pub version: &'static str,
}

/// What a kind of problem means.
#[derive(Serialize, ToSchema)]
pub struct ProblemKind {
    r#type: String,
    title: &'static str,
    status: u16,
    /// When a caller meets it.
    meaning: &'static str,
    /// What the caller can do about it.
    remedy: &'static str,
    members: Vec<Member>,
}

/// What a problem has besides `type`, `title`, `status` and `detail`.
#[derive(Serialize, ToSchema)]
#[schema(as = ProblemMember)]
pub struct Member {
    name: &'static str,
    meaning: &'static str,
}

impl From<&'static Kind> for ProblemKind {
    fn from(kind: &'static Kind) -> Self {
        let member = |(name, meaning): &(&'static str, &'static str)| Member { name, meaning };
        Self {
            r#type: kind.uri(),
            title: kind.title,
            status: kind.status.as_u16(),
            meaning: kind.meaning,
            remedy: kind.remedy,
            members: kind.members.iter().map(member).collect(),
        }
    }
}
