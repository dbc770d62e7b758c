//! Why a command was not done: each variant is something the caller can act on.

use crate::ids::{OfferingId, PoolId};
use crate::offering::SaleWindow;
use crate::status::Status;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("no such booking")]
    NotFound,
    #[error("the booking is at version {actual}, not {expected}")]
    VersionConflict { expected: i64, actual: i64 },
    #[error("a booking cannot go from {from} to {to}")]
    TransitionRefused { from: Status, to: Status },
    #[error("a booking that is {0} can no longer be changed")]
    NotChangeable(Status),
    #[error("the hold has ended")]
    HoldEnded,
    #[error("not enough units are free")]
    Unavailable(Shortfall),
    #[error("{offering} is not on sale")]
    NotOnSale { booking: usize, line: usize, offering: OfferingId, sale: SaleWindow },
    #[error("the price is {actual_minor}, not {expected_minor}")]
    PriceChanged { booking: usize, expected_minor: i64, actual_minor: i64 },
    #[error("the idempotency key was used for another request")]
    KeyReused,
}

/// Where the units ran out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shortfall {
    /// Which booking of the order, and which of its lines, counted from 0.
    pub booking: usize,
    pub line: usize,
    pub pool: PoolId,
    pub slot: i64,
    pub asked: i64,
    pub free: i64,
}
