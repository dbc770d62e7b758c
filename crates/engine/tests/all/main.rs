//! The engine's promises, on both databases.

mod keys;
mod order;
mod undo;
mod world;
