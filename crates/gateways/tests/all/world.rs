//! Shared helpers.

use domain::time::Instant;

/// 2025-10-09T08:53:20Z.
pub const NOW: Instant = Instant(1_760_000_000_000);

pub fn run<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    runtime.unwrap().block_on(work)
}
