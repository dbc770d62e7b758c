//! The Redis server that `HOLDFAST_TEST_REDIS` names, of which each test has the keys under a prefix of its own. They
//! are left there and go with the server.

use std::hash::{BuildHasher, RandomState};

use crate::unavailable;

const VARIABLE: &str = "HOLDFAST_TEST_REDIS";

/// The server's URL, or a line that says that the test is skipped.
pub fn server_or_skip() -> Option<String> {
    let url = std::env::var(VARIABLE).ok().filter(|url| !url.is_empty());
    if url.is_none() {
        unavailable("HOLDFAST_TEST_REDIS names no server; `cargo xtask test` starts one");
    }
    url
}

/// What the keys of one test begin with.
pub fn key_prefix() -> String {
    format!("test-{:016x}:", RandomState::new().hash_one(VARIABLE))
}
