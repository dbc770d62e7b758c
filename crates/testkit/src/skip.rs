//! Tests that cannot run here say so.

use std::fs::File;
use std::io::Write;

/// Where `cargo xtask test` collects the lines of skipped tests: their own output is hidden because they pass.
const COLLECTED: &str = "HOLDFAST_TEST_SKIPS";

/// Says why a test does nothing, on a line that begins with `skipped:`.
pub fn skipped(reason: &str) {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    let line = format!("skipped: {test}: {reason}\n");
    // Nobody listens: then nobody counts either.
    let _ = std::io::stderr().lock().write_all(line.as_bytes());
    let collected = std::env::var_os(COLLECTED).and_then(|path| File::options().append(true).open(path).ok());
    if let Some(mut collected) = collected {
        let _ = collected.write_all(line.as_bytes());
    }
}
