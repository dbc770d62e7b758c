//! Tests that cannot run here say so, and fail where every test must run.

use std::env;
use std::fs::File;
use std::io::Write;

/// Where `cargo xtask test` collects the skipped tests, because the output of passing tests is hidden.
const COLLECTED: &str = "HOLDFAST_TEST_SKIPS";

/// Says that a test needs a program or a server that it does not find. Fails the test in CI and in `cargo xtask test`,
/// which have them all; elsewhere the test is skipped.
pub fn unavailable(reason: &str) {
    let must_run = env::var("CI").is_ok_and(|value| value == "true") || env::var_os(COLLECTED).is_some();
    assert!(!must_run, "{reason}");
    skipped(reason);
}

/// Reports why a test does nothing, on a line that begins with `skipped:`.
pub fn skipped(reason: &str) {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    let line = format!("skipped: {test}: {reason}\n");
    // A line that cannot be written is of no use to anyone.
    let _ = std::io::stderr().lock().write_all(line.as_bytes());
    let collected = env::var_os(COLLECTED).and_then(|path| File::options().append(true).open(path).ok());
    if let Some(mut collected) = collected {
        let _ = collected.write_all(line.as_bytes());
    }
}
