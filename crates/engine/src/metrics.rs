//! What the lanes count, in Prometheus' terms. Handles are resolved once, so that counting costs nanoseconds.

use prometheus::core::Collector;
use prometheus::{
    Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, Opts, Registry, exponential_buckets,
};

pub struct Metrics {
    /// Commands waiting for a lane, over all lanes.
    pub lane_queue_length: IntGauge,
    /// Commands in one batch.
    pub lane_batch_commands: Histogram,
    /// From the start of a batch's transaction to the end of its commit, in seconds.
    pub lane_batch_seconds: Histogram,
    /// The commit alone, in seconds.
    pub lane_commit_seconds: Histogram,
    /// From entering the queue to leaving it, in seconds.
    pub lane_wait_seconds: Histogram,
    /// Batches that failed and were retried command by command.
    pub lane_batches_replayed: IntCounter,
    pub answers_replayed: IntCounter,
    /// Panics of background tasks, by task.
    pub task_panics: IntCounterVec,
}

impl Metrics {
    pub fn new(registry: &Registry) -> Self {
        let seconds = |name, help| histogram(registry, (name, help), buckets(0.000_05, 18));
        Self {
            lane_queue_length: gauge(registry, "holdfast_lane_queue_length", "Commands waiting for a lane"),
            lane_batch_commands: histogram(
                registry,
                ("holdfast_lane_batch_commands", "Commands in a batch"),
                buckets(1.0, 11),
            ),
            lane_batch_seconds: seconds("holdfast_lane_batch_seconds", "Duration of a batch"),
            lane_commit_seconds: seconds("holdfast_lane_commit_seconds", "Duration of a commit"),
            lane_wait_seconds: seconds("holdfast_lane_wait_seconds", "Time a command waits in the queue"),
            lane_batches_replayed: counter(
                registry,
                "holdfast_lane_batches_replayed_total",
                "Batches retried command by command",
            ),
            answers_replayed: counter(
                registry,
                "holdfast_answers_replayed_total",
                "Responses replayed for an idempotency key",
            ),
            task_panics: counters(
                registry,
                ("holdfast_task_panics_total", "Background tasks that panicked and were begun again"),
                &["task"],
            ),
        }
    }
}

fn buckets(first: f64, count: usize) -> Vec<f64> {
    exponential_buckets(first, 2.0, count).expect("the buckets are well formed")
}

pub fn counter(registry: &Registry, name: &str, help: &str) -> IntCounter {
    registered(registry, IntCounter::new(name, help))
}

pub fn counters(registry: &Registry, (name, help): (&str, &str), labels: &[&str]) -> IntCounterVec {
    registered(registry, IntCounterVec::new(Opts::new(name, help), labels))
}

pub fn gauge(registry: &Registry, name: &str, help: &str) -> IntGauge {
    registered(registry, IntGauge::new(name, help))
}

fn histogram(registry: &Registry, (name, help): (&str, &str), buckets: Vec<f64>) -> Histogram {
    registered(registry, Histogram::with_opts(HistogramOpts::new(name, help).buckets(buckets)))
}

/// Registers a metric. Each is registered once, at the start.
pub fn registered<M: Collector + Clone + 'static>(registry: &Registry, metric: prometheus::Result<M>) -> M {
    let metric = metric.expect("the metric is well formed");
    registry.register(Box::new(metric.clone())).expect("each metric is registered once");
    metric
}
