//! The catalogue: what is for sale. Use cases that add, read, change and withdraw it, one file per noun; each authorises
//! itself. All of them write through [`change`], and what they write is in the next snapshot of this process at once.

pub mod additions;
mod announce;
mod cache;
pub mod capacity;
mod change;
pub mod drafts;
pub mod events;
pub mod occupancy;
pub mod offerings;
pub mod pools;
pub mod venues;

pub use additions::{Additions, add};
pub use cache::{CatalogueCache, refresh};

use std::sync::Arc;

use domain::actor::Actor;
use domain::authorise::{Denied, Resource, authorise};
use domain::catalogue::{Catalogue, Selector};
use domain::field::FieldError;
use domain::permission::Permission;
use domain::venue::Venue;

use engine::Fault;

#[derive(Debug, thiserror::Error)]
pub enum CatalogueRefusal {
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("the request has wrong fields")]
    Invalid(Vec<FieldError>),
    #[error("the code is already in use")]
    CodeTaken,
    #[error("it is at version {actual}, not {expected}")]
    VersionConflict { expected: i64, actual: i64 },
    /// It was withdrawn, which is for good.
    #[error("it is withdrawn")]
    Withdrawn,
    /// Bookings rest on this field as it is.
    #[error("{field} cannot be changed: {detail}")]
    InUse { field: &'static str, detail: String },
    #[error("{taken} units of slot {slot} are taken")]
    BelowTaken { slot: i64, taken: i64 },
    #[error(transparent)]
    Failed(#[from] Fault),
}

impl From<Vec<FieldError>> for CatalogueRefusal {
    fn from(errors: Vec<FieldError>) -> Self {
        Self::Invalid(errors)
    }
}

/// A page of venues, pools or offerings as it was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListAsked<Id> {
    pub after: Option<Id>,
    pub count_max: i64,
    pub with_withdrawn: bool,
}

/// A page, and the last thing on it where there are more.
#[derive(Debug)]
pub struct ListPage<T, Id> {
    pub items: Vec<T>,
    pub next: Option<Id>,
}

impl<Id: Copy + Ord> ListAsked<Id> {
    /// The page of things that are in the order of their ids, which is that in which they were added.
    fn page<T>(self, all: impl Iterator<Item = T>, id: impl Fn(&T) -> Id) -> ListPage<T, Id> {
        let count_max = usize::try_from(self.count_max).unwrap_or(0);
        let mut items: Vec<T> =
            all.filter(|item| self.after.is_none_or(|after| id(item) > after)).take(count_max + 1).collect();
        let has_more = items.len() > count_max;
        items.truncate(count_max);
        ListPage { next: items.last().map(&id).filter(|_| has_more), items }
    }
}

/// What there is to read is for everyone who may read the catalogue.
fn authorise_reading(actor: Actor) -> Result<(), Denied> {
    authorise(actor, Permission::ReadCatalogue, Resource::SHARED)
}

fn find_venue<'c>(catalogue: &'c Catalogue, named: &Selector) -> Result<&'c Arc<Venue>, Denied> {
    catalogue.find_venue(named).ok_or(Denied::NotFound("venue"))
}

/// The venue, if the actor may do this with it.
fn authorised_venue(
    catalogue: &Catalogue,
    actor: Actor,
    permission: Permission,
    named: &Selector,
) -> Result<Arc<Venue>, Denied> {
    let venue = find_venue(catalogue, named)?;
    authorise(actor, permission, Resource::of_business("venue", venue.business))?;
    Ok(Arc::clone(venue))
}
