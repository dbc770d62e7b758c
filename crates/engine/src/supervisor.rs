//! Background tasks: a panic is counted and logged, and the task is begun again.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt as _;
use prometheus::IntCounterVec;
use tokio::task::JoinHandle;

/// How long a task rests after a panic, in milliseconds.
const REST_MS: u64 = 1_000;

/// Runs a task until it ends or the handle is aborted. `panics` counts by the task's name.
pub fn supervise<F: Future<Output = ()> + Send + 'static>(
    name: &'static str,
    panics: IntCounterVec,
    task: impl Fn() -> F + Send + 'static,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        // What a task shares with others is behind locks that survive a panic, and the rest is made anew.
        while AssertUnwindSafe(task()).catch_unwind().await.is_err() {
            panics.with_label_values(&[name]).inc();
            tracing::error!(task = name, "a background task panicked and is begun again");
            tokio::time::sleep(Duration::from_millis(REST_MS)).await;
        }
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use prometheus::Opts;

    use super::*;

    #[tokio::test]
    async fn a_task_that_panics_is_counted_and_begun_again() {
        let panics = IntCounterVec::new(Opts::new("panics", "Panics"), &["task"]).unwrap();
        let begun = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&begun);
        let task = move || {
            let begun = Arc::clone(&count);
            async move { assert!(begun.fetch_add(1, Ordering::Relaxed) > 0, "the first time it panics") }
        };
        supervise("counting", panics.clone(), task).await.unwrap();
        assert_eq!(begun.load(Ordering::Relaxed), 2);
        assert_eq!(panics.with_label_values(&["counting"]).get(), 1);
    }
}
