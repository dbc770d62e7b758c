//! The Redis server in `HOLDFAST_TEST_REDIS`. Each test uses keys under its own prefix, which are left there.

use std::hash::{BuildHasher, RandomState};

use crate::unavailable;

const VARIABLE: &str = "HOLDFAST_TEST_REDIS";

/// The server's URL, or reports that the test is skipped.
pub fn server_or_skip() -> Option<String> {
    let url = std::env::var(VARIABLE).ok().filter(|url| !url.is_empty());
    if url.is_none() {
        unavailable("HOLDFAST_TEST_REDIS names no server; `cargo xtask test` starts one");
    }
    url
}

/// The key prefix of one test.
pub fn key_prefix() -> String {
    format!("test-{:016x}:", RandomState::new().hash_one(VARIABLE))
}
