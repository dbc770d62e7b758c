//! The engine's promises, on both databases.

#[cfg(test)]
mod keys;
#[cfg(test)]
mod order;
#[cfg(test)]
mod undo;
#[cfg(test)]
mod world;
