//! The rules of the domain, one module per concept. Start with `world`, the catalogue of these tests, and `desk`,
//! which plans and decides as a lane does.

#[cfg(test)]
mod ask;
#[cfg(test)]
mod decide;
#[cfg(test)]
mod desk;
#[cfg(test)]
mod dice;
#[cfg(test)]
mod patch;
#[cfg(test)]
mod plan;
#[cfg(test)]
mod random;
#[cfg(test)]
mod shelf;
#[cfg(test)]
mod world;
