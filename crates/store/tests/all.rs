//! The store's promises, each kept on both databases. One binary, so that it links once.

#[cfg(test)]
mod conformance;
