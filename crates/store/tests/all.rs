//! The guarantees of the store, on both databases. One binary, so that it links once.

#[cfg(test)]
mod conformance;
