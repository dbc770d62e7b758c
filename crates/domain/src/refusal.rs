//! Why a command was refused. The caller can act on each variant.

use crate::ids::{OfferingId, PoolId};
use crate::offering::SaleWindow;
use crate::status::Status;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("booking not found")]
    NotFound,
    #[error("the booking's version is {actual}, not {expected}")]
    VersionConflict { expected: i64, actual: i64 },
    #[error("a booking's status cannot change from {from} to {to}")]
    TransitionRefused { from: Status, to: Status },
    #[error("a booking with the status {0} cannot be changed")]
    NotChangeable(Status),
    #[error("the hold has expired")]
    HoldEnded,
    #[error("not enough units available: {} requested, {} free", .0.asked, .0.free)]
    Unavailable(Shortfall),
    #[error("{offering} is not on sale")]
    NotOnSale { booking: usize, line: usize, offering: OfferingId, sale: SaleWindow },
    #[error("the price is {actual_minor} minor units, not {expected_minor}")]
    PriceChanged { booking: usize, expected_minor: i64, actual_minor: i64 },
    #[error("the idempotency key was used for another request")]
    KeyReused,
}

/// Where there are not enough units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shortfall {
    /// The position of the booking in the order and of the line in the booking, both counted from 0.
    pub booking: usize,
    pub line: usize,
    pub pool: PoolId,
    pub slot: i64,
    pub asked: i64,
    pub free: i64,
}
