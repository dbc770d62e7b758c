//! Tests that cannot run here say so.

use std::io::Write;

/// Says why a test does nothing, on a line that begins with `skipped:` so that such lines can be counted. It goes past
/// the test runner's capture, which would hide it because the test passes.
pub fn skipped(reason: &str) {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    let mut stderr = std::io::stderr().lock();
    // Nobody listens: then nobody counts either.
    let _ = writeln!(stderr, "skipped: {test}: {reason}");
}
