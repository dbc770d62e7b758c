//! The API through its router, without sockets, on both databases. Start with `world`, the catalogue and callers, and
//! `client`, which sends requests and validates every response against the OpenAPI document.

#[cfg(test)]
mod audit;
#[cfg(test)]
mod availability;
#[cfg(test)]
mod capacities;
#[cfg(test)]
mod catalogue;
#[cfg(test)]
mod client;
#[cfg(test)]
mod clocks;
#[cfg(test)]
mod contract;
#[cfg(test)]
mod documents;
#[cfg(test)]
mod edits;
#[cfg(test)]
mod events;
#[cfg(test)]
mod external;
#[cfg(test)]
mod holds;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod inbox;
#[cfg(test)]
mod jobs;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod lists;
#[cfg(test)]
mod middleware;
#[cfg(test)]
mod orders;
#[cfg(test)]
mod people;
#[cfg(test)]
mod privacy;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod sealed;
#[cfg(test)]
mod updates;
#[cfg(test)]
mod walk;
#[cfg(test)]
mod who;
#[cfg(test)]
mod world;
