//! What is known of people: found by an exact address or number, handed out whole, erased.

mod erase;
mod export;
mod search;

pub use erase::{Erased, ErasureRefusal, erase};
pub use export::{Export, export};
pub use search::{Found, Sought, search};

use domain::actor::Actor;
use domain::ids::GuestId;

/// Whether what is known of `guest` is this actor's to have: their own, or for an admin anybody's.
fn is_of(actor: Actor, guest: GuestId) -> bool {
    match actor {
        Actor::Guest(id) => id == guest,
        Actor::Admin(_) | Actor::System => true,
        Actor::Business(_) => false,
    }
}
