//! The endpoints. Each file has the table of its noun's [routes](crate::route) and its handlers.

mod account;
mod audit;
mod auth;
mod bookings;
mod businesses;
mod catalogue;
mod changes;
pub mod dev_inbox;
mod examples;
pub mod extract;
mod health;
mod jobs;
mod lists;
mod members;
mod offerings;
mod pools;
mod privacy;

use std::collections::BTreeSet;

pub use catalogue::add_catalogue;

use crate::route::Route;

/// All documented routes, in the order of the document.
pub fn all() -> Vec<Route> {
    [
        bookings::all(),
        changes::all(),
        lists::all(),
        privacy::all(),
        audit::all(),
        catalogue::all(),
        pools::all(),
        offerings::all(),
        auth::all(),
        account::all(),
        businesses::all(),
        members::all(),
        jobs::all(),
        health::all(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The documented paths, each once.
pub fn paths() -> BTreeSet<&'static str> {
    all().into_iter().map(|route| route.path).collect()
}
